"""Periodic jobs: each round once, however many workers there are."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from pulse.lib.jobs import JobWorker, ThreadWorker, prune_results, start_worker_thread
from pulse.lib.schedule import Periodic, periodic, wake
from pulse.schedule import SCHEDULE
from tests.lib.test_jobs import eventually
from tests.together import at_once

MINUTE = 60
pytestmark = pytest.mark.django_db


@task()
def water_the_plants() -> None:
    Group.objects.create(name=f"watered {Group.objects.count() + 1}")


@task()
def spill_it() -> None:
    raise RuntimeError("on purpose")


def rounds() -> int:
    return Group.objects.count()


def job_of(one: Periodic) -> DBTaskResult[..., Any]:
    return DBTaskResult.objects.get(pk=one.id)


def ago(one: Periodic, seconds: float, **fields: object) -> None:
    """The last round ended so long ago."""
    DBTaskResult.objects.filter(pk=one.id).update(finished_at=timezone.now() - timedelta(seconds=seconds), **fields)


@pytest.fixture
def plants() -> Periodic:
    return periodic(water_the_plants, seconds=MINUTE)


def test_the_first_round_comes_at_once_and_the_next_when_it_is_due(plants: Periodic) -> None:
    worker = ThreadWorker()
    wake([plants])
    assert worker.run_waiting() == 1
    ago(plants, MINUTE - 2)
    wake([plants])
    assert worker.run_waiting() == 0
    ago(plants, MINUTE + 1)
    wake([plants])
    assert worker.run_waiting() == 1
    assert rounds() == 2
    # What is done each few seconds leaves one row, not one for each time.
    assert DBTaskResult.objects.count() == 1


def test_a_round_that_failed_does_not_end_the_schedule() -> None:
    spilt = periodic(spill_it, seconds=MINUTE)
    worker = ThreadWorker()
    for _ in range(7):
        wake([spilt])
        assert worker.run_waiting() == 1
        assert job_of(spilt).status == "FAILED"
        ago(spilt, MINUTE + 1)


def test_where_nothing_is_due_a_turn_only_reads(plants: Periodic) -> None:
    wake([plants])
    ThreadWorker().run_waiting()
    with CaptureQueriesContext(connection) as queries:
        wake([plants])
    assert [query["sql"].split()[0] for query in queries] == ["SELECT"]


def test_a_round_that_was_cut_off_is_begun_again(plants: Periodic) -> None:
    wake([plants])
    lately, long_ago = timezone.now() - timedelta(minutes=9), timezone.now() - timedelta(minutes=11)
    row = DBTaskResult.objects.filter(pk=plants.id)
    row.update(status="RUNNING", started_at=lately, worker_ids=["process-gone"])
    wake([plants])
    assert job_of(plants).status == "RUNNING"
    row.update(started_at=long_ago)
    wake([plants])
    assert ThreadWorker().run_waiting() == 1


@pytest.mark.django_db(transaction=True)
def test_ten_workers_begin_one_round(plants: Periodic) -> None:
    for expected in (1, 2, 3):
        at_once([partial(wake, [plants])] * 10)
        at_once([lambda: JobWorker().run_waiting()] * 4)
        assert rounds() == expected
        ago(plants, MINUTE + 1)


@pytest.mark.django_db(transaction=True)
def test_the_embedded_worker_keeps_its_schedule() -> None:
    often = periodic(water_the_plants, seconds=0.1)
    thread = start_worker_thread([often])
    try:
        assert eventually(lambda: rounds() >= 3)
    finally:
        thread.stop()
    assert not thread.is_alive()


@pytest.mark.django_db(transaction=True)
def test_a_job_whose_process_was_killed_is_begun_again_by_another_one() -> None:
    for _ in range(3):
        water_the_plants.enqueue()
    killed, often, in_hand = DBTaskResult.objects.order_by("enqueued_at")
    hours = timezone.now() - timedelta(hours=2)
    for job, started_at, starts in ((killed, hours, 1), (often, hours, 5), (in_hand, timezone.now(), 1)):
        DBTaskResult.objects.filter(pk=job.pk).update(
            status="RUNNING", started_at=started_at, worker_ids=["process-gone"] * starts
        )
    worker = JobWorker()
    assert worker._work()
    for job in (killed, often, in_hand):
        job.refresh_from_db()
    assert [killed.status, often.status, in_hand.status] == ["SUCCESSFUL", "FAILED", "RUNNING"]
    assert often.finished_at is not None


def test_results_are_forgotten_after_a_week_and_not_before(plants: Periodic) -> None:
    for _ in range(3):
        water_the_plants.enqueue()
    old, fresh, waiting = DBTaskResult.objects.order_by("enqueued_at")
    week = timezone.now() - timedelta(days=7)
    DBTaskResult.objects.filter(pk=old.pk).update(status="FAILED", finished_at=week - timedelta(minutes=1))
    DBTaskResult.objects.filter(pk=fresh.pk).update(status="FAILED", finished_at=week + timedelta(minutes=1))
    DBTaskResult.objects.filter(pk=waiting.pk).update(run_after=timezone.now() - timedelta(days=30))
    assert prune_results() == 1
    assert set(DBTaskResult.objects.values_list("pk", flat=True)) == {fresh.pk, waiting.pk}


def test_everything_on_pulse_s_own_schedule_runs_and_twice_is_no_harm() -> None:
    worker = ThreadWorker()
    for _ in range(2):
        wake(SCHEDULE)
        assert worker.run_waiting() == len(SCHEDULE)
        states = DBTaskResult.objects.values_list("status", flat=True)
        assert list(states) == ["SUCCESSFUL"] * len(SCHEDULE)
        for one in SCHEDULE:
            ago(one, one.seconds + 1)
