"""Who hears what, in one process."""

import asyncio
from uuid import UUID

import orjson

from pulse.lib.ids import uuid7
from pulse.realtime.events import Event, session_ended, to_conversation, to_user
from pulse.realtime.hub import Hub, Listeners
from pulse.realtime.topics import conversation_topic, user_topic
from tests.realtime.conftest import Database, Join


def said(conversation_id: UUID, text: str = "hello", *, access_version: int = 0, seq: int = 0) -> Event:
    return to_conversation(conversation_id, {"type": "said", "text": text}, access_version=access_version, seq=seq)


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_everyone_in_a_conversation_hears_it_and_a_stranger_does_not(
    hub: Hub, join: Join, conversation_id: UUID
) -> None:
    _, alice = join()
    _, bob = join()
    hub.deliver([said(conversation_id), said(uuid7(), "elsewhere")])
    assert [orjson.loads(text)["text"] for text in alice.heard] == ["hello"]
    assert bob.heard == alice.heard


async def test_a_newcomer_does_not_hear_of_messages_before_their_history(
    hub: Hub, join: Join, conversation_id: UUID
) -> None:
    _, alice = join()
    _, newcomer = join(first_seq=5)
    hub.deliver([said(conversation_id, "old", seq=4), said(conversation_id, "new", seq=5)])
    assert len(alice.heard) == 2
    assert [orjson.loads(text)["text"] for text in newcomer.heard] == ["new"]


async def test_only_who_asked_for_html_gets_it(hub: Hub, join: Join, conversation_id: UUID) -> None:
    _, program = join()
    _, page = join(wants_html=True)
    hub.deliver([said(conversation_id, seq=1)])
    assert "html" not in orjson.loads(program.heard[0])
    assert orjson.loads(page.heard[0])["html"] == "<article>"


async def test_a_message_that_cannot_be_drawn_still_arrives(
    hub: Hub, database: Database, join: Join, conversation_id: UUID
) -> None:
    def fail(text: str) -> str:
        raise ValueError(text)

    broken = Hub(load_listeners=database.load_listeners, load_membership=database.load_membership, draw_html=fail)
    socket, page = join(wants_html=True)
    broken.attach(socket)
    membership = await database.load_membership(socket.user_id, conversation_id)
    assert membership is not None
    broken.join(socket, membership)
    broken.deliver([said(conversation_id, seq=1)])
    assert page.types == ["said"]


async def test_whoever_was_removed_hears_nothing_of_a_later_epoch(
    hub: Hub, database: Database, join: Join, conversation_id: UUID
) -> None:
    _, alice = join()
    bob_socket, bob = join()
    people = database.listeners[conversation_id].first_seqs
    database.listeners[conversation_id] = Listeners(
        1, {who: seq for who, seq in people.items() if who != bob_socket.user_id}
    )
    hub.deliver([said(conversation_id, "after the removal", access_version=1)])
    assert alice.heard == []  # held until it is known who may hear
    hub.deliver([said(conversation_id, "and another", access_version=1)])
    await settle()
    assert [orjson.loads(text)["text"] for text in alice.heard] == ["after the removal", "and another"]
    assert bob.types == ["conversation.removed"]
    assert database.asked == 1


async def test_while_the_database_is_away_nobody_hears_what_they_might_not_be_allowed_to(
    hub: Hub, database: Database, join: Join, conversation_id: UUID
) -> None:
    _, alice = join()
    database.down = True
    database.listeners[conversation_id] = Listeners(1, database.listeners[conversation_id].first_seqs)
    hub.deliver([said(conversation_id, access_version=1)])
    await settle()
    assert alice.heard == []
    database.down = False
    async with asyncio.timeout(5):
        while not alice.heard:
            await asyncio.sleep(0.02)
    assert alice.types == ["said"]


async def test_a_seat_read_before_a_change_is_read_again(
    hub: Hub, database: Database, join: Join, conversation_id: UUID
) -> None:
    join()
    database.listeners[conversation_id] = Listeners(3, database.listeners[conversation_id].first_seqs)
    # The hub knows epoch 0 and this socket read epoch 3: one of the two is old.
    _, late = join()
    hub.deliver([said(conversation_id)])
    assert late.heard == []
    await settle()
    assert late.types == ["said"]
    assert database.asked == 1


async def test_leaving_takes_effect_at_once_and_joining_before_it_is_told(
    hub: Hub, database: Database, join: Join, conversation_id: UUID
) -> None:
    socket, end = join()
    leave = to_user(socket.user_id, {"type": "conversation.removed"}, control=("leave", str(conversation_id)))
    hub.deliver([leave, said(conversation_id)])
    assert end.types == ["conversation.removed"]
    back = to_user(socket.user_id, {"type": "conversation.added"}, control=("join", str(conversation_id)))
    hub.deliver([back])
    await settle()
    hub.deliver([said(conversation_id, "again")])
    assert end.types == ["conversation.removed", "conversation.added", "heads", "said"]


async def test_an_ended_session_loses_its_socket_and_the_persons_others_stay(hub: Hub, join: Join) -> None:
    socket, end = join()
    _, other = join()
    hub.deliver([session_ended(socket.user_id, session_id=uuid7(), reason="ended")])
    assert end.closed is None
    hub.deliver([session_ended(socket.user_id, session_id=socket.session_id, reason="ended")])
    assert end.types == ["session.ended"]
    assert end.closed == (4401, "ended")
    assert other.closed is None


async def test_all_sessions_end_but_the_one_that_is_spared(hub: Hub, join: Join) -> None:
    socket, end = join()
    hub.deliver([session_ended(socket.user_id, session_id=None, spare=socket.session_id, reason="ended")])
    assert end.closed is None
    hub.deliver([session_ended(socket.user_id, session_id=None, reason="ended")])
    assert end.closed == (4401, "ended")


async def test_heads_tell_only_what_moved_and_after_an_outage_everything(
    hub: Hub, join: Join, conversation_id: UUID
) -> None:
    _, alice = join()
    topic = conversation_topic(conversation_id)
    hub.send_heads({topic: 1})
    assert alice.heard == []
    hub.send_heads({topic: 2})
    hub.send_heads({topic: 2})
    assert [orjson.loads(text)["conversations"] for text in alice.heard] == [{str(conversation_id): 2}]
    hub.send_heads({topic: 2}, all_of_them=True)
    assert len(alice.heard) == 2


async def test_a_topic_is_wanted_from_its_first_listener_to_its_last(
    hub: Hub, join: Join, conversation_id: UUID
) -> None:
    wanted: list[tuple[str, bool]] = []
    hub.on_topic = lambda name, want: wanted.append((name, want))
    first, _ = join()
    second, _ = join()
    topic = conversation_topic(conversation_id)
    assert wanted.count((topic, True)) == 1
    hub.detach(first)
    assert (topic, False) not in wanted
    hub.detach(second)
    assert (topic, False) in wanted
    assert (user_topic(second.user_id), False) in wanted
    assert hub.topics == {}


async def test_before_a_restart_everybody_is_told_to_come_back(hub: Hub, join: Join) -> None:
    _, alice = join()
    _, bob = join()
    hub.close_all()
    assert alice.closed == bob.closed == (4503, "restart")
