"""Jobs: what is done after the answer. The queue is django-tasks', in the database; here is what it leaves out.

A job is enqueued inside the transaction that wants it, and so is there exactly if that one committed. Its arguments are
stored as JSON: no secret goes in.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
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

from pulse.lib.batches import delete_in_batches
from pulse.lib.schedule import Periodic, wake

log = structlog.get_logger(__name__)

MAX_TRIES = 6
FIRST_DELAY_SECONDS = 30
POLL_SECONDS = 0.75
# A job that ended its process so often is not begun again.
MAX_STARTS = 5
# Longer than any job takes: what is still in hand after that was cut off with its process.
LONGEST_JOB = timedelta(hours=1)
# How often a worker looks for such.
LOOK_FOR_CUT_OFF_SECONDS = 60
RESULTS_KEPT = timedelta(days=7)
# Tells the jobs of an embedded server's worker from those of worker processes.
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


def withdraw_jobs(**arguments: Any) -> int:
    """Forget every job with these arguments, done or waiting; what is in hand goes on. Returns how many there were."""
    wanted = {f"args_kwargs__kwargs__{name}": value for name, value in arguments.items()}
    deleted, _ = DBTaskResult.objects.filter(**wanted).exclude(status=TaskResultStatus.RUNNING).delete()
    return deleted


def prune_results() -> int:
    """Forget jobs that were done, or given up, a week ago."""
    return delete_in_batches(DBTaskResult.objects.finished().filter(finished_at__lte=timezone.now() - RESULTS_KEPT))


class JobWorker(Worker):
    """django-tasks' worker, which looks before it locks, keeps a schedule, and stops when it is asked to."""

    prefix = "process-"

    def __init__(self, schedule: Sequence[Periodic] = ()) -> None:
        super().__init__(
            queue_names=["*"],
            interval=POLL_SECONDS,
            batch=False,
            backend_name=DEFAULT_TASK_BACKEND_ALIAS,
            startup_delay=False,
            max_tasks=None,
            worker_id=f"{self.prefix}{get_random_string(24)}",
            excluded_queue_names=[],
        )
        self.schedule = schedule
        self._stopping = threading.Event()
        self._looked_for_cut_off = float("-inf")

    def stop(self) -> None:
        """End after the job in hand."""
        self._stopping.set()

    def run(self) -> None:
        try:
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
            wake(self.schedule)
            self._look_for_cut_off()
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

    def _look_for_cut_off(self) -> None:
        """Every so often: jobs whose worker died with them in hand are begun again."""
        if time.monotonic() - self._looked_for_cut_off < LOOK_FOR_CUT_OFF_SECONDS:
            return
        self._looked_for_cut_off = time.monotonic()
        for job in self._cut_off():
            _begin_again(job)

    def _cut_off(self) -> list[DBTaskResult[..., Any]]:
        running = DBTaskResult.objects.running().filter(backend_name=self.backend_name)
        return list(running.filter(started_at__lte=timezone.now() - LONGEST_JOB)[:1000])


class ThreadWorker(JobWorker):
    """The worker of an embedded server, in a thread of its process."""

    prefix = THREAD_PREFIX

    def run(self) -> None:
        self._begin_again_at_once()
        super().run()

    def _begin_again_at_once(self) -> None:
        """One process has a thread like this, so what its like had in hand when it starts was cut off with it."""
        try:
            for job in DBTaskResult.objects.running().filter(backend_name=self.backend_name)[:1000]:
                if job.worker_ids[-1].startswith(self.prefix):
                    _begin_again(job)
        except OperationalError as error:
            log.warning("cut-off jobs not found", error=type(error).__name__)


def _begin_again(job: DBTaskResult[..., Any]) -> None:
    """Queue a job again that was cut off, or give it up. Of several workers that find it, one changes it."""
    same = DBTaskResult.objects.running().filter(pk=job.pk, worker_ids=job.worker_ids)
    if len(job.worker_ids) < MAX_STARTS:
        same.update(status=TaskResultStatus.READY)
    else:
        same.update(status=TaskResultStatus.FAILED, finished_at=timezone.now())


class WorkerThread(threading.Thread):
    """The worker beside an embedded server. It dies with the process; :meth:`stop` lets a job in hand finish first."""

    def __init__(self, schedule: Sequence[Periodic]) -> None:
        super().__init__(name="pulse-worker", daemon=True)
        self._worker = ThreadWorker(schedule)

    def run(self) -> None:
        self._worker.run()

    def stop(self, *, patience_seconds: float = 5) -> None:
        self._worker.stop()
        self.join(patience_seconds)


def start_worker_thread(schedule: Sequence[Periodic] = ()) -> WorkerThread:
    """Begin to work off the queue in a thread of this process: for the embedded server alone."""
    thread = WorkerThread(schedule)
    thread.start()
    return thread
