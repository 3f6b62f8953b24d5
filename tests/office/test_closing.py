"""Closing an account: what is gone, what stays, and what the others notice."""

import json
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core import mail
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone

from accounts.actions import start_session
from accounts.actions.closing import LastSuperuser
from accounts.actions.notices import send_notice
from accounts.models import (
    Authenticator,
    Block,
    DeviceSession,
    Invitation,
    Passkey,
    RecoveryCode,
    TrustedDevice,
    User,
    VerificationToken,
)
from chat import actions, queries
from chat.errors import CannotPost
from chat.models import Message, Participant, Star
from pulse.lib.errors import NotThere
from pulse.office.closing import close_account
from pulse.office.models import PersonalExport
from tests.accounts.conftest import Program, browser_of, program_of
from tests.chat.conftest import program_for, say
from tests.conftest import PASSWORD
from tests.groups.conftest import make_group, roles
from tests.listening import Listener
from tests.together import at_once

pytestmark = pytest.mark.django_db


def close(user: User) -> None:
    close_account(user=user, password=PASSWORD)


def test_alice_closes_her_account_by_api_and_is_out_everywhere(alice: User) -> None:
    phone, laptop = program_of(alice, device_id="phone"), program_of(alice, device_id="laptop")
    assert phone.call("delete", "me", {"password": PASSWORD}).status_code == 204
    assert phone.get("me").status_code == laptop.get("me").status_code == 401
    assert Program().sign_in("alice@example.org").status_code == 401


def test_a_wrong_password_closes_nothing(alice: User) -> None:
    program = program_of(alice)
    answer = program.call("delete", "me", {"password": "guessed wrongly"})
    assert (answer.status_code, answer.json()["code"]) == (400, "wrong_password")
    assert program.call("delete", "me", {}).json()["errors"].keys() == {"password"}
    assert program.call("delete", "me", {"password": PASSWORD, "really": True}).status_code == 400
    assert program.get("me").status_code == 200


def test_reading_and_changing_oneself_stay_where_they_were(alice: User) -> None:
    program = program_of(alice)
    assert program.get("me").json()["email"] == "alice@example.org"
    assert program.patch("me", {"about": "Here"}).json()["about"] == "Here"
    assert program.post("me").status_code == 405
    assert Program().call("delete", "me", {"password": PASSWORD}).status_code == 401


def test_nothing_is_left_that_says_who_alice_was(alice: User, bob: User) -> None:
    User.objects.filter(pk=alice.pk).update(about="Climbs", last_seen=timezone.now(), preferences={"theme": "dark"})
    start_session(user=alice, device_id="phone", platform="CLI", name="Phone", address="127.0.0.1")
    later = timezone.now() + timedelta(days=1)
    VerificationToken.objects.create(user=alice, token="v", type="PASSWORD_RESET", email=alice.email, expires_at=later)
    TrustedDevice.objects.create(user=alice, token="t", expires_at=later)
    Authenticator.objects.create(user=alice, secret="sealed", confirmed_at=timezone.now())
    RecoveryCode.objects.create(user=alice, code="c")
    Passkey.objects.create(user=alice, credential_id="k", public_key="p", name="Key")
    Block.objects.create(blocker=alice, blocked=bob)
    invitation = Invitation.objects.create(token="i", created_by=alice, expires_at=later)
    close(User.objects.get(pk=alice.pk))
    left = User.objects.get(pk=alice.pk)
    assert (left.name, left.about, left.last_seen, left.preferences) == ("Deleted account", "", None, {})
    assert left.email.endswith("@deleted.invalid")
    assert (left.is_active, left.verified, left.has_usable_password()) == (False, False, False)
    assert left.closed_at is not None
    for model in (DeviceSession, VerificationToken, TrustedDevice, Authenticator, RecoveryCode, Passkey, Block):
        assert not model.objects.exists(), model
    invitation.refresh_from_db()
    assert invitation.revoked_at is not None


def test_her_address_is_free_at_once(alice: User, work: Callable[[], Any]) -> None:
    with work():
        close(alice)
    (told,) = mail.outbox
    assert told.to == ["alice@example.org"]
    mail.outbox.clear()
    with work():
        Program().post("auth/register", {"name": "Al", "email": "alice@example.org", "password": "herons on the pier"})
    assert User.objects.get(email="alice@example.org").name == "Al"
    assert "/verify/" in mail.outbox[0].body


