"""The queue's worker beside an embedded server."""

import time
from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from pulse.lib.jobs import ThreadWorker, start_worker_thread, try_again_later


@task()
def make_group(name: str, attempt: int = 1) -> None:
    Group.objects.create(name=f"{name} {attempt}")


@task()
def fail() -> None:
    raise RuntimeError("on purpose")


def eventually(check: Callable[[], bool], *, seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not check():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@pytest.mark.django_db(transaction=True)
def test_the_thread_works_the_queue_off_and_stops_when_asked() -> None:
    thread = start_worker_thread()
    try:
        fail.enqueue()
        make_group.enqueue(name="after a failure")
        assert eventually(Group.objects.exists)
        assert eventually(lambda: DBTaskResult.objects.filter(status="FAILED").exists())
    finally:
        thread.stop()
    assert not thread.is_alive()


@pytest.mark.django_db(transaction=True)
def test_a_job_that_was_cut_off_is_begun_again_but_not_for_ever() -> None:
    make_group.enqueue(name="cut off")
    make_group.enqueue(name="deadly")
    make_group.enqueue(name="in hand elsewhere")
    once, often, elsewhere = DBTaskResult.objects.order_by("enqueued_at")
    DBTaskResult.objects.filter(pk=elsewhere.pk).update(status="RUNNING", worker_ids=["another process"])
    DBTaskResult.objects.filter(pk=once.pk).update(status="RUNNING", worker_ids=["thread-gone"])
    DBTaskResult.objects.filter(pk=often.pk).update(status="RUNNING", worker_ids=["thread-gone"] * 5)
    thread = start_worker_thread()
    try:
        assert eventually(Group.objects.exists)
    finally:
        thread.stop()
    assert [group.name for group in Group.objects.all()] == ["cut off 1"]
    often.refresh_from_db()
    elsewhere.refresh_from_db()
    assert (often.status, elsewhere.status) == ("FAILED", "RUNNING")


@pytest.mark.django_db
def test_an_idle_worker_only_reads() -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert ThreadWorker().run_waiting() == 0
    assert [query["sql"].split()[0] for query in queries] == ["SELECT"]


@pytest.mark.django_db
def test_a_failed_try_is_made_again_later_each_time_and_at_last_given_up() -> None:
    delays = []
    for attempt in range(1, 6):
        assert try_again_later(make_group, attempt=attempt, name="x")
        job = DBTaskResult.objects.latest("enqueued_at")
        assert job.args_kwargs["kwargs"]["attempt"] == attempt + 1
        delays.append(round((job.run_after - timezone.now()).total_seconds()))
    assert delays == [30, 120, 480, 1920, 7680]
    assert not try_again_later(make_group, attempt=6, name="x")
    assert ThreadWorker().run_waiting() == 0
