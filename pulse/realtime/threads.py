"""Threads for the database work of a process that runs an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import connections

P = ParamSpec("P")
R = TypeVar("R")

READ_THREADS = 4
_readers = ThreadPoolExecutor(max_workers=READ_THREADS, thread_name_prefix="pulse-read")


def _guarded(call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    try:
        return call(*args, **kwargs)
    finally:
        for connection in connections.all(initialized_only=True):
            # A file stays open. A connection to a server goes back to the pool, which tells the dead from the living:
            # kept here, a dead one would fail the next call of its thread, long after the server is back.
            if connection.vendor != "sqlite" or connection.errors_occurred:
                connection.close()
                connection.errors_occurred = False


async def in_thread(call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run ``call`` in one of the process's few read threads and await what it returns."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_readers, lambda: _guarded(call, *args, **kwargs))
