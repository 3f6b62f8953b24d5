"""What is deleted once nobody needs it; and what is next to it, and stays."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import sessions
from accounts.actions import start_session
from accounts.models import (
    DeviceSession,
    Invitation,
    PasskeyChallenge,
    SocketTicket,
    TrustedDevice,
    User,
    VerificationToken,
)
from chat import actions
from pulse.lib.batches import delete_in_batches
from pulse.office.pruning import prune_accounts
from pulse.office.tasks import prune
from tests.accounts.conftest import Program, browser_of, program_of
from tests.chat.conftest import say

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def left(model: type[Model], field: str = "token") -> set[Any]:
    return set(model._default_manager.values_list(field, flat=True))


def session_of(user: User, *, platform: str, silent: timedelta, name: str) -> DeviceSession:
    session, _ = start_session(user=user, device_id=name, platform=platform, name=name, address="127.0.0.1")
    DeviceSession.objects.filter(pk=session.pk).update(last_active=timezone.now() - silent)
    return session


def newcomer(name: str, *, days: float = 31, email: str = "", **fields: Any) -> User:
    """Somebody who registered so long ago and never proved their address."""
    user: User = User.objects.create_user(email=email or f"{name}@example.org", name=name, **fields)
    User.objects.filter(pk=user.pk).update(created_at=timezone.now() - days * DAY)
    return user


def test_mailed_secrets_are_kept_for_a_week_after_they_are_over(alice: User) -> None:
    now = timezone.now()
    long_ago = now - 30 * DAY
    for token, expires_at, used_at in (
        ("over", now - 7 * DAY - MINUTE, None),
        ("just over", now - 7 * DAY + MINUTE, None),
        ("used", now + DAY, now - 7 * DAY - MINUTE),
        ("just used", now + DAY, now - 7 * DAY + MINUTE),
        ("good", now + DAY, None),
    ):
        VerificationToken.objects.create(
            user=alice,
            token=token,
            type="PASSWORD_RESET",
            email=alice.email,
            created_at=long_ago,
            expires_at=expires_at,
            used_at=used_at,
        )
    assert prune_accounts()["proofs"] == 2
    assert left(VerificationToken) == {"just over", "just used", "good"}


def test_tickets_challenges_and_remembered_devices_go_when_they_are_over(alice: User) -> None:
    now = timezone.now()
    session, _ = start_session(user=alice, device_id="d", platform="CLI", name="", address="127.0.0.1")
    for name, expires_at in (("over", now - MINUTE), ("good", now + MINUTE)):
        SocketTicket.objects.create(session=session, token=name, expires_at=expires_at)
        PasskeyChallenge.objects.create(challenge=name, purpose="SIGN_IN", expires_at=expires_at)
        TrustedDevice.objects.create(user=alice, token=name, created_at=now - DAY, expires_at=expires_at)
        Session.objects.create(session_key=name, session_data="", expire_date=expires_at)
    pruned = prune_accounts()
    assert (pruned["tickets"], pruned["challenges"], pruned["trusted_devices"], pruned["cookies"]) == (1, 1, 1, 1)
    assert left(SocketTicket) == left(PasskeyChallenge, "challenge") == left(TrustedDevice) == {"good"}
    assert left(Session, "session_key") == {"good"}


def test_invitations_are_kept_for_three_months_and_so_is_whoever_came_by_one(alice: User) -> None:
    now = timezone.now()
    long_ago = now - 200 * DAY
    for token, expires_at, revoked_at in (
        ("over", now - 90 * DAY - MINUTE, None),
        ("just over", now - 90 * DAY + MINUTE, None),
        ("revoked", now + DAY, now - 90 * DAY - MINUTE),
        ("good", now + DAY, None),
    ):
        Invitation.objects.create(token=token, created_at=long_ago, expires_at=expires_at, revoked_at=revoked_at)
    User.objects.filter(pk=alice.pk).update(invitation=Invitation.objects.get(token="over"))
    assert prune_accounts()["invitations"] == 2
    assert left(Invitation) == {"just over", "good"}
    assert User.objects.get(pk=alice.pk).invitation is None


def test_devices_that_were_silent_for_too_long_are_signed_out(alice: User) -> None:
    for name, platform, silent in (
        ("old program", "CLI", 365 * DAY + MINUTE),
        ("quiet program", "CLI", 365 * DAY - MINUTE),
        ("old browser", "WEB", 91 * DAY + MINUTE),
        ("quiet browser", "WEB", 91 * DAY - MINUTE),
        ("quiet phone", "IOS", 100 * DAY),
    ):
        session_of(alice, platform=platform, silent=silent, name=name)
    assert prune_accounts()["sessions"] == 2
    assert left(DeviceSession, "name") == {"quiet program", "quiet browser", "quiet phone"}


def test_a_program_that_only_ever_opens_sockets_is_not_silent(alice: User) -> None:
    session, token = start_session(user=alice, device_id="bot", platform="CLI", name="Bot", address="127.0.0.1")
    DeviceSession.objects.filter(pk=session.pk).update(last_active=timezone.now() - 364 * DAY)
    assert sessions.by_token(token) is not None
    session.refresh_from_db()
    assert session.last_active > timezone.now() - MINUTE


def test_registrations_that_nobody_confirmed_are_forgotten_after_a_month(alice: User, bob: User) -> None:
    newcomer("old")
    newcomer("young", days=29.9)
    newcomer("verified", verified=True)
    newcomer("staff", is_staff=True)
    newcomer("locked", is_active=False)
    newcomer("imported", email="3f@imported.invalid")
    newcomer("closed", email="3f@deleted.invalid")
    newcomer("seen", last_login=timezone.now())
    written_to, silent = newcomer("written to"), newcomer("in a chat")
    say(bob, actions.open_direct_between(bob.id, written_to.id), "Hello?")
    actions.open_direct_between(bob.id, silent.id)
    assert prune_accounts()["people"] == 1
    assert left(User, "name") == {
        "Alice", "Bob", "young", "verified", "staff", "locked", "imported", "closed", "seen", "written to", "in a chat",
    }  # fmt: skip


def test_whoever_registers_anew_after_a_month_may_still_open_the_new_link(alice: User, work: Callable[[], Any]) -> None:
    newcomer("old")
    newcomer("asks")
    body = {"name": "Olga", "email": "old@example.org", "password": "herons on the pier"}
    with work():
        assert Program().post("auth/register", body).status_code == 202
        assert Program().post("auth/resend-verification", {"email": "asks@example.org"}).status_code == 202
    assert prune_accounts()["people"] == 0
    VerificationToken.objects.update(created_at=timezone.now() - 2 * DAY, expires_at=timezone.now() - DAY)
    assert prune_accounts()["people"] == 2


def test_somebody_who_is_referred_to_elsewhere_is_passed_over(alice: User) -> None:
    founder = newcomer("founder")
    founder.founded_groups.create(name="Empty")
    newcomer("old")
    assert prune_accounts()["people"] == 1
    assert left(User, "name") == {"Alice", "founder"}


def test_a_forgotten_address_can_be_registered_anew(alice: User) -> None:
    user = newcomer("old")
    over = {"created_at": timezone.now() - 2 * DAY, "expires_at": timezone.now() - DAY}
    VerificationToken.objects.create(user=user, token="t", type="EMAIL_VERIFICATION", email=user.email, **over)
    prune_accounts()
    assert not VerificationToken.objects.exists()
    assert newcomer("new", email="old@example.org").pk != user.pk


def test_whoever_is_using_pulse_notices_nothing_and_twice_is_no_harm(alice: User) -> None:
    program, browser = program_of(alice), browser_of(alice)
    for _ in range(2):
        prune.call()
    assert program.get("me").status_code == 200
    assert browser.get("/settings/data").status_code == 200


def test_many_rows_go_a_batch_at_a_time() -> None:
    now = timezone.now()
    Session.objects.bulk_create(
        Session(session_key=f"{number}", session_data="", expire_date=now - DAY) for number in range(25)
    )
    with CaptureQueriesContext(connection) as queries:
        assert delete_in_batches(Session.objects.filter(expire_date__lte=now), size=10) == 25
    assert sum(query["sql"].startswith("DELETE") for query in queries) == 3
