"""A copy of one's data that a job prepares: asked for, made, mailed, fetched, swept."""

import zipfile
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from pytest_django import Settings

from accounts.models import User
from chat import actions
from pulse.lib.jobs import ThreadWorker
from pulse.office.exporting.actions import request_export
from pulse.office.exporting.making import make_export
from pulse.office.models import PersonalExport
from pulse.office.tasks import sweep_expired_exports
from tests.accounts.conftest import browser_of, program_of
from tests.chat.conftest import say
from tests.together import at_once

pytestmark = pytest.mark.django_db


def ready_export(user: User, **fields: Any) -> PersonalExport:
    name = default_storage.save("exports/made.zip", ContentFile(b"PK"))
    usual = {"state": "READY", "file": name, "size": 2, "expires_at": timezone.now() + timedelta(days=1)}
    return PersonalExport.objects.create(user=user, **usual | fields)


def pending_export(user: User, *, hours_ago: float) -> PersonalExport:
    asked_at = timezone.now() - timedelta(hours=hours_ago)
    return PersonalExport.objects.create(user=user, created_at=asked_at, expires_at=asked_at + timedelta(days=7))


def is_stored(export: PersonalExport) -> bool:
    return default_storage.exists(str(export.file.name))


def due_now() -> int:
    """Whatever waits for later is done now."""
    DBTaskResult.objects.update(run_after=timezone.now())
    return ThreadWorker().run_waiting()


def test_alice_asks_for_her_data_and_fetches_it_from_the_page(alice: User, bob: User, work: Callable[[], Any]) -> None:
    say(bob, actions.open_direct_between(alice.id, bob.id), "Keep this")
    browser = browser_of(alice)
    page = browser.post("/settings/data/export", follow=True).content.decode()
    assert "Being prepared" in page
    assert "Prepare my data" not in page
    with work():
        pass
    page = browser.get("/settings/data").content.decode()
    export = PersonalExport.objects.get()
    assert "kept until" in page
    assert f"/settings/data/export/{export.id}" in page
    (told,) = [one for one in mail.outbox if "/settings/data" in one.body]
    assert told.to == ["alice@example.org"]
    answer: Any = browser.get(f"/settings/data/export/{export.id}")
    assert answer["Content-Type"] == "application/zip"
    assert answer["Content-Disposition"].startswith('attachment; filename="pulse-')
    assert "no-store" in answer["Cache-Control"]
    data = b"".join(answer.streaming_content)
    assert len(data) == export.size
    with zipfile.ZipFile(BytesIO(data)) as archive:
        assert any(b"Keep this" in archive.read(name) for name in archive.namelist())


def test_nobody_but_alice_fetches_her_data(alice: User, bob: User) -> None:
    export = ready_export(alice)
    path = f"/settings/data/export/{export.id}"
    hers: Any = browser_of(alice).get(path)
    assert b"".join(hers.streaming_content) == b"PK"
    assert browser_of(bob).get(path).status_code == 404
    assert Client().get(path)["Location"].startswith("/login")
    assert str(export.file.name).startswith("exports/")
    assert browser_of(alice).get(f"/media/{export.file.name}").status_code == 404


def test_what_has_expired_or_isn_t_ready_is_not_fetched(alice: User) -> None:
    browser = browser_of(alice)
    old = ready_export(alice, expires_at=timezone.now())
    waiting = pending_export(alice, hours_ago=1)
    for export in (old, waiting):
        assert browser.get(f"/settings/data/export/{export.id}").status_code == 404
    lost = ready_export(alice)
    default_storage.delete(str(lost.file.name))
    assert browser.get(f"/settings/data/export/{lost.id}").status_code == 404


def test_a_program_asks_and_asking_again_is_asking_for_the_same(alice: User) -> None:
    program = program_of(alice)
    first, second = program.post("me/export"), program.post("me/export")
    assert first.status_code == second.status_code == 202
    assert first.json() == second.json()
    assert first.json()["state"] == "PENDING"
    assert PersonalExport.objects.count() == 1
    assert program.post("me/export", {"format": "tar"}).status_code == 400


