"""Blocking at the API: whom one may block, what becomes of the two, and who hears of it."""

from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Block, User
from chat import actions
from chat.actions.blocks import block, unblock
from chat.limits import BLOCK
from chat.models import Conversation, Participant
from chat.resuming import marks
from pulse.realtime.topics import conversation_topic, user_topic
from tests.accounts.conftest import Program
from tests.chat.conftest import fill, make_group, program_for, say, send
from tests.listening import Listener

pytestmark = pytest.mark.django_db(transaction=True)


def put(program: Program, person: User | UUID, body: Any = None) -> int:
    id = person.id if isinstance(person, User) else person
    return int(program.call("put", f"blocks/{id}", body).status_code)


def delete(program: Program, person: User | UUID) -> int:
    id = person.id if isinstance(person, User) else person
    return int(program.delete(f"blocks/{id}").status_code)


def names(program: Program) -> list[str]:
    return [one["name"] for one in program.get("blocks").json()["results"]]


def can_post(program: Program, chat: Conversation) -> bool:
    return bool(program.get(f"conversations/{chat.id}").json()["my"]["can_post"])


# Whom one may block


def test_blocking_and_unblocking_again_change_nothing(alice: User, bob: User) -> None:
    alices = program_for(alice)
    assert [put(alices, bob), put(alices, bob)] == [204, 204]
    assert names(alices) == ["Bob"]
    assert names(program_for(bob)) == [], "whom others have blocked is theirs to know"
    assert [delete(alices, bob), delete(alices, bob)] == [204, 204]
    assert names(alices) == []


def test_nobody_blocks_themselves_or_somebody_who_is_not_there(alice: User, bob: User) -> None:
    alices = program_for(alice)
    User.objects.filter(id=bob.id).update(verified=False)
    for call in (put, delete):
        assert call(alices, alice) == 400
        assert call(alices, uuid4()) == 404
        assert call(alices, bob) == 404
    assert not Block.objects.exists()
    assert not Conversation.objects.exists()


def test_a_block_takes_no_fields(alice: User, bob: User) -> None:
    assert put(program_for(alice), bob, {"reason": "noise"}) == 400
    assert put(program_for(alice), bob, {}) == 204
    assert Program().get("blocks").status_code == 401
    assert put(Program(), bob) == 401


def test_nobody_can_tell_by_blocking_who_has_blocked_them(alice: User, bob: User, charlie: User) -> None:
    """Bob has no chat with Alice, Charlie is in a group with her. Both are blocked by her."""
    make_group(alice, [alice, charlie])
    for person in (bob, charlie):
        block(actor=alice, user_id=person.id)
    bobs, charlies = program_for(bob), program_for(charlie)
    hidden, unknown = bobs.call("put", f"blocks/{alice.id}"), bobs.call("put", f"blocks/{uuid4()}")
    assert (hidden.status_code, hidden.content) == (unknown.status_code, unknown.content)
    assert hidden.status_code == 404
    assert put(charlies, alice) == 204, "as if she had not"
    assert names(charlies) == ["Alice"]


def test_whom_one_sees_in_a_chat_can_be_blocked_though_their_account_is_closed(alice: User, bob: User) -> None:
    make_group(alice, [alice, bob])
    User.objects.filter(id=bob.id).update(is_active=False)
    assert put(program_for(alice), bob) == 204


def test_a_chat_that_one_opened_is_one_in_which_one_sees_the_other(alice: User, bob: User) -> None:
    actions.open_direct(actor=alice, peer_id=bob.id)
    block(actor=bob, user_id=alice.id)
    assert put(program_for(alice), bob) == 204
    assert put(program_for(alice), bob) == 204
    assert delete(program_for(alice), bob) == 204


