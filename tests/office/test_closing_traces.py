"""What was written down about somebody while they were here, once they have closed their account."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from accounts.actions.invitations import make_invitation
from accounts.models import Invitation, User
from pulse.office.closing import close_account
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def logged(moderator: User, row: User | Invitation) -> LogEntry:
    entry: LogEntry = LogEntry.objects.create(
        user=moderator,
        content_type=ContentType.objects.get_for_model(row),
        object_id=str(row.pk),
        object_repr=str(row),
        action_flag=CHANGE,
    )
    return entry


def words_of(entry: LogEntry) -> str:
    entry.refresh_from_db()
    return entry.object_repr


def test_the_admins_log_says_what_was_done_and_no_longer_to_whom(alice: User, bob: User, mia: User) -> None:
    hers, his = logged(mia, alice), logged(mia, bob)
    close_account(user=alice, password=PASSWORD)
    assert (words_of(hers), words_of(his)) == ("Deleted account", "Bob")
    assert LogEntry.objects.filter(object_id=str(alice.pk), action_flag=CHANGE).exists()


def test_the_invitation_that_she_used_forgets_her_address(alice: User, bob: User, mia: User) -> None:
    used, _ = make_invitation(created_by=mia, email=alice.email)
    Invitation.objects.filter(pk=used.pk).update(uses=1)
    others, _ = make_invitation(created_by=mia, email=bob.email)
    entry = logged(mia, used)
    close_account(user=alice, password=PASSWORD)
    used.refresh_from_db()
    others.refresh_from_db()
    assert (used.email, used.uses, others.email) == ("", 1, bob.email)
    assert alice.email not in words_of(entry)


def test_an_invitation_that_waits_for_her_address_stays_for_nobody_else(alice: User, mia: User) -> None:
    waiting, _ = make_invitation(created_by=mia, email=alice.email, lifetime=timedelta(days=1))
    close_account(user=alice, password=PASSWORD)
    waiting.refresh_from_db()
    assert (waiting.email, waiting.expires_at > timezone.now()) == ("alice@example.org", True)
