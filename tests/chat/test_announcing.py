"""What writing announces: after the commit, in order, once, and never at a message's cost."""

from collections.abc import Sequence
from typing import Any

import orjson
import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import Block, User
from chat import actions
from chat.errors import CannotPost
from chat.models import Conversation, Message, Participant
from chat.writing import Written, write_messages
from pulse.realtime import outbox
from pulse.realtime.events import Event
from pulse.realtime.topics import conversation_topic, user_topic
from tests.chat.conftest import draft, fill, say, write
from tests.listening import Listener

pytestmark = pytest.mark.django_db(transaction=True)


def frames_of(events: Sequence[Event]) -> list[dict[str, Any]]:
    return [orjson.loads(event.text) for event in events]


def test_a_message_is_announced_once_as_it_was_stored(alice: User, direct: Conversation, listener: Listener) -> None:
    said = say(alice, direct, "Hello")
    [event] = listener.events
    assert event.topic == conversation_topic(direct.id)
    assert (event.seq, event.access_version, event.control) == (1, 0, ())
    assert frames_of([event]) == [
        {"type": "message.created", "conversation_id": str(direct.id), "version": 1, "message": said}
    ]


def test_nothing_is_announced_before_the_commit_or_without_one(
    alice: User, direct: Conversation, listener: Listener
) -> None:
    with transaction.atomic():
        write_messages([draft(alice, direct, "Said")])
        assert listener.events == []
    assert len(listener.events) == 1
    with transaction.atomic():
        write_messages([draft(alice, direct, "Taken back")])
        transaction.set_rollback(True)
    assert len(listener.events) == 1
    assert Message.objects.count() == 1


def test_a_retry_and_a_refusal_announce_nothing(
    alice: User, charlie: User, direct: Conversation, listener: Listener
) -> None:
    first = draft(alice, direct, id=direct.id)
    write([first])
    listener.events.clear()
    write([first, draft(alice, direct, "Other words", id=direct.id), draft(charlie, direct)])
    assert listener.events == []


def test_an_import_announces_nothing(alice: User, bob: User, listener: Listener) -> None:
    chat = actions.open_direct_between(alice.id, bob.id)
    long_ago = timezone.now().replace(year=2004)
    [outcome] = write([draft(alice, chat, created_at=long_ago)], announce=False)
    assert isinstance(outcome, Written)
    assert outcome.message["created_at"].startswith("2004-")
    assert listener.events == []


def test_messages_are_announced_in_their_order(alice: User, bob: User, group: Conversation, listener: Listener) -> None:
    write([draft(alice, group, "one"), draft(bob, group, "two"), draft(alice, group, "three")])
    frames = frames_of(listener.events)
    assert [frame["message"]["content"] for frame in frames] == ["one", "two", "three"]
    assert [frame["version"] for frame in frames] == [1, 2, 3]


def test_bob_hears_of_a_chat_with_its_first_message_alone(alice: User, bob: User, listener: Listener) -> None:
    chat, _ = actions.open_direct(actor=alice, peer_id=bob.id)
    assert [event.topic for event in listener.events] == [user_topic(alice.id)]
    listener.events.clear()
    fill(alice, chat, 2)
    *_, added = listener.events
    assert [event.topic for event in listener.events].count(user_topic(bob.id)) == 1
    assert added.topic == user_topic(bob.id)
    assert added.control == ("join", str(chat.id))
    [frame] = frames_of([added])
    assert frame["type"] == "conversation.added"
    assert frame["conversation"]["peer"]["id"] == str(alice.id)
    assert (frame["conversation"]["unread_count"], frame["conversation"]["version"]) == (2, 2)
    listener.events.clear()
    say(alice, chat)
    assert [event.topic for event in listener.events] == [conversation_topic(chat.id)]


def test_after_a_removal_messages_carry_the_new_epoch(
    alice: User, bob: User, group: Conversation, listener: Listener
) -> None:
    say(alice, group)
    with transaction.atomic():
        assert actions.remove_participant(conversation_id=group.id, user_id=bob.id)
        assert not actions.remove_participant(conversation_id=group.id, user_id=bob.id)
    say(alice, group)
    before, removed, after = listener.events
    assert (before.access_version, after.access_version) == (0, 1)
    assert (removed.topic, removed.control) == (user_topic(bob.id), ("leave", str(group.id)))


