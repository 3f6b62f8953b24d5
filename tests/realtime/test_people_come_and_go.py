"""Joining, leaving and ending, where the database is slow and the news comes in an unlucky order."""

import asyncio
from uuid import uuid4

import orjson
import pytest

from pulse.realtime.events import Event, session_ended, to_user
from pulse.realtime.topics import user_topic
from tests.realtime.rooms import ROOM, TOPIC, Person, Room, settle


@pytest.fixture
async def room() -> Room:
    return Room()


def joined(person: Person) -> Event:
    frame = {"type": "conversation.added", "conversation": {"id": str(ROOM)}}
    return to_user(person.id, frame, control=("join", str(ROOM)))


async def test_whoever_is_added_hears_of_it_then_where_it_stands_then_what_follows(room: Room) -> None:
    alice, bob = Person(), Person()
    room.enter(alice)
    room.hub.attach(bob.socket)
    room.database.seat(bob, first_seq=3)
    room.database.version = 7
    room.hub.deliver([joined(bob)])
    await settle()
    room.say(2, 3)
    assert bob.link.types == ["conversation.added", "heads", "message.created"]
    assert bob.numbers == [3]
    assert orjson.loads(bob.link.heard[1])["conversations"] == {str(ROOM): 7}
    assert alice.numbers == [2, 3]


async def test_all_devices_of_somebody_join(room: Room) -> None:
    phone = Person()
    laptop = Person(user_id=phone.id)
    for device in (phone, laptop):
        room.hub.attach(device.socket)
    room.database.seat(phone)
    room.hub.deliver([joined(phone)])
    await settle()
    room.say(1)
    assert phone.numbers == laptop.numbers == [1]


async def test_whoever_was_removed_before_the_joining_was_done_never_joins(room: Room) -> None:
    bob = Person()
    room.hub.attach(bob.socket)
    room.database.answers.clear()
    room.hub.deliver([joined(bob)])
    room.database.answers.set()
    await settle()
    assert bob.link.types == []
    assert TOPIC not in room.hub.topics


async def test_whoever_hung_up_while_joining_leaves_nothing_behind(room: Room) -> None:
    bob = Person()
    room.hub.attach(bob.socket)
    room.database.seat(bob)
    room.database.answers.clear()
    room.hub.deliver([joined(bob)])
    await settle()
    room.hub.detach(bob.socket)
    room.database.answers.set()
    await settle()
    assert room.hub.topics == {}
    assert bob.link.types == []


async def test_leaving_one_room_leaves_the_others_be(room: Room) -> None:
    bob, alice = Person(), Person()
    room.enter(bob, alice)
    other = to_user(bob.id, {"type": "conversation.removed"}, control=("leave", str(uuid4())))
    room.hub.deliver([other])
    room.say(1)
    assert bob.numbers == alice.numbers == [1]


async def test_orders_are_given_on_ones_own_topic_alone(room: Room) -> None:
    """An order that came to a conversation's topic is obeyed for nobody elsewhere."""
    alice, stranger = Person(), Person()
    room.enter(alice)
    room.hub.attach(stranger.socket)
    room.hub.deliver([Event(user_topic(alice.id), "", control=("end", "*", "", "ended"))])
    assert alice.link.closed == (4401, "ended")
    assert stranger.link.closed is None


async def test_a_closed_socket_is_written_to_no_more_and_not_closed_twice(room: Room) -> None:
    alice = Person()
    room.enter(alice)
    ended = session_ended(alice.id, session_id=alice.socket.session_id, reason="ended")
    room.hub.deliver([ended, ended])
    room.say(1)
    room.hub.close_all()
    assert alice.link.types == ["session.ended"]
    assert alice.link.closed == (4401, "ended")


async def test_a_session_ends_also_where_nothing_is_read(room: Room) -> None:
    alice = Person()
    room.enter(alice)
    alice.link.reads = False
    room.say(1)
    room.hub.deliver([session_ended(alice.id, session_id=None, reason="ended")])
    assert alice.link.closed == (4401, "ended")
    alice.link.begin_to_read()
    assert alice.link.heard == [], "what waited is not written behind the close frame"


async def test_topics_are_wanted_once_however_many_listen_and_come_back(room: Room) -> None:
    people = [Person() for _ in range(3)]
    room.enter(*people)
    for person in people:
        room.hub.detach(person.socket)
        room.hub.detach(person.socket)
    room.enter(people[0])
    assert [wanted for name, wanted in room.wanted if name == TOPIC] == [True, False, True]


async def test_a_crowd_comes_and_goes_and_nothing_is_left(room: Room) -> None:
    for _ in range(200):
        crowd = [Person() for _ in range(5)]
        room.enter(*crowd)
        room.say(1)
        for person in crowd:
            room.hub.detach(person.socket)
    assert (room.hub.topics, room.hub.sockets) == ({}, set())
    await asyncio.sleep(0)


async def test_a_newcomers_socket_hears_what_was_held_while_it_joined(room: Room) -> None:
    alice, mia = Person(), Person()
    room.enter(alice)
    room.database.answers.clear()
    room.database.access_version = 1
    room.say(1)
    room.enter(mia)
    room.say(2)
    room.database.answers.set()
    await settle()
    assert alice.numbers == [1, 2]
    assert mia.numbers == [1, 2]
