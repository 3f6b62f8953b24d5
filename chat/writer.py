"""The writer: one thread per process that writes what the process's people send.

What waits while one commit runs shares the next: under load a commit serves many messages, at rest one message waits
for nobody. The thread only collects drafts; the rules and the counters are :mod:`chat.writing`'s.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future

import structlog
from django.db import Error, IntegrityError, InterfaceError, OperationalError, connection, transaction

from chat.writing import Draft, Outcome, write_messages
from pulse.lib.errors import DomainError, Unavailable

log = structlog.get_logger(__name__)

MAX_BATCH = 200
# How long a message waits for a database that went away before its sender is told to try again.
PATIENCE_SECONDS = 5.0
RETRY_SECONDS = 0.2
# More than this many waiting messages, and the sender is told at once: a queue that only grows helps nobody.
MAX_WAITING = 5_000

Done = Callable[[Outcome], None]


class Writer:
    """Start it once per process; :meth:`submit` from any thread."""

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[tuple[Draft, Done, float]] = queue.SimpleQueue()
        threading.Thread(target=self._run, name="pulse-writer", daemon=True).start()

    def submit(self, draft: Draft, done: Done) -> None:
        """Have ``draft`` written. ``done`` is called on the writer's thread after the commit, so it must be quick."""
        if self._waiting.qsize() > MAX_WAITING:
            done(Unavailable("Too many messages are waiting. Try again in a moment."))
            return
        self._waiting.put((draft, done, time.monotonic()))

    def write(self, draft: Draft) -> Outcome:
        """Have ``draft`` written and wait for the outcome."""
        outcome: Future[Outcome] = Future()
        self.submit(draft, outcome.set_result)
        return outcome.result()

    def _run(self) -> None:
        while True:
            batch = [self._waiting.get()]
            while len(batch) < MAX_BATCH:
                try:
                    batch.append(self._waiting.get_nowait())
                except queue.Empty:
                    break
            # The one that has waited longest decides how long all of them still may.
            outcomes = self._outcomes([draft for draft, _, _ in batch], deadline=batch[0][2] + PATIENCE_SECONDS)
            for (_, done, _), outcome in zip(batch, outcomes, strict=True):
                try:
                    done(outcome)
                except Exception:
                    log.exception("an outcome was not taken")

    def _outcomes(self, drafts: list[Draft], *, deadline: float) -> list[Outcome]:
        """One outcome for each draft, whatever happens to the database until ``deadline``; tried once in any case."""
        while True:
            try:
                return _write(drafts)
            except IntegrityError:
                # Two processes took one id at one moment, in two conversations. Alone, each draft sees the other's.
                if len(drafts) > 1:
                    return [self._outcomes([draft], deadline=deadline)[0] for draft in drafts]
                if time.monotonic() > deadline:
                    log.exception("a message was not written")
                    return [Unavailable()]
            except (OperationalError, InterfaceError) as error:
                # Also where the commit's answer was lost: ids already stored are found, so trying again is safe.
                log.warning("writer lost the database", error=type(error).__name__)
                _drop_connection()
                if time.monotonic() > deadline:
                    return [Unavailable() for _ in drafts]
            except Exception:
                log.exception("a batch was not written")
                _drop_connection()
                if len(drafts) > 1:
                    return [self._outcomes([draft], deadline=deadline)[0] for draft in drafts]
                return [DomainError("Pulse could not store this message.", code="not_stored")]
            time.sleep(RETRY_SECONDS)


def _write(drafts: list[Draft]) -> list[Outcome]:
    with transaction.atomic():
        return write_messages(drafts)


def _drop_connection() -> None:
    try:
        connection.close()
    except Error:
        connection.connection = None


_writer: Writer | None = None
_making = threading.Lock()


def writer() -> Writer:
    """This process's writer; made when first asked for, so that a server may fork before."""
    global _writer  # noqa: PLW0603  # one writer a process
    if _writer is None:
        with _making:
            if _writer is None:  # another thread may have been first
                _writer = Writer()
    return _writer