def test_mail_that_waits_for_her_does_not_go_out_and_bob_s_does(
    alice: User, bob: User, work: Callable[[], Any]
) -> None:
    for person in (alice, bob):
        send_notice(user=person, notice="password_changed")
    with work():
        close(alice)
    told = sorted((one.to[0], one.subject) for one in mail.outbox)
    assert told == [(alice.email, "Your account was closed"), (bob.email, "Your password was changed")]


def test_bob_keeps_their_chat_sees_a_deleted_account_and_cannot_write(alice: User, bob: User) -> None:
    direct = actions.open_direct_between(alice.id, bob.id)
    say(alice, direct, "Remember me")
    say(bob, direct, "I will")
    before = queries.conversation_json(bob.id, direct.id)
    assert before["my"]["can_post"] is True
    close(alice)
    shown = queries.conversation_json(bob.id, direct.id)
    assert (shown["title"], shown["my"]["can_post"]) == ("Deleted account", False)
    said = queries.history_page(bob.id, direct.id).messages
    assert [(one["sender"]["name"], one["content"]) for one in said] == [
        ("Deleted account", "Remember me"),
        ("Bob", "I will"),
    ]
    program = program_for(bob)
    answer = program.post(f"conversations/{direct.id}/messages", {"content": "Still there?"})
    assert (answer.status_code, answer.json()["code"]) == (403, "cannot_post")
    with pytest.raises(CannotPost):
        actions.set_typing(user_id=bob.id, conversation_id=direct.id, active=True)
    assert program.get(f"users/{alice.id}").status_code == 404


def test_how_far_she_had_read_stays_known(alice: User, bob: User) -> None:
    direct = actions.open_direct_between(alice.id, bob.id)
    say(bob, direct, "Read this")
    actions.mark_read(user_id=alice.id, conversation_id=direct.id, seq=1)
    close(alice)
    assert Participant.objects.get(conversation=direct, user=alice).last_read_seq == 1


def test_what_she_kept_for_herself_is_gone(alice: User, bob: User) -> None:
    notes, _ = actions.open_direct(actor=alice, peer_id=alice.id)
    note = say(alice, notes, "My diary")
    direct = actions.open_direct_between(alice.id, bob.id)
    kept = say(bob, direct, "Star this")
    Star.objects.create(message_id=kept["id"], user=alice)
    Star.objects.create(message_id=kept["id"], user=bob)
    close(alice)
    assert Message.objects.get(pk=note["id"]).content is None
    assert not Message.objects.visible_to(alice.id).filter(conversation=notes).exists()
    assert list(Star.objects.values_list("user__name", flat=True)) == ["Bob"]


def test_she_leaves_her_groups_and_those_there_are_told_of_nobody_by_name(
    alice: User,
    bob: User,
    listener: Listener,
    django_capture_on_commit_callbacks: Any,
) -> None:
    hers, together = make_group(alice), make_group(alice, members=(bob,))
    with django_capture_on_commit_callbacks(execute=True):
        close(alice)
    assert roles(hers) == {}
    assert roles(together) == {"Bob": "ADMIN"}
    said = queries.history_page(bob.id, together.id).messages
    assert [one["system"]["event"] for one in said] == ["member_left", "role_changed"]
    told = [json.loads(event.text)["message"] for event in listener.events if '"message.created"' in event.text]
    assert told == said
    assert {one["sender"]["name"] for one in told} == {"Deleted account"}
    assert [event.control for event in listener.events if event.control[:1] == ("end",)] == [
        ("end", "*", "", "account_closed")
    ]


def test_the_copies_of_her_data_go_too(alice: User, work: Callable[[], Any]) -> None:
    name = default_storage.save("exports/hers.zip", ContentFile(b"PK"))
    later = timezone.now() + timedelta(days=1)
    PersonalExport.objects.create(user=alice, state="READY", file=name, size=2, expires_at=later)
    PersonalExport.objects.create(user=alice, expires_at=later)
    with work():
        close(alice)
    assert not PersonalExport.objects.exists()
    assert not default_storage.exists(name)


