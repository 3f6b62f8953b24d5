"""What people keep to themselves: when they were last here, and what they have read in a direct chat."""

from typing import Any

import orjson
import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.actions import change_profile
from accounts.models import User
from chat import actions
from chat.models import Conversation, Participant
from chat.resuming import marks
from tests.accounts.conftest import browser_of
from tests.chat.conftest import fill, make_group, program_for, say
from tests.listening import Listener

pytestmark = pytest.mark.django_db(transaction=True)

UNSEEN = (False, None)


@pytest.fixture
def here(alice: User, bob: User, charlie: User) -> None:
    """Everybody was here a moment ago."""
    User.objects.update(last_seen=timezone.now())
    for person in (alice, bob, charlie):
        person.refresh_from_db()


def prefer(person: User, **preferences: Any) -> None:
    change_profile(user=person, preferences=preferences)


def seen(user: dict[str, Any]) -> tuple[Any, Any]:
    return user["online"], user["last_seen"] and "a time"


def seen_everywhere(viewer: User, other: User, chat: Conversation, group: Conversation) -> set[tuple[Any, Any]]:
    """What each answer that shows a person says of when they were here."""
    program = program_for(viewer)
    shown = [
        program.get(f"users/{other.id}").json(),
        *program.get(f"users?q={other.name}").json()["results"],
        program.get(f"conversations/{chat.id}").json()["peer"],
        *(one["peer"] for one in program.get("conversations").json()["results"] if one["peer"]),
    ]
    for id in (chat.id, group.id):
        seats = program.get(f"conversations/{id}/participants").json()["results"]
        shown += [one["user"] for one in seats if one["user"]["id"] == str(other.id)]
    assert len(shown) == 6
    return {seen(one) for one in shown}


# When somebody was last here


def test_nobody_sees_when_bob_was_here_who_hides_it_and_he_sees_nobodys(
    alice: User, bob: User, charlie: User, direct: Conversation, here: None
) -> None:
    group = make_group(alice, [alice, bob, charlie], name="Climbing")
    say(alice, direct)
    assert seen_everywhere(alice, bob, direct, group) == {(True, "a time")}
    prefer(bob, last_seen="nobody")
    assert seen_everywhere(alice, bob, direct, group) == {UNSEEN}
    assert seen_everywhere(bob, alice, direct, group) == {UNSEEN}, "nor does he see it of others"
    seats = program_for(alice).get(f"conversations/{group.id}/participants").json()["results"]
    assert {one["user"]["name"]: seen(one["user"]) for one in seats} == {
        "Alice": (True, "a time"),
        "Bob": UNSEEN,
        "Charlie": (True, "a time"),
    }
    prefer(bob, last_seen="everyone")
    assert seen_everywhere(alice, bob, direct, group) == {(True, "a time")}


def test_bob_sees_of_himself_when_he_was_here(bob: User, charlie: User, alice: User, here: None) -> None:
    prefer(bob, last_seen="nobody")
    assert seen(program_for(bob).get("me").json()) == (True, "a time")


def test_the_chats_page_says_nothing_of_it_either(alice: User, bob: User, direct: Conversation) -> None:
    User.objects.update(last_seen=timezone.now())
    say(bob, direct)
    browser = browser_of(alice)
    assert "Last seen" in browser.get(f"/chats/{direct.id}").content.decode()
    bob.refresh_from_db()
    prefer(bob, last_seen="nobody")
    assert "Last seen" not in browser.get(f"/chats/{direct.id}").content.decode()