def test_the_list_is_the_latest_first_and_costs_the_same_however_long(
    alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    alices = program_for(alice)
    for number in range(5):
        person = User.objects.create_user(email=f"p{number}@example.org", name=f"Person {number}", verified=True)
        User.objects.filter(id=person.id).update(about="Climber", last_seen=timezone.now())
        block(actor=alice, user_id=person.id)
    first = alices.get("blocks?limit=3").json()
    second = alices.get(first["next"].removeprefix("/api/v1/")).json()
    assert [one["name"][-1] for one in first["results"] + second["results"]] == ["4", "3", "2", "1", "0"]
    assert second["next"] is None
    assert set(first["results"][0]) == {"id", "name", "avatar_url", "about", "online", "last_seen"}
    assert {(one["about"], one["online"], one["last_seen"]) for one in first["results"]} == {("", False, None)}
    with django_assert_num_queries(2):  # who asks, and the list
        alices.get("blocks")
    assert alices.get("blocks?cursor=x").status_code == 400


def test_blocks_are_bounded_in_number(alice: User, bob: User, rate_limits: None) -> None:
    alices, bobs = program_for(alice), program_for(bob)
    # Counted here, and not by requests: a slow machine would be in the next minute before it had made them all.
    for _ in range(BLOCK.tries - 1):
        BLOCK.count(str(alice.id))
    assert [put(alices, bob), put(alices, bob), put(bobs, alice)] == [204, 429, 404]


# What becomes of the two


def test_neither_writes_and_both_keep_what_was_said(alice: User, bob: User, direct: Conversation) -> None:
    fill(alice, direct, 3)
    programs = {person.name: program_for(person) for person in (alice, bob)}
    put(programs["Alice"], bob)
    for program in programs.values():
        assert not can_post(program, direct)
        refused = send(program, direct.id, "Hello?")
        assert (refused.status_code, refused.json()["code"]) == (403, "cannot_post")
        assert len(program.get(f"conversations/{direct.id}/messages").json()["results"]) == 3
        assert program.post(f"conversations/{direct.id}/read", {"seq": 3}).status_code == 204
    delete(programs["Alice"], bob)
    for program in programs.values():
        assert can_post(program, direct)
        assert send(program, direct.id, "Hello").status_code == 201


def test_neither_finds_the_other_or_sees_their_profile(alice: User, bob: User) -> None:
    put(program_for(alice), bob)
    for one, other in ((alice, bob), (bob, alice)):
        program = program_for(one)
        assert program.get(f"users/{other.id}").status_code == 404
        assert program.get(f"users?q={other.name}").json()["results"] == []
        assert program.post("conversations", {"user_id": str(other.id)}).status_code == 404
    delete(program_for(alice), bob)
    assert program_for(bob).get(f"users/{alice.id}").status_code == 200
    assert program_for(bob).post("conversations", {"user_id": str(alice.id)}).status_code == 201


def test_where_both_have_blocked_one_unblocking_is_not_enough(alice: User, bob: User, direct: Conversation) -> None:
    alices, bobs = program_for(alice), program_for(bob)
    assert [put(alices, bob), put(bobs, alice), delete(alices, bob)] == [204, 204, 204]
    assert not can_post(alices, direct)
    assert send(alices, direct.id, "Peace?").status_code == 403
    assert delete(bobs, alice) == 204
    assert send(alices, direct.id, "Peace").status_code == 201


def test_a_shared_group_goes_on_and_says_nothing_of_when_the_other_was_here(
    alice: User, bob: User, charlie: User
) -> None:
    group = make_group(alice, [alice, bob, charlie])
    User.objects.update(about="Climber", last_seen=timezone.now())
    fill(alice, group, 2)
    put(program_for(alice), bob)
    bobs = program_for(bob)
    assert send(bobs, group.id, "Hello all").status_code == 201
    seats = bobs.get(f"conversations/{group.id}/participants").json()["results"]
    seen = {one["user"]["name"]: (one["user"]["online"], one["user"]["about"], one["last_read_seq"]) for one in seats}
    assert seen == {"Alice": (False, "", 2), "Bob": (True, "Climber", 3), "Charlie": (True, "Climber", 0)}


def test_what_the_other_reads_after_the_block_does_not_show(alice: User, bob: User, direct: Conversation) -> None:
    """What shows is what their own messages say: that they have read what was above."""
    say(alice, direct)
    say(bob, direct)
    fill(alice, direct, 3)
    actions.mark_read(user_id=bob.id, conversation_id=direct.id, seq=4)
    put(program_for(alice), bob)
    actions.mark_read(user_id=bob.id, conversation_id=direct.id, seq=5)
    seats = program_for(alice).get(f"conversations/{direct.id}/participants").json()["results"]
    known = {one["user"]["name"]: (one["last_read_seq"], one["last_delivered_seq"]) for one in seats}
    assert known == {"Alice": (5, 5), "Bob": (2, 2)}
    assert {(one["user_id"], one["last_read_seq"]) for one in marks(alice.id, direct.id)} == {
        (str(alice.id), 5),
        (str(bob.id), 2),
    }
    assert Participant.objects.get(user=bob).last_read_seq == 5, "for himself he has read it"
    delete(program_for(alice), bob)
    assert {one["last_read_seq"] for one in marks(alice.id, direct.id)} == {5}


# Who hears of it


def test_the_blockers_own_devices_hear_at_once_and_the_other_is_never_told(
    alice: User, bob: User, direct: Conversation, listener: Listener
) -> None:
    say(bob, direct)
    for change, can_write in ((block, False), (unblock, True)):
        listener.events.clear()
        change(actor=alice, user_id=bob.id)
        [told] = [event for event in listener.events if event.text]
        assert told.topic == user_topic(alice.id)
        frame = orjson.loads(told.text)
        assert (frame["type"], frame["conversation_id"]) == ("conversation.my", str(direct.id))
        assert (frame["my"]["can_post"], frame["unread_count"]) == (can_write, 1)
        listener.events.clear()
        change(actor=alice, user_id=bob.id)
        assert listener.events == [], "again is no news"


def test_a_block_moves_the_epoch_before_anybody_hears_of_it(
    alice: User, bob: User, direct: Conversation, listener: Listener
) -> None:
    block(actor=alice, user_id=bob.id)
    news = [(event.topic, event.control) for event in listener.events]
    order = ("epoch", str(direct.id), "1")
    assert news == [(user_topic(alice.id), order), (user_topic(bob.id), order), (user_topic(alice.id), ())]
    assert Conversation.objects.get().access_version == 1
    listener.events.clear()
    unblock(actor=alice, user_id=bob.id)
    actions.set_typing(user_id=bob.id, conversation_id=direct.id, active=True)
    typing = listener.events[-1]
    assert (typing.topic, typing.access_version, typing.fleeting) == (conversation_topic(direct.id), 1, True)


def test_a_block_of_somebody_one_never_wrote_to_tells_nobody_anything(
    alice: User, bob: User, listener: Listener
) -> None:
    block(actor=alice, user_id=bob.id)
    assert [event.text for event in listener.events if event.text] == []
    assert program_for(alice).get("conversations").json()["results"] == []
    assert program_for(bob).get("conversations").json()["results"] == []