def test_the_last_superuser_stays_and_the_last_but_one_may_go(alice: User, bob: User) -> None:
    User.objects.filter(pk__in=[alice.pk, bob.pk]).update(is_staff=True, is_superuser=True)
    alice.refresh_from_db()
    bob.refresh_from_db()
    close(alice)
    answer = program_of(bob).call("delete", "me", {"password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (409, "last_superuser")
    assert User.objects.get(pk=bob.pk).is_active
    left = User.objects.get(pk=alice.pk)
    assert (left.is_staff, left.is_superuser) == (False, False)


def test_no_moderator_gives_a_closed_account_a_name_again(alice: User, mia: User) -> None:
    User.objects.filter(pk=mia.pk).update(is_superuser=True)
    close(alice)
    office = browser_of(mia)
    path = f"/admin/accounts/user/{alice.pk}/change/"
    assert office.get(path).status_code == 200
    assert office.post(path, {"name": "Alice", "is_active": "on"}).status_code == 403
    assert User.objects.get(pk=alice.pk).name == "Deleted account"


# --- The page ---


def test_the_page_says_what_happens_and_wants_the_password(alice: User) -> None:
    browser = browser_of(alice)
    page = browser.get("/settings/data/close").content.decode()
    for words in ("can’t be undone", "under the name “Deleted account”", "Your address can be registered anew"):
        assert words in page
    refused = browser.post("/settings/data/close", {"password": "guessed wrongly"})
    assert refused.status_code == 400
    assert "That isn’t your password." in refused.content.decode()
    assert browser.post("/settings/data/close", {}).status_code == 400
    assert browser.get("/settings/data").status_code == 200


def test_after_closing_by_the_page_the_browser_is_nobody_s(alice: User) -> None:
    browser = browser_of(alice)
    answer = browser.post("/settings/data/close", {"password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/account-closed")
    assert "Your account is closed" in browser.get("/account-closed").content.decode()
    assert browser.get("/settings/data")["Location"].startswith("/login")


def test_the_page_is_for_whoever_is_signed_in_and_wants_a_csrf_token(alice: User) -> None:
    assert Client().get("/settings/data/close")["Location"].startswith("/login")
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser_of(alice).cookies
    assert strict.post("/settings/data/close", {"password": PASSWORD}).status_code == 403
    assert User.objects.get(pk=alice.pk).is_active


# --- At one moment ---


@pytest.mark.django_db(transaction=True)
def test_closing_twenty_times_at_once_is_closing_once(alice: User, bob: User) -> None:
    together = make_group(alice, members=(bob,))
    at_once([partial(close, User.objects.get(pk=alice.pk)) for _ in range(20)])
    assert [one["system"]["event"] for one in queries.history_page(bob.id, together.id).messages] == [
        "member_left",
        "role_changed",
    ]
    assert User.objects.get(pk=alice.pk).closed_at is not None


@pytest.mark.django_db(transaction=True)
def test_two_last_superusers_closing_at_once_leave_one(alice: User, bob: User) -> None:
    User.objects.filter(pk__in=[alice.pk, bob.pk]).update(is_staff=True, is_superuser=True)

    def try_to(user: User) -> str:
        try:
            close(user)
        except LastSuperuser:
            return "stays"
        return "closed"

    people = [User.objects.get(pk=one.pk) for one in (alice, bob)]
    assert sorted(at_once([partial(try_to, one) for one in people])) == ["closed", "stays"]
    assert User.objects.filter(is_superuser=True, is_active=True).count() == 1


@pytest.mark.django_db(transaction=True)
def test_people_writing_to_whoever_closes_neither_hang_nor_get_in_behind(alice: User, bob: User) -> None:
    direct = actions.open_direct_between(alice.id, bob.id)
    group = make_group(alice, members=(bob,))

    def write(person: User) -> int:
        sent = 0
        for number in range(10):
            for conversation_id in (direct.id, group.id):
                try:
                    actions.send_message(actor=person, conversation_id=conversation_id, content=f"{number}")
                    sent += 1
                except (CannotPost, NotThere):
                    pass
        return sent

    everything: list[Callable[[], Any]] = [partial(close, alice), *(partial(write, one) for one in (alice, bob, bob))]
    at_once(everything)
    seqs = list(Message.objects.filter(group_id=group.id).order_by("seq").values_list("seq", "system"))
    left_at = next(seq for seq, system in seqs if system)
    assert not Message.objects.filter(group_id=group.id, sender=alice, seq__gt=left_at, system__isnull=True).exists()
    with pytest.raises(CannotPost):
        actions.send_message(actor=bob, conversation_id=direct.id, content="Now?")
