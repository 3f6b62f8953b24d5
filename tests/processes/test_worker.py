"""`manage.py worker`: the jobs and the schedule of a larger installation, in processes of their own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.installations import ROOT, Database

pytestmark = pytest.mark.processes

STATES = """
from django_tasks_db.models import DBTaskResult
for job in DBTaskResult.objects.order_by("task_path"):
    print(job.task_path.rpartition(".")[2], job.status, len(job.worker_ids), sep=":")
"""
ENQUEUE = "from accounts.tasks import mail_notice; mail_notice.enqueue(notice='account_closed', email='a@example.org', path='', device='', language='en')"  # noqa: E501
CUT_OFF = """
from datetime import timedelta
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
started_at = timezone.now() - timedelta(hours=2)
DBTaskResult.objects.filter(task_path__endswith="mail_notice").update(status="RUNNING", started_at=started_at, worker_ids=["process-gone"])
"""  # noqa: E501


@pytest.fixture
def database(installed: Database) -> Iterator[Database]:
    copied = installed.copy()
    yield copied
    copied.drop()


@pytest.fixture
def start_worker(database: Database) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Starts `manage.py worker` and waits until it says that it works."""
    with ExitStack() as stack:

        def start() -> subprocess.Popen[str]:
            worker = subprocess.Popen(
                [sys.executable, "manage.py", "worker"],
                cwd=ROOT,
                env=database.environment(),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
            stack.enter_context(worker)
            stack.callback(worker.kill)
            assert worker.stdout is not None
            assert worker.stdout.readline() == "Pulse does its jobs\n"
            return worker

        yield start


def shell(database: Database, code: str) -> str:
    return database.manage("shell", "--verbosity=0", "-c", code)


def states(database: Database) -> dict[str, str]:
    """{job: its state and how often it was begun}, of whatever is in the queue."""
    lines = shell(database, STATES).split()
    return {name: f"{state} {starts}" for name, state, starts in (line.split(":") for line in lines)}


def eventually(database: Database, expected: dict[str, Any]) -> None:
    deadline = time.monotonic() + 30
    while not expected.items() <= (found := states(database)).items():
        assert time.monotonic() < deadline, found
        time.sleep(0.3)


def test_two_workers_do_each_job_and_each_round_once_and_end_in_order(
    database: Database, start_worker: Callable[[], subprocess.Popen[str]]
) -> None:
    shell(database, ENQUEUE)
    workers = [start_worker(), start_worker()]
    once = "SUCCESSFUL 1"
    eventually(database, {"mail_notice": once, "prune": once, "sweep_expired_exports": once})
    for worker in workers:
        worker.send_signal(signal.SIGTERM)
    assert [worker.wait(10) for worker in workers] == [0, 0]


def test_what_a_killed_worker_had_in_hand_is_done_by_the_next(
    database: Database, start_worker: Callable[[], subprocess.Popen[str]]
) -> None:
    shell(database, ENQUEUE)
    shell(database, CUT_OFF)
    worker = start_worker()
    eventually(
        database, {"mail_notice": "SUCCESSFUL 2", "prune": "SUCCESSFUL 1", "sweep_expired_exports": "SUCCESSFUL 1"}
    )
    os.kill(worker.pid, signal.SIGINT)
    assert worker.wait(10) == 0
