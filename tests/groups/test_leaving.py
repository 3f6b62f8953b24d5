"""Leaving a group: who hears of it, who leads it from then on, and when it ends."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.models import User
from chat import queries
from chat.models import Conversation, Message, Participant
from groups.actions.membership import leave_all_groups, leave_group
from groups.models import Group, GroupInvite, GroupMember
from pulse.lib.errors import DomainError, NotThere
from pulse.realtime.topics import conversation_topic, user_topic
from tests.chat.conftest import draft, say, write
from tests.groups.conftest import make_group, roles
from tests.listening import Listener
from tests.together import at_once

pytestmark = pytest.mark.django_db


def conversation_of(group: Group) -> Conversation:
    return Conversation.objects.get(id=group.id)


def system_lines(group: Group) -> list[dict[str, Any]]:
    lines = Message.objects.filter(group=group, type="SYSTEM").order_by("seq")
    return [line.system | {"by": line.sender.name} for line in lines.select_related("sender") if line.system]


def test_bob_leaves_and_sees_nothing_of_the_group_any_more(alice: User, bob: User) -> None:
    group = make_group(alice, members=(bob,))
    say(alice, conversation_of(group), "See you at the wall")
    leave_group(user=bob, group=group)
    assert roles(group) == {"Alice": "ADMIN"}
    with pytest.raises(NotThere):
        queries.history_page(bob.id, group.id)
    assert not Message.objects.visible_to(bob.id).exists()
    said = queries.history_page(alice.id, group.id).messages
    assert [one["content"] or one["system"]["event"] for one in said] == ["See you at the wall", "member_left"]


def test_those_who_stay_are_told_and_bob_hears_only_that_he_is_out(
    alice: User,
    bob: User,
    listener: Listener,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    group = make_group(alice, members=(bob,))
    before = conversation_of(group).access_version
    with django_capture_on_commit_callbacks(execute=True):
        leave_group(user=bob, group=group)
    to_bob, to_group = listener.events
    assert (to_bob.topic, json.loads(to_bob.text)["type"]) == (user_topic(bob.id), "conversation.removed")
    assert to_bob.control == ("leave", str(group.id))
    # A hub that still counts him among the listeners asks again before it hands this on.
    assert (to_group.topic, to_group.access_version) == (conversation_topic(group.id), before + 1)
    assert json.loads(to_group.text)["message"]["system"] == {"event": "member_left", "user_id": str(bob.id)}


def test_the_last_admin_leaves_and_the_longest_standing_member_leads(alice: User, bob: User, charlie: User) -> None:
    group = make_group(alice, members=(bob, charlie))
    leave_group(user=alice, group=group)
    assert roles(group) == {"Bob": "ADMIN", "Charlie": "MEMBER"}
    assert system_lines(group) == [
        {"event": "member_left", "user_id": str(alice.id), "by": "Alice"},
        {"event": "role_changed", "user_id": str(bob.id), "role": "ADMIN", "by": "Alice"},
    ]


def test_where_another_admin_stays_nobody_is_promoted(alice: User, bob: User, charlie: User) -> None:
    group = make_group(alice, bob, members=(charlie,))
    leave_group(user=alice, group=group)
    assert roles(group) == {"Bob": "ADMIN", "Charlie": "MEMBER"}
    assert [line["event"] for line in system_lines(group)] == ["member_left"]


def test_a_new_admin_may_write_where_only_admins_do(alice: User, bob: User) -> None:
    group = make_group(alice, members=(bob,))
    Participant.objects.filter(conversation_id=group.id, user=bob).update(read_only=True)
    assert isinstance(write([draft(bob, conversation_of(group))])[0], DomainError)
    leave_group(user=alice, group=group)
    assert queries.conversation_json(bob.id, group.id)["my"]["can_post"] is True
    say(bob, conversation_of(group), "On my own")


def test_nobody_who_cannot_sign_in_is_promoted_while_somebody_can(alice: User, bob: User, charlie: User) -> None:
    User.objects.filter(pk=bob.pk).update(verified=False)
    group = make_group(alice, members=(bob, charlie))
    leave_group(user=alice, group=group)
    assert roles(group) == {"Bob": "MEMBER", "Charlie": "ADMIN"}


def test_the_last_member_leaves_and_the_group_ends_but_its_rows_stay(alice: User) -> None:
    group = make_group(alice)
    say(alice, conversation_of(group), "Anybody?")
    GroupInvite.objects.create(group=group, secret_hash="x", created_by=alice)
    leave_group(user=alice, group=group)
    conversation = conversation_of(group)
    assert conversation.closed_at is not None
    assert not Participant.objects.filter(conversation=conversation).exists()
    assert GroupInvite.objects.get().revoked_at is not None
    assert Message.objects.filter(group=group, content="Anybody?").exists()
    with pytest.raises(NotThere):
        queries.history_page(alice.id, group.id)


def test_charlie_cannot_leave_a_group_he_is_not_in(alice: User, bob: User, charlie: User) -> None:
    group = make_group(alice, members=(bob,))
    with pytest.raises(NotThere):
        leave_group(user=charlie, group=group)
    assert roles(group) == {"Alice": "ADMIN", "Bob": "MEMBER"}
    assert not system_lines(group)


def test_bob_leaves_all_his_groups_at_once(alice: User, bob: User) -> None:
    groups = [make_group(alice, members=(bob,), name=name) for name in ("One", "Two", "Three")]
    leave_all_groups(user=bob)
    assert [roles(group) for group in groups] == [{"Alice": "ADMIN"}] * 3
    assert not Participant.objects.filter(user=bob).exists()


# --- At one moment ---


@pytest.fixture
def people() -> Callable[[int], list[User]]:
    def make(count: int) -> list[User]:
        return [
            User.objects.create_user(email=f"p{number}@example.org", name=f"P{number}", verified=True)
            for number in range(count)
        ]

    return make


@pytest.mark.django_db(transaction=True)
def test_two_last_admins_leaving_at_once_leave_an_admin_behind(people: Callable[[int], list[User]]) -> None:
    ann, ben, *others = people(4)
    for attempt in range(8):
        group = make_group(ann, ben, members=tuple(others), name=f"Round {attempt}")
        at_once([partial(leave_group, user=ann, group=group), partial(leave_group, user=ben, group=group)])
        assert roles(group) == {"P2": "ADMIN", "P3": "MEMBER"}
        lines = [line["event"] for line in system_lines(group)]
        assert sorted(lines) == ["member_left", "member_left", "role_changed"]
        assert conversation_of(group).last_seq == 3


@pytest.mark.django_db(transaction=True)
def test_everybody_leaving_at_once_ends_the_group_once(people: Callable[[int], list[User]]) -> None:
    crowd = people(5)
    group = make_group(crowd[0], members=tuple(crowd[1:]))
    at_once([partial(leave_group, user=person, group=group) for person in crowd])
    assert roles(group) == {}
    conversation = conversation_of(group)
    assert conversation.closed_at is not None
    assert conversation.closed_at <= timezone.now()
    assert conversation.access_version == 5
    assert not Participant.objects.filter(conversation=conversation).exists()


@pytest.mark.django_db(transaction=True)
def test_two_who_share_groups_leave_them_all_at_once_and_nobody_waits_for_ever(
    people: Callable[[int], list[User]],
) -> None:
    ann, ben, cem = people(3)
    groups = [make_group(ann, members=(ben, cem), name=f"G{number}") for number in range(6)]
    at_once([partial(leave_all_groups, user=person) for person in (ann, ben)])
    assert [roles(group) for group in groups] == [{"P2": "ADMIN"}] * 6
    assert not GroupMember.objects.filter(user__in=[ann, ben]).exists()


@pytest.mark.django_db(transaction=True)
def test_one_person_leaving_from_two_devices_leaves_once(people: Callable[[int], list[User]]) -> None:
    ann, ben = people(2)
    group = make_group(ann, members=(ben,))

    def leave() -> bool:
        try:
            leave_group(user=ben, group=group)
        except NotThere:
            return False
        return True

    assert sorted(at_once([leave, leave, leave])) == [False, False, True]
    assert [line["event"] for line in system_lines(group)] == ["member_left"]