def test_hiding_costs_no_query_a_person(
    alice: User, bob: User, here: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    people = [
        User(name=f"Lin {number}", email=f"l{number}@example.org", verified=True, preferences={"last_seen": "nobody"})
        for number in range(20)
    ]
    User.objects.bulk_create(people)
    group = make_group(alice, [alice, bob, *people])
    program = program_for(alice)
    with django_assert_num_queries(2):  # who asks, and the list
        assert len(program.get("users?q=lin").json()["results"]) == 20
    with django_assert_num_queries(3):  # who asks, their seat, and the list
        assert len(program.get(f"conversations/{group.id}/participants").json()["results"]) == 22


# What somebody has read


def read_by(viewer: User, other: User, chat: Conversation) -> tuple[int, int]:
    """How far the viewer knows the other to have read and received: as participants and a resume say it."""
    seats = program_for(viewer).get(f"conversations/{chat.id}/participants").json()["results"]
    [seat] = [one for one in seats if one["user"]["id"] == str(other.id)]
    [mark] = [one for one in marks(viewer.id, chat.id) if one["user_id"] == str(other.id)]
    known = (seat["last_read_seq"], seat["last_delivered_seq"])
    assert known == (mark["last_read_seq"], mark["last_delivered_seq"])
    return known


@pytest.mark.parametrize("who", ["Alice", "Bob"])
def test_with_read_receipts_off_neither_knows_what_the_other_has_read(
    alice: User, bob: User, direct: Conversation, who: str
) -> None:
    fill(alice, direct, 3)
    actions.mark_read(user_id=bob.id, conversation_id=direct.id, seq=2)
    actions.mark_delivered(user_id=bob.id, conversation_id=direct.id, seq=3)
    assert read_by(alice, bob, direct) == (2, 3)
    prefer(alice if who == "Alice" else bob, read_receipts=False)
    assert read_by(alice, bob, direct) == (0, 3)
    assert read_by(bob, alice, direct) == (3, 3), "she wrote it, so she has read it"
    assert read_by(bob, bob, direct) == (2, 3), "of himself he knows"
    shown = program_for(bob).get(f"conversations/{direct.id}").json()
    assert (shown["unread_count"], shown["my"]["last_read_seq"]) == (1, 2), "and for himself it counts as read"
    say(bob, direct)
    assert read_by(alice, bob, direct) == (4, 4), "who answers has read"


def test_a_group_shows_what_everybody_has_read_all_the_same(alice: User, bob: User, group: Conversation) -> None:
    prefer(bob, read_receipts=False)
    say(alice, group)
    actions.mark_read(user_id=bob.id, conversation_id=group.id, seq=1)
    assert read_by(alice, bob, group) == (1, 1)


def receipts(listener: Listener) -> list[tuple[int, int]]:
    frames = [orjson.loads(event.text) for event in listener.events]
    return [(one["last_read_seq"], one["last_delivered_seq"]) for one in frames if one["type"] == "receipt"]


def test_a_receipt_tells_what_arrived_and_never_what_was_read(
    alice: User, bob: User, direct: Conversation, group: Conversation, listener: Listener
) -> None:
    prefer(bob, read_receipts=False)
    for chat in (direct, group):
        fill(alice, chat, 3)
    listener.events.clear()
    actions.mark_delivered(user_id=bob.id, conversation_id=direct.id, seq=2)
    actions.mark_read(user_id=bob.id, conversation_id=direct.id, seq=3)
    assert receipts(listener) == [(0, 2), (0, 3)]
    say(alice, direct)
    actions.mark_delivered(user_id=bob.id, conversation_id=direct.id, seq=4)
    listener.events.clear()
    actions.mark_read(user_id=bob.id, conversation_id=direct.id, seq=4)
    assert receipts(listener) == [], "where only reading has moved nothing is told, not even that something has"
    assert [orjson.loads(event.text)["type"] for event in listener.events] == ["conversation.my"], "but to his devices"
    listener.events.clear()
    actions.mark_read(user_id=bob.id, conversation_id=group.id, seq=3)
    assert receipts(listener) == [(3, 3)]


def test_the_page_ticks_what_arrived_and_not_what_was_read(alice: User, bob: User, direct: Conversation) -> None:
    say(alice, direct, "Are you there?")
    actions.mark_read(user_id=bob.id, conversation_id=direct.id, seq=1)
    browser = browser_of(alice)
    page = f"/chats/{direct.id}"
    assert '<span data-tick="read">' in browser.get(page).content.decode().split("<template")[0]
    prefer(bob, read_receipts=False)
    drawn = browser.get(page).content.decode().split("<template")[0]
    assert '<span data-tick="delivered">' in drawn
    assert '<span data-tick="read">' not in drawn
    fragment = browser.get(f"{page}/history").content.decode()
    assert '<span data-tick="delivered">' in fragment
    assert Participant.objects.get(user=bob).last_read_seq == 1


def test_what_a_preference_may_be_is_checked_at_the_door(alice: User) -> None:
    program = program_for(alice)
    for wrong in ({"last_seen": "friends"}, {"read_receipts": "no"}, {"last_seen": None}, {"read_recipts": True}):
        assert program.patch("me", {"preferences": wrong}).status_code == 400
    assert program.patch("me", {"preferences": {"read_receipts": False}}).status_code == 200
    stored = program.get("me").json()["preferences"]
    assert (stored["read_receipts"], stored["last_seen"]) == (False, "everyone")
