"""Epochs: whoever was removed gets no later frame, in whatever order the news arrives."""

import asyncio
from uuid import UUID

import orjson
import pytest

from pulse.realtime import hub as hub_module
from pulse.realtime.events import Event, epoch_moved, to_conversation, to_user
from pulse.realtime.hub import MAX_HELD_EVENTS, Membership
from tests.realtime.rooms import ROOM, TOPIC, Person, Room, messages, settle


def leave(person: Person) -> Event:
    frame = {"type": "conversation.removed", "conversation_id": ROOM}
    return to_user(person.id, frame, control=("leave", str(ROOM)))


@pytest.fixture
async def room() -> Room:
    return Room()


async def test_a_message_of_a_newer_epoch_waits_until_the_listeners_were_read_again(room: Room) -> None:
    alice, bob = Person(), Person()
    room.enter(alice, bob)
    room.say(1)
    room.database.answers.clear()
    room.database.remove(bob)
    room.say(2)
    await settle()
    assert (alice.numbers, bob.numbers) == ([1], [1]), "nobody hears it before it is known who may"
    room.database.answers.set()
    await settle()
    assert (alice.numbers, bob.numbers) == ([1, 2], [1])
    assert bob.link.types == ["message.created", "conversation.removed"]
    assert bob.link.closed is None, "he is out of the room, not of the house"


async def test_what_follows_a_held_message_is_held_with_it_and_order_is_kept(room: Room) -> None:
    alice = Person()
    room.enter(alice)
    room.database.answers.clear()
    room.database.access_version = 1
    room.say(1)
    room.say(2, access_version=0)  # late, and of the older epoch
    room.say(3)
    assert alice.numbers == []
    room.database.answers.set()
    await settle()
    assert alice.numbers == [1, 2, 3]
    assert room.database.asked == 1


async def test_a_second_removal_while_the_first_is_looked_up_holds_again(room: Room) -> None:
    alice, bob, mia = Person(), Person(), Person()
    room.enter(alice, bob, mia)
    room.database.answers.clear()
    room.database.remove(bob)
    room.say(1)
    room.database.answers.set()
    await asyncio.sleep(0)  # the first look is on its way with the answer of epoch 1
    room.hub.deliver(messages([2], access_version=2))
    room.database.remove(mia)
    room.hub.deliver(messages([3], access_version=2))
    await settle()
    assert alice.numbers == [1, 2, 3]
    assert bob.numbers == []
    assert mia.numbers in ([], [1]), "what was said before she was removed may reach her, nothing after"


async def test_late_news_of_the_removal_do_no_harm(room: Room) -> None:
    alice, bob = Person(), Person()
    room.enter(alice, bob)
    room.database.remove(bob)
    room.say(1)
    await settle()
    room.hub.deliver([leave(bob)])
    room.say(2)
    await settle()
    assert (alice.numbers, bob.numbers) == ([1, 2], [])


async def test_early_news_of_the_removal_end_it_at_once(room: Room) -> None:
    alice, bob = Person(), Person()
    room.enter(alice, bob)
    room.database.remove(bob)
    room.hub.deliver([leave(bob)])
    room.say(1, access_version=0)  # written before, delivered after
    room.say(2)
    await settle()
    assert (alice.numbers, bob.numbers) == ([1, 2], [])
    assert bob.link.types == ["conversation.removed"]


async def test_whoever_joins_with_old_knowledge_is_looked_up_again(room: Room) -> None:
    """Bob's socket read its memberships, then he was removed, and only then it joins."""
    alice, bob = Person(), Person()
    room.enter(alice)
    room.database.access_version = 1
    room.say(1)
    await settle()
    room.hub.attach(bob.socket)
    room.hub.join(bob.socket, Membership(ROOM, 1, access_version=0, version=0))
    room.say(2)
    await settle()
    room.say(3)
    assert (alice.numbers, bob.numbers) == ([1, 2, 3], [])
    assert bob.link.types == ["conversation.removed"]


async def test_whoever_joins_with_newer_knowledge_makes_the_others_looked_up_again(room: Room) -> None:
    bob, mia = Person(), Person()
    room.enter(bob)
    room.database.remove(bob)
    room.database.access_version = 1
    room.enter(mia)
    room.say(1, access_version=0)
    await settle()
    assert (bob.numbers, mia.numbers) == ([], [1])


async def test_alone_with_old_knowledge_is_found_by_the_next_message(room: Room) -> None:
    bob = Person()
    room.hub.attach(bob.socket)
    room.hub.join(bob.socket, Membership(ROOM, 1, access_version=0, version=0))
    room.database.access_version = 1
    room.say(1)
    await settle()
    assert bob.numbers == []
    assert TOPIC not in room.hub.topics


