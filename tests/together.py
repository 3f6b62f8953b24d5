"""Things that happen at one moment, in threads that each have a database connection of their own."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from django.db import connections

T = TypeVar("T")

PATIENCE_SECONDS = 60.0


def at_once(calls: Sequence[Callable[[], T]]) -> list[T]:
    """Makes all calls at one moment; returns what they return, or raises the first error."""
    barrier = threading.Barrier(len(calls))

    def make(call: Callable[[], T]) -> T:
        barrier.wait(PATIENCE_SECONDS)
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        futures = [pool.submit(make, call) for call in calls]
        return [future.result(PATIENCE_SECONDS) for future in futures]


@contextmanager
def meanwhile(call: Callable[[threading.Event], T]) -> Iterator[Future[T]]:
    """Runs `call(over)` beside what is in the `with`, and sets `over` at its end. The future has what it returned."""
    over = threading.Event()

    def make() -> T:
        try:
            return call(over)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(make)
        try:
            yield future
        finally:
            over.set()
            future.exception(PATIENCE_SECONDS)
    future.result()
