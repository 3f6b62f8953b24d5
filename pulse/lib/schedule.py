"""What is done every so often: each periodic job is one row of the queue, which workers wake when it is due.

The row's id follows from the task, so there is one however many workers look, and waking it is a comparison and a
change in one statement: so each round runs once. What is done each few seconds leaves no trail of results.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import BooleanField, Case, Q, Value, When
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks.base import Task
from django_tasks_db.models import DBTaskResult, get_date_max

# The namespace under which a periodic job's id follows from its task.
PERIODIC = uuid.UUID("0f2d8a5e-7a0b-5c93-9a54-6f1d3b8c2e71")
# A round that isn't over by then was cut off with its worker. Begun twice at worst, which every round must bear.
LONGEST_ROUND = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Periodic:
    """A task without arguments, and how many seconds after the end of one round the next is due."""

    task: Task[[], Any]
    seconds: float

    @property
    def id(self) -> uuid.UUID:
        return uuid.uuid5(PERIODIC, self.task.module_path)


def periodic(task: Task[[], Any], seconds: float) -> Periodic:
    """An entry of a schedule: ``task`` every ``seconds``, once however many workers there are."""
    return Periodic(task, seconds)


def wake(schedule: Sequence[Periodic]) -> None:
    """Queue what is due of ``schedule``. Called in every turn of a worker: where nothing is due it reads, once."""
    if not schedule:
        return
    rows = DBTaskResult.objects.filter(pk__in=[one.id for one in schedule])
    is_due = Case(When(_due(*schedule), then=Value(True)), default=Value(False), output_field=BooleanField())
    due = dict(rows.annotate(is_due=is_due).values_list("pk", "is_due"))
    for one in schedule:
        if one.id not in due:
            _put_in(one)
        elif due[one.id]:
            _begin_round(one)


def _due(*schedule: Periodic) -> Q:
    now = timezone.now()
    due = Q()
    for one in schedule:
        due |= Q(pk=one.id, finished_at__lte=now - timedelta(seconds=one.seconds))
        due |= Q(pk=one.id, status=TaskResultStatus.RUNNING, started_at__lte=now - LONGEST_ROUND)
    return due


def _put_in(one: Periodic) -> None:
    """The first round is due at once, behind what waits already. Of several workers that miss it, one puts it in."""
    task = one.task
    row: DBTaskResult[[], Any] = DBTaskResult(
        pk=one.id,
        args_kwargs={"args": [], "kwargs": {}},
        priority=task.priority,
        task_path=task.module_path,
        queue_name=task.queue_name,
        backend_name=task.backend,
        run_after=get_date_max(),
    )
    DBTaskResult.objects.bulk_create([row], ignore_conflicts=True)


def _begin_round(one: Periodic) -> None:
    # Whoever begins a round takes the end of the last one away, so that nobody begins it a second time.
    DBTaskResult.objects.filter(_due(one)).update(
        status=TaskResultStatus.READY,
        enqueued_at=timezone.now(),
        run_after=get_date_max(),
        started_at=None,
        finished_at=None,
        worker_ids=[],
        return_value=None,
        exception_class_path="",
        traceback="",
    )
