"""Exports on their way to readers who take their time: how many of a process's threads they may hold."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.models import User
from pulse.office.errors import Busy
from pulse.office.exporting.download import AT_ONCE, OF_ONE_PERSON, fetch_prepared, start_download
from pulse.office.models import PersonalExport
from tests.accounts.conftest import browser_of, program_of

pytestmark = pytest.mark.django_db


def prepared(user: User) -> PersonalExport:
    name = default_storage.save("exports/made.zip", ContentFile(b"PK"))
    expires_at = timezone.now() + timedelta(days=1)
    return PersonalExport.objects.create(user=user, state="READY", file=name, size=2, expires_at=expires_at)


def test_one_person_leaves_places_to_the_others(alice: User, bob: User) -> None:
    export = prepared(alice)
    hers = [fetch_prepared(user=alice, export=export) for _ in range(OF_ONE_PERSON)]
    with pytest.raises(Busy):
        fetch_prepared(user=alice, export=export)
    with pytest.raises(Busy):
        start_download(user=alice)
    his = start_download(user=bob)
    his.close()
    # Not even begun to be read, and yet its place is free again; and only once, however often it is closed.
    hers[0].close()
    hers[0].close()
    again = fetch_prepared(user=alice, export=export)
    with pytest.raises(Busy):
        start_download(user=alice)
    for one in (again, hers[1]):
        one.close()


def test_all_together_hold_no_more_than_their_places(alice: User, bob: User, charlie: User) -> None:
    held = [start_download(user=one) for one in (alice, bob) for _ in range(OF_ONE_PERSON)]
    assert len(held) == AT_ONCE
    refused = program_of(charlie).get("me/export")
    assert (refused.status_code, refused["Retry-After"]) == (429, "60")
    page = browser_of(charlie).get(f"/settings/data/export/{prepared(charlie).id}")
    assert (page.status_code, page["Retry-After"]) == (429, "60")
    assert b"being downloaded" in page.content
    for one in held:
        one.close()
    start_download(user=charlie).close()


def test_a_prepared_file_that_is_gone_takes_no_place(alice: User) -> None:
    export = prepared(alice)
    default_storage.delete(str(export.file.name))
    browser = browser_of(alice)
    for _ in range(AT_ONCE + 1):
        answer: Any = browser.get(f"/settings/data/export/{export.id}")
        assert answer.status_code == 404
