"""Programs that read what strangers sent, each in a short-lived process with bounds on its memory and time.

Neither a crash nor a bomb in there reaches the server: it has the process's end to look at, and a file with its answer.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

# As many as this at once, in each of our processes: each may take its whole memory limit.
MOST_AT_ONCE = 2
# Whoever waits longer than this for their turn is told to come again, and so is who comes while so many wait: each of
# them holds one of the few threads that answer everybody.
PATIENCE_SECONDS = 5
MOST_WAITING = 2

_turns = threading.BoundedSemaphore(MOST_AT_ONCE)
_places = threading.BoundedSemaphore(MOST_AT_ONCE + MOST_WAITING)


class Broken(Exception):
    """The program crashed on what it read, or ran out of memory or time."""


class Busy(Exception):
    """Too many of them are at work."""


def run(program: Path, argument: str, *, source: IO[bytes], seconds: float) -> bytes:
    """What ``program``, a Python file, writes when it reads ``source`` from its beginning.

    ``source`` must be a file with a descriptor. The program sets its own limits, as its first act; ``seconds`` is
    what the clock on the wall gives it. Raises Broken and Busy.
    """
    source.flush()
    source.seek(0)
    with _turn(), TemporaryFile() as answer, TemporaryFile() as complaint:
        _execute([str(program), argument], source, answer, complaint, seconds)
        answer.seek(0)
        return answer.read()


@contextmanager
def _turn() -> Iterator[None]:
    if not _places.acquire(blocking=False):
        raise Busy
    try:
        if not _turns.acquire(timeout=PATIENCE_SECONDS):
            raise Busy
        try:
            yield
        finally:
            _turns.release()
    finally:
        _places.release()


def _execute(program: list[str], source: IO[bytes], answer: IO[bytes], complaint: IO[bytes], seconds: float) -> None:
    # Isolated: neither our environment, with its secrets, nor our modules are in there. Files, since how much may be
    # written to them is bounded, while what comes through a pipe piles up in our memory.
    command = [sys.executable, "-I", "-B", *program]
    try:
        done = subprocess.run(  # noqa: S603  # our own interpreter, our own program
            command, stdin=source, stdout=answer, stderr=complaint, env={}, cwd="/", timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise Broken from error
    if done.returncode < 0:
        # By a signal: a crash, or one of its limits.
        raise Broken
    if done.returncode > 0:
        # It answers whatever it reads, so this is a fault of ours.
        complaint.seek(0)
        raise RuntimeError(f"{program[0]} failed: {complaint.read()[-2000:].decode(errors='replace')}")