def test_the_newest_copy_takes_the_place_of_the_one_before(alice: User, work: Callable[[], Any]) -> None:
    before = ready_export(alice)
    with work():
        request_export(user=alice)
    sweep_expired_exports.call()
    assert not is_stored(before)
    left = PersonalExport.objects.get()
    assert left.state == "READY"
    assert is_stored(left)


def test_whoever_asks_too_often_reads_why(alice: User, rate_limits: None) -> None:
    browser = browser_of(alice)
    for _ in range(5):
        assert browser.post("/settings/data/export").status_code == 302
        PersonalExport.objects.update(state="FAILED")
    refused = browser.post("/settings/data/export")
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    assert "That was too often" in refused.content.decode()


def test_where_the_storage_is_away_it_is_tried_again_and_at_last_given_up(
    alice: User, settings: Settings, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path / "uploads"
    (tmp_path / "uploads").write_text("in the way")
    request_export(user=alice)
    states = []
    for _ in range(4):
        assert due_now() == 1
        states.append(PersonalExport.objects.get().state)
    assert states == ["PENDING", "PENDING", "PENDING", "FAILED"]
    assert due_now() == 0
    assert not mail.outbox
    page = browser_of(alice).get("/settings/data").content.decode()
    assert "Couldn’t be prepared" in page
    assert "Prepare my data" in page


def test_a_storage_that_comes_back_is_in_time(
    alice: User, settings: Settings, tmp_path: Path, work: Callable[[], Any]
) -> None:
    settings.MEDIA_ROOT = tmp_path / "uploads"
    (tmp_path / "uploads").write_text("in the way")
    request_export(user=alice)
    due_now()
    (tmp_path / "uploads").unlink()
    with work():
        due_now()
    export = PersonalExport.objects.get()
    assert export.state == "READY"
    assert [path.name for path in (tmp_path / "uploads/exports").iterdir()] == [Path(str(export.file.name)).name]


def test_what_a_killed_try_left_behind_is_replaced(alice: User, work: Callable[[], Any]) -> None:
    request_export(user=alice)
    left = default_storage.save("exports/half.zip", ContentFile(b"P"))
    PersonalExport.objects.update(file=left)
    with work():
        pass
    export = PersonalExport.objects.get()
    assert export.state == "READY"
    assert export.file.name != left
    assert not default_storage.exists(left)


def test_an_export_that_was_lost_with_its_worker_blocks_nobody(alice: User, bob: User) -> None:
    lost, waiting = pending_export(alice, hours_ago=6.1), pending_export(bob, hours_ago=5.9)
    assert request_export(user=alice).pk != lost.pk
    assert request_export(user=bob).pk == waiting.pk
    lost.refresh_from_db()
    assert lost.state == "FAILED"


def test_an_export_of_whoever_closed_their_account_is_not_made(alice: User) -> None:
    export = pending_export(alice, hours_ago=0)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    make_export(export_id=export.pk)
    export.refresh_from_db()
    assert (export.state, export.file.name) == ("PENDING", "")


def test_expired_copies_are_swept_with_their_bytes_and_others_stay(alice: User, bob: User) -> None:
    now = timezone.now()
    over = ready_export(alice, expires_at=now - timedelta(seconds=1))
    kept = ready_export(bob, expires_at=now + timedelta(minutes=1))
    lost = pending_export(alice, hours_ago=7)
    sweep_expired_exports.call()
    assert not is_stored(over)
    assert is_stored(kept)
    assert set(PersonalExport.objects.values_list("pk", "state")) == {(kept.pk, "READY"), (lost.pk, "FAILED")}


@pytest.mark.django_db(transaction=True)
def test_ten_clicks_at_once_prepare_one_copy(alice: User) -> None:
    asked = at_once([lambda: request_export(user=alice).pk] * 10)
    assert len(set(asked)) == 1
    assert PersonalExport.objects.count() == 1
    assert DBTaskResult.objects.count() == 1
