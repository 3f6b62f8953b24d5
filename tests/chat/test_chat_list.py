"""The chat list, opening chats, and the marks of what was read: one query for a page, and no way back for a mark."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Block, User
from chat import actions
from chat.models import Conversation, Hidden, Participant
from pulse.lib.errors import NotThere
from tests.accounts.conftest import Program
from tests.chat.conftest import draft, fill, make_group, program_for, say, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def alices(alice: User) -> Program:
    return program_for(alice)


def listed(program: Program, query: str = "") -> list[dict[str, Any]]:
    answer = program.get(f"conversations?{query}")
    assert answer.status_code == 200, answer.content
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


def titles(program: Program, query: str = "") -> list[str]:
    return [one["title"] for one in listed(program, query)]


def many_groups(alice: User, bob: User, count: int) -> list[Conversation]:
    rooms = [make_group(alice, [alice, bob], name=f"Group {number}") for number in range(count)]
    for room in rooms:
        say(bob, room, f"in {room.id}")
    return rooms


def test_a_page_costs_the_same_however_many_chats_there_are(
    alice: User, bob: User, charlie: User, alices: Program, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    costs = []
    for count in (3, 37):
        many_groups(alice, bob, count)
        for person in (bob, charlie):
            chat, _ = actions.open_direct(actor=alice, peer_id=person.id)
            say(alice, chat)
        with django_assert_max_num_queries(4) as queries:
            listed(alices, "limit=100")
        costs.append(len(queries.captured_queries))
    assert len(listed(alices, "limit=100")) == 42
    assert costs[0] == costs[1]


def test_pinned_come_first_and_then_whoever_spoke_last(alice: User, bob: User, alices: Program) -> None:
    first, second, third, _ = many_groups(alice, bob, 4)
    assert titles(alices) == ["Group 3", "Group 2", "Group 1", "Group 0"]
    say(bob, second)
    assert titles(alices) == ["Group 1", "Group 3", "Group 2", "Group 0"]
    Participant.objects.filter(user=alice, conversation__in=[first, third]).update(pinned_at=timezone.now())
    assert titles(alices) == ["Group 2", "Group 0", "Group 1", "Group 3"]
    assert titles(program_for(bob)) == ["Group 1", "Group 3", "Group 2", "Group 0"]


def test_pages_follow_one_another_and_lead_back(alice: User, bob: User, alices: Program) -> None:
    rooms = many_groups(alice, bob, 11)
    Participant.objects.filter(user=alice, conversation__in=rooms[:3]).update(pinned_at=timezone.now())
    whole = titles(alices, "limit=100")
    walked, pages = [], []
    answer = alices.get("conversations?limit=4&unread=false").json()
    assert answer["previous"] is None
    while True:
        walked += [one["title"] for one in answer["results"]]
        pages.append(answer["results"])
        if answer["next"] is None:
            break
        assert "unread=false" in answer["next"]
        answer = alices.get(answer["next"].removeprefix("/api/v1/")).json()
    assert walked == whole
    for page in reversed(pages[:-1]):
        answer = alices.get(answer["previous"].removeprefix("/api/v1/")).json()
        assert answer["results"] == page
    assert answer["previous"] is None


def test_a_chat_that_moves_up_between_two_pages_is_not_shown_twice(alice: User, bob: User, alices: Program) -> None:
    rooms = many_groups(alice, bob, 6)
    first = alices.get("conversations?limit=3").json()
    say(bob, rooms[5])
    second = alices.get(first["next"].removeprefix("/api/v1/")).json()
    assert [one["title"] for one in second["results"]] == ["Group 2", "Group 1", "Group 0"]


def test_only_the_unread_or_the_archived_are_shown_when_asked_for(alice: User, bob: User, alices: Program) -> None:
    read, unread, away = many_groups(alice, bob, 3)
    actions.mark_read(user_id=alice.id, conversation_id=read.id, seq=1)
    Participant.objects.filter(user=alice, conversation=away).update(archived_at=timezone.now())
    assert titles(alices, "unread=true") == ["Group 1"]
    assert titles(alices, "archived=true") == ["Group 2"]
    assert titles(alices) == ["Group 1", "Group 0"]
    assert [one["unread_count"] for one in listed(alices)] == [1, 0]
    assert {one["id"] for one in listed(alices, "unread=1")} == {str(unread.id)}
    for wrong in ("unread=maybe", "archived=2", "unread=", "unread=%00"):
        assert alices.get(f"conversations?{wrong}").status_code == 400


def test_what_was_cleared_is_off_the_list_until_the_next_message(alice: User, bob: User, alices: Program) -> None:
    [room] = many_groups(alice, bob, 1)
    Participant.objects.filter(user=alice).update(cleared_seq=1)
    assert titles(alices) == []
    assert titles(program_for(bob)) == ["Group 0"]
    say(bob, room, "Back")
    assert [one["last_message"]["content"] for one in listed(alices)] == ["Back"]


def test_the_last_message_is_shown_to_whom_may_see_it_alone(alice: User, bob: User, alices: Program) -> None:
    [room] = many_groups(alice, bob, 1)
    last = say(bob, room, "The last word")
    assert listed(alices)[0]["last_message"] == last
    Hidden.objects.create(user=alice, message_id=UUID(last["id"]))
    assert listed(alices)[0]["last_message"] is None
    Hidden.objects.all().delete()
    Participant.objects.filter(user=alice).update(first_seq=3)
    assert listed(alices)[0]["last_message"] is None
    assert listed(program_for(bob))[0]["last_message"] == last


def test_one_chat_alone_looks_as_it_does_in_the_list(alice: User, bob: User, alices: Program) -> None:
    chat, _ = actions.open_direct(actor=alice, peer_id=bob.id)
    say(bob_seated(bob, chat), chat)
    [shown] = listed(alices)
    assert alices.get(f"conversations/{chat.id}").json() == shown
    assert (shown["kind"], shown["title"], shown["peer"]["id"]) == ("DIRECT", "Bob", str(bob.id))
    assert shown["group_id"] is None
    assert "email" not in shown["peer"]
    assert shown["my"]["can_post"]
    User.objects.filter(id=alice.id).update(suspended_until=timezone.now() + timedelta(days=1))
    assert alices.get("conversations").status_code == 401


def bob_seated(bob: User, chat: Conversation) -> User:
    Participant.objects.get_or_create(conversation=chat, user=bob)
    return bob


# Opening


def open_with(program: Program, user_id: Any) -> Any:
    return program.post("conversations", {"user_id": user_id})


def test_opening_is_new_once_and_the_peer_sees_it_with_the_first_message(
    alice: User, bob: User, alices: Program
) -> None:
    bobs = program_for(bob)
    first, again = open_with(alices, str(bob.id)), open_with(alices, str(bob.id))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    id = first.json()["id"]
    assert bobs.get(f"conversations/{id}").status_code == 404
    assert titles(alices) == ["Bob"]
    assert alices.post(f"conversations/{id}/messages", {"content": "Hello"}).status_code == 201
    assert [one["id"] for one in listed(bobs)] == [id]
    assert open_with(bobs, str(alice.id)).status_code == 200


def test_both_open_the_same_chat(alice: User, bob: User, alices: Program) -> None:
    mine, theirs = open_with(alices, str(bob.id)), open_with(program_for(bob), str(alice.id))
    assert (mine.status_code, theirs.status_code) == (201, 201)
    assert mine.json()["id"] == theirs.json()["id"]
    assert Conversation.objects.count() == 1


def test_notes_to_oneself_are_a_chat_with_oneself(alice: User, alices: Program) -> None:
    notes = open_with(alices, str(alice.id)).json()
    assert notes["peer"]["id"] == str(alice.id)
    assert open_with(alices, str(alice.id)).status_code == 200
    sent = alices.post(f"conversations/{notes['id']}/messages", {"content": "Milk"}).json()
    assert sent["receiver_id"] == str(alice.id)
    assert Participant.objects.count() == 1


@pytest.mark.parametrize("by_whom", ["alice", "bob"])
def test_with_a_block_between_them_nobody_opens_anything(
    alice: User, bob: User, charlie: User, alices: Program, by_whom: str
) -> None:
    people = (alice, bob) if by_whom == "alice" else (bob, alice)
    Block.objects.create(blocker=people[0], blocked=people[1])
    blocked, unknown = open_with(alices, str(bob.id)), open_with(alices, str(uuid4()))
    assert blocked.status_code == unknown.status_code == 404
    assert blocked.content == unknown.content
    assert not Conversation.objects.exists()
    assert open_with(alices, str(charlie.id)).status_code == 201


def test_whoever_is_blocked_takes_no_seat_in_a_chat_that_the_other_opened(alice: User, bob: User) -> None:
    chat, _ = actions.open_direct(actor=alice, peer_id=bob.id)
    Block.objects.create(blocker=alice, blocked=bob)
    with pytest.raises(NotThere):
        actions.open_direct(actor=bob, peer_id=alice.id)
    assert Participant.objects.count() == 1
    assert actions.open_direct(actor=alice, peer_id=bob.id) == (chat, False), "and alice keeps hers"


def test_a_blocked_chat_keeps_its_history_and_says_that_one_cannot_write(
    alice: User, bob: User, alices: Program
) -> None:
    chat, _ = actions.open_direct(actor=alice, peer_id=bob.id)
    say(alice, chat)
    Block.objects.create(blocker=bob, blocked=alice)
    [shown] = listed(alices)
    assert not shown["my"]["can_post"]
    assert len(alices.get(f"conversations/{chat.id}/messages").json()["results"]) == 1
    refused = alices.post(f"conversations/{chat.id}/messages", {"content": "Why?"})
    assert (refused.status_code, refused.json()["code"]) == (403, "cannot_post")
    assert "block" not in refused.json()["detail"].lower()


@pytest.mark.parametrize(
    "body", [{}, {"user_id": None}, {"user_id": 5}, {"user_id": "x"}, {"user_id": []}, {"user_id": "0" * 36}]
)
def test_who_is_meant_must_be_said(alices: Program, body: dict[str, Any]) -> None:
    assert alices.post("conversations", body).status_code == 400


def test_an_unverified_person_is_not_there_to_be_written_to(alices: Program, bob: User) -> None:
    User.objects.filter(id=bob.id).update(verified=False)
    assert open_with(alices, str(bob.id)).status_code == 404


# Marks


def marks(person: User) -> tuple[int, int]:
    seat = Participant.objects.get(user=person)
    return seat.last_read_seq, seat.last_delivered_seq


def test_marks_move_forward_and_not_past_the_end(alice: User, bob: User, group: Conversation) -> None:
    fill(alice, group, 5)
    bobs = program_for(bob)
    for kind, seq, expected in (
        ("delivered", 3, (0, 3)),
        ("read", 2, (2, 3)),
        ("delivered", 1, (2, 3)),
        ("read", 0, (2, 3)),
        ("read", 4, (4, 4)),
        ("delivered", 99, (4, 5)),
        ("read", 2**63 - 1, (5, 5)),
        ("read", 1, (5, 5)),
    ):
        assert bobs.post(f"conversations/{group.id}/{kind}", {"seq": seq}).status_code == 204
        assert marks(bob) == expected
    say(alice, group)
    assert marks(bob) == (5, 5)
    shown = program_for(alice).get(f"conversations/{group.id}/participants").json()["results"]
    assert {one["user"]["name"]: one["last_read_seq"] for one in shown} == {"Alice": 6, "Bob": 5}


@pytest.mark.parametrize("seq", [-1, 2**63, 10**30, "1", 1.5, None, True, [], {}])
def test_what_is_no_seq_is_refused(alice: User, group: Conversation, seq: Any) -> None:
    program = program_for(alice)
    for kind in ("read", "delivered"):
        answer = program.post(f"conversations/{group.id}/{kind}", {"seq": seq})
        assert answer.status_code == 400
        assert answer.json()["code"] in {"invalid", "malformed"}


def test_charlie_marks_nothing(charlie: User, group: Conversation, alice: User) -> None:
    say(alice, group)
    for kind in ("read", "delivered"):
        assert program_for(charlie).post(f"conversations/{group.id}/{kind}", {"seq": 1}).status_code == 404


def test_moving_a_mark_costs_little(
    alice: User, bob: User, group: Conversation, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    write([draft(alice, group) for _ in range(50)])
    with django_assert_max_num_queries(9):
        actions.mark_read(user_id=bob.id, conversation_id=group.id, seq=50)
    with django_assert_max_num_queries(1):
        actions.mark_read(user_id=bob.id, conversation_id=group.id, seq=50)