async def test_a_round_that_finds_a_newer_epoch_needs_no_message(room: Room) -> None:
    alice, bob = Person(), Person()
    room.enter(alice, bob)
    room.database.remove(bob)
    room.hub.recheck(TOPIC)
    room.hub.send_heads({TOPIC: 7})
    await settle()
    assert bob.link.types == ["conversation.removed"], "not even how far the conversation has come"
    room.hub.send_heads({TOPIC: 7})
    assert alice.link.types == ["heads"]


async def test_without_the_database_nobody_hears_anything_and_then_all_do(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "RELOAD_RETRY_SECONDS", 0.01)
    alice, bob = Person(), Person()
    room.enter(alice, bob)
    room.database.remove(bob)
    room.database.failures = 3
    room.say(1, 2)
    await settle()
    assert (alice.numbers, bob.numbers) == ([], [])
    await asyncio.sleep(0.1)
    assert (alice.numbers, bob.numbers) == ([1, 2], [])
    assert room.database.asked == 4


async def test_held_messages_are_bounded_and_what_was_dropped_is_found_by_heads(room: Room) -> None:
    alice = Person()
    room.enter(alice)
    room.database.answers.clear()
    room.database.access_version = 1
    room.say(*range(1, MAX_HELD_EVENTS + 101))
    held = room.hub.topics[TOPIC].held
    assert held is not None
    assert len(held) <= MAX_HELD_EVENTS
    room.database.answers.set()
    await settle()
    assert alice.numbers == list(range(MAX_HELD_EVENTS + 2, MAX_HELD_EVENTS + 101)), "the latest, in order"
    room.hub.send_heads({TOPIC: MAX_HELD_EVENTS + 100})
    assert orjson.loads(alice.link.heard[-1]) == {"type": "heads", "conversations": {str(ROOM): MAX_HELD_EVENTS + 100}}


async def test_everybody_leaving_while_they_are_looked_up_leaves_nothing_behind(room: Room) -> None:
    alice, bob = Person(), Person()
    room.enter(alice)
    room.database.answers.clear()
    room.database.access_version = 1
    room.say(1)
    room.hub.detach(alice.socket)
    room.enter(bob)
    room.database.answers.set()
    await settle()
    room.say(2)
    assert alice.numbers == []
    assert bob.numbers[-1] == 2
    room.hub.detach(bob.socket)
    assert room.hub.topics == {}
    assert room.hub.sockets == set()


async def test_where_history_begins_later_is_read_again_with_the_listeners(room: Room) -> None:
    alice = Person()
    room.enter(alice)
    room.database.seat(alice, first_seq=3)
    room.database.access_version = 1
    room.say(1, 2, 3)
    await settle()
    assert alice.numbers == [3]


def typing(access_version: int) -> Event:
    return to_conversation(ROOM, {"type": "typing"}, access_version=access_version, fleeting=True)


async def test_what_was_typed_before_the_newest_epoch_is_dropped_and_what_was_said_is_not(room: Room) -> None:
    alice = Person()
    room.enter(alice)
    room.hub.deliver([typing(0)])
    room.database.access_version = 1
    room.say(1)
    await settle()
    room.hub.deliver([typing(0), *messages([2], access_version=0), typing(1)])
    assert alice.link.types == ["typing", "message.created", "message.created", "typing"]


async def test_news_of_an_epoch_shut_out_what_comes_too_late_and_say_nothing_themselves(room: Room) -> None:
    """Alice has blocked Bob: her own topic tells her hub, and then her devices."""
    alice, bob = Person(), Person()
    room.enter(alice, bob)
    room.database.access_version = 1
    room.database.answers.clear()
    room.hub.deliver([epoch_moved(alice.id, ROOM, 1), to_user(alice.id, {"type": "conversation.my"})])
    room.hub.deliver([typing(0), *messages([1], access_version=0)])
    assert alice.link.types == ["conversation.my"]
    room.database.answers.set()
    await settle()
    room.hub.deliver([typing(0)])
    assert alice.link.types == ["conversation.my", "message.created"]
    assert bob.link.types == ["message.created"], "he is told nothing"


async def test_news_of_an_epoch_that_come_while_listeners_are_read_have_them_read_again(room: Room) -> None:
    alice = Person()
    room.enter(alice)
    room.database.answers.clear()
    room.hub.recheck(TOPIC)
    await asyncio.sleep(0)
    room.hub.deliver([epoch_moved(alice.id, ROOM, 1), typing(0)])
    room.database.answers.set()
    await asyncio.sleep(0)
    room.database.access_version = 1
    await settle()
    assert alice.link.types == []
    assert room.hub.topics[TOPIC].access_version == 1


async def test_news_of_an_epoch_in_a_conversation_that_nobody_here_hears_do_no_harm(room: Room) -> None:
    alice = Person()
    room.hub.attach(alice.socket)
    room.hub.deliver([epoch_moved(alice.id, ROOM, 1)])
    await settle()
    assert alice.link.types == []
    assert TOPIC not in room.hub.topics


def test_a_room_is_a_conversation() -> None:
    assert f"conversation.{ROOM}" == TOPIC
    assert isinstance(ROOM, UUID)
