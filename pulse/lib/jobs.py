"""Jobs: what is done after the answer. The queue is django-tasks', in the database; here is what it leaves out.

A job is enqueued inside the transaction that wants it, and so is there exactly if that one committed. Its arguments are
stored as JSON: no secret goes in.
"""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import structlog
from django.db import OperationalError, close_old_connections, connections
from django.utils import timezone
from django.utils.crypto import get_random_string
from django_tasks import DEFAULT_TASK_BACKEND_ALIAS, TaskResultStatus
from django_tasks.base import Task
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult
from django_tasks_db.utils import exclusive_transaction

log = structlog.get_logger(__name__)

MAX_TRIES = 6
FIRST_DELAY_SECONDS = 30
POLL_SECONDS = 0.75
# A job that ended its process so often is not begun again.
MAX_STARTS = 5
# Tells this worker's jobs from those of `db_worker` processes.
THREAD_PREFIX = "thread-"


def try_again_later(job: Task[..., Any], *, attempt: int, **arguments: Any) -> bool:
    """Queue ``job`` again after its try number ``attempt`` (from 1) failed, later each time: 30 s, 2 min, ... 2 h.

    The job takes ``attempt`` as an argument. False once it has been tried often enough.
    """
    if attempt >= MAX_TRIES:
        return False
    delay = timedelta(seconds=FIRST_DELAY_SECONDS * 4 ** (attempt - 1))
    job.using(run_after=timezone.now() + delay).enqueue(attempt=attempt + 1, **arguments)
    return True


class ThreadWorker(Worker):
    """django-tasks' worker for a thread beside a web server: no signals, and it looks before it locks."""

    def __init__(self) -> None:
        super().__init__(
            queue_names=["*"],
            interval=POLL_SECONDS,
            batch=False,
            backend_name=DEFAULT_TASK_BACKEND_ALIAS,
            startup_delay=False,
            max_tasks=None,
            worker_id=f"{THREAD_PREFIX}{get_random_string(24)}",
            excluded_queue_names=[],
        )
        self._stopping = threading.Event()

    def stop(self) -> None:
        self._stopping.set()

    def run(self) -> None:
        try:
            self._begin_again_what_was_cut_off()
            while not self._stopping.is_set():
                if not self._work():
                    self._stopping.wait(self.interval)
        finally:
            connections.close_all()

    def run_waiting(self) -> int:
        """Do all jobs whose time has come, here and now; returns how many."""
        done = 0
        while self._do_one():
            done += 1
        return done

    def _work(self) -> bool:
        try:
            return self._do_one()
        except Exception as error:  # noqa: BLE001  # the database may be away; the worker outlives that
            log.warning("jobs can't be read", error=type(error).__name__)
            return False
        finally:
            close_old_connections()

    def _do_one(self) -> bool:
        ready = DBTaskResult.objects.ready().filter(backend_name=self.backend_name)
        # A plain read first: the claim below takes SQLite's write lock, and most of the time there is nothing to do.
        if not ready.exists():
            return False
        try:
            with exclusive_transaction(ready.db):
                job = ready.get_locked()
                if job is not None:
                    job.claim(self.worker_id)
        except OperationalError:
            return False
        if job is None:
            return False
        self.run_task(job)
        return True

    def _begin_again_what_was_cut_off(self) -> None:
        """One process has a thread like this, so what its like had in hand when it starts was cut off with it."""
        try:
            for job in DBTaskResult.objects.running().filter(backend_name=self.backend_name)[:1000]:
                if not job.worker_ids[-1].startswith(THREAD_PREFIX):
                    continue
                job.status = TaskResultStatus.READY if len(job.worker_ids) < MAX_STARTS else TaskResultStatus.FAILED
                job.save(update_fields=["status"])
        except OperationalError as error:
            log.warning("cut-off jobs not found", error=type(error).__name__)


class WorkerThread(threading.Thread):
    """The worker beside an embedded server. It dies with the process; :meth:`stop` lets a job in hand finish first."""

    def __init__(self) -> None:
        super().__init__(name="pulse-worker", daemon=True)
        self._worker = ThreadWorker()

    def run(self) -> None:
        self._worker.run()

    def stop(self, *, patience_seconds: float = 5) -> None:
        self._worker.stop()
        self.join(patience_seconds)


def start_worker_thread() -> WorkerThread:
    """Begin to work off the queue in a thread of this process: for the embedded server alone."""
    thread = WorkerThread()
    thread.start()
    return thread
