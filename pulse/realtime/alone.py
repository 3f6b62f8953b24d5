"""Without Redis one process has all the sockets: a second would never hear of what the first commits.

So it must not start.
"""

from __future__ import annotations

import fcntl
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.conf import settings
from django.db import connections

# An arbitrary number that means this lock, in the database of an installation.
ADVISORY_LOCK = 0x50756C7365
_held: list[Any] = []


class NotAlone(RuntimeError):
    def __init__(self) -> None:
        super().__init__(
            "Another live process of this installation is running without Redis, and two can't hear each other. "
            "Stop it, or set REDIS_URL for both."
        )


def claim() -> None:
    """Be the one live process, until this process ends. Raises :class:`NotAlone`."""
    if settings.REDIS_URL or _held:
        return
    file = _lock_file()
    try:
        locks = [file, _lock_database()] if connections["default"].vendor == "postgresql" else [file]
    except BaseException:
        # Half a claim is none: kept, it would pass for a whole one at the next attempt.
        file.close()
        raise
    _held.extend(locks)


def _lock_file() -> Any:
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    # Not "w": whoever comes second must not wipe out the first one's number.
    file = (settings.DATA_DIR / "live.lock").open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise NotAlone from error
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def _lock_database() -> Any:
    """PostgreSQL may serve several machines: a lock of its own, on a connection that stays open."""
    # In a thread: under daphne this is asked on a running loop, where Django refuses to query.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(_lock).result()


def _lock() -> Any:
    connection = connections.create_connection("default")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [ADVISORY_LOCK])
        if not cursor.fetchone()[0]:
            connection.close()
            raise NotAlone
    return connection
