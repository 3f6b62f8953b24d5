"""Programs that read what strangers sent, each in a short-lived process with bounds on its memory and time.

Neither a crash nor a bomb in there reaches the server: it has the process's end to look at, and a file with its answer.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

# As many as this at once, in each of our processes: each may take its whole memory limit.
MOST_AT_ONCE = 2
# Whoever waits longer than this for their turn is told to come again.
PATIENCE_SECONDS = 5

_turns = threading.BoundedSemaphore(MOST_AT_ONCE)


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
    if not _turns.acquire(timeout=PATIENCE_SECONDS):
        raise Busy
    try:
        with TemporaryFile() as answer, TemporaryFile() as complaint:
            _execute([str(program), argument], source, answer, complaint, seconds)
            answer.seek(0)
            return answer.read()
    finally:
        _turns.release()


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