def test_reading_is_told_to_all_and_ones_own_marks_to_oneself(
    alice: User, bob: User, group: Conversation, listener: Listener
) -> None:
    fill(alice, group, 3)
    listener.events.clear()
    actions.mark_read(user_id=bob.id, conversation_id=group.id, seq=2)
    receipt, mine = frames_of(listener.events)
    assert receipt == {
        "type": "receipt",
        "conversation_id": str(group.id),
        "user_id": str(bob.id),
        "last_read_seq": 2,
        "last_delivered_seq": 2,
    }
    assert (mine["type"], mine["unread_count"], mine["my"]["last_read_seq"]) == ("conversation.my", 1, 2)
    assert listener.events[1].topic == user_topic(bob.id)
    listener.events.clear()
    actions.mark_read(user_id=bob.id, conversation_id=group.id, seq=1)
    assert listener.events == []


def test_in_a_large_group_nobody_is_told_who_types_or_reads(
    alice: User, bob: User, group: Conversation, listener: Listener
) -> None:
    say(alice, group)
    listener.events.clear()
    crowd = [User(name=f"Person {number}", email=f"p{number}@example.org") for number in range(98)]
    User.objects.bulk_create(crowd)
    seats = [Participant(conversation=group, user=user) for user in crowd]
    Participant.objects.bulk_create(seats)
    actions.set_typing(user_id=bob.id, conversation_id=group.id, active=True)
    assert [frame["type"] for frame in frames_of(listener.events)] == ["typing"], "a hundred are not too many"
    listener.events.clear()
    one_more = User.objects.create(name="One more", email="more@example.org")
    Participant.objects.create(conversation=group, user=one_more)
    actions.set_typing(user_id=bob.id, conversation_id=group.id, active=True)
    actions.mark_read(user_id=bob.id, conversation_id=group.id, seq=1)
    assert [frame["type"] for frame in frames_of(listener.events)] == ["conversation.my"]


@pytest.mark.parametrize("blocker", ["alice", "bob"])
def test_with_a_block_between_them_neither_hears_the_other_type_or_read(
    alice: User, bob: User, direct: Conversation, group: Conversation, listener: Listener, blocker: str
) -> None:
    say(alice, direct)
    say(alice, group)
    people = (alice, bob) if blocker == "alice" else (bob, alice)
    Block.objects.create(blocker=people[0], blocked=people[1])
    listener.events.clear()
    with pytest.raises(CannotPost):
        actions.set_typing(user_id=bob.id, conversation_id=direct.id, active=True)
    actions.mark_read(user_id=bob.id, conversation_id=direct.id, seq=1)
    assert [frame["type"] for frame in frames_of(listener.events)] == ["conversation.my"]
    assert listener.events[0].topic == user_topic(bob.id)
    listener.events.clear()
    actions.set_typing(user_id=bob.id, conversation_id=group.id, active=True)
    actions.mark_read(user_id=bob.id, conversation_id=group.id, seq=1)
    assert [frame["type"] for frame in frames_of(listener.events)] == ["typing", "receipt", "conversation.my"]


def test_whoever_may_only_read_does_not_type(bob: User, group: Conversation, listener: Listener) -> None:
    Participant.objects.filter(user=bob).update(read_only=True)
    with pytest.raises(CannotPost):
        actions.set_typing(user_id=bob.id, conversation_id=group.id, active=True)
    Participant.objects.update(read_only=False)
    Conversation.objects.update(closed_at=timezone.now())
    with pytest.raises(CannotPost):
        actions.set_typing(user_id=bob.id, conversation_id=group.id, active=True)
    assert listener.events == []


class BrokenBus(Listener):
    def publish(self, events: Sequence[Event]) -> None:
        raise ConnectionError


def test_a_message_is_stored_though_nobody_can_be_told(alice: User, direct: Conversation) -> None:
    outbox.use_bus(BrokenBus())
    try:
        sent = actions.send_message(actor=alice, conversation_id=direct.id, content="Hello")
    finally:
        outbox.use_bus(None)
    assert sent.created
    assert Message.objects.get().content == "Hello"
