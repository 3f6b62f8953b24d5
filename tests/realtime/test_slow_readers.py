"""A reader who doesn't read is bounded, dropped, and nobody else's business."""

import asyncio
from uuid import UUID

from pulse.lib.ids import uuid7
from pulse.realtime.events import to_conversation
from pulse.realtime.hub import Hub, Membership
from pulse.realtime.link import text_frame
from pulse.realtime.socket import MAX_WAITING_BYTES, MAX_WAITING_FRAMES, Socket
from tests.realtime.conftest import Database, FarEnd, Join


async def test_frames_wait_for_a_reader_who_pauses_and_come_in_order(join: Join) -> None:
    socket, end = join(reads=False)
    for number in range(10):
        socket.push_text(str(number))
    assert end.heard == []
    end.begin_to_read()
    assert end.heard == [str(number) for number in range(10)]


async def test_one_frame_too_many_drops_the_reader(join: Join) -> None:
    socket, end = join(reads=False)
    for _ in range(MAX_WAITING_FRAMES):
        socket.push(text_frame("x"))
    assert end.closed is None
    socket.push(text_frame("x"))
    assert end.closed == (4408, "too slow")


async def test_one_byte_too_many_drops_the_reader(join: Join) -> None:
    socket, end = join(reads=False)
    half = b"x" * (MAX_WAITING_BYTES // 2)
    socket.push(half)
    socket.push(half)
    assert end.closed is None
    socket.push(b"x")
    assert end.closed == (4408, "too slow")


async def test_nobody_else_waits_for_a_deaf_reader(hub: Hub, join: Join, conversation_id: UUID) -> None:
    _, deaf = join(reads=False)
    _, bob = join()
    for number in range(MAX_WAITING_FRAMES + 50):
        hub.deliver([to_conversation(conversation_id, {"type": "n", "n": number}, access_version=0)])
    assert len(bob.heard) == MAX_WAITING_FRAMES + 50
    assert deaf.closed == (4408, "too slow")
    assert deaf.heard == []


async def test_a_long_answer_waits_for_its_reader_and_counts_against_no_bound(join: Join) -> None:
    socket, end = join(reads=False)

    async def answer() -> None:
        for number in range(3):
            await socket.drained()
            socket.push_text(str(number))

    answering = asyncio.create_task(answer())
    await asyncio.sleep(0.01)
    assert end.heard == []
    end.begin_to_read()
    await asyncio.wait_for(answering, 5)
    assert end.heard == ["0", "1", "2"]


async def test_whoever_waits_for_a_socket_that_ends_is_let_go(join: Join) -> None:
    socket, _ = join(reads=False)
    waiting = asyncio.create_task(socket.drained())
    await asyncio.sleep(0.01)
    assert not waiting.done()
    socket.close(4401, "signed out")
    await asyncio.wait_for(waiting, 5)


async def test_ready_comes_first_and_behind_it_what_was_heard_meanwhile(
    hub: Hub, database: Database, conversation_id: UUID
) -> None:
    end = FarEnd()
    socket = Socket(end, user_id=uuid7(), session_id=uuid7(), wants_html=False)
    hub.attach(socket)
    hub.join(socket, Membership(conversation_id, 1, 0, 1))
    hub.deliver([to_conversation(conversation_id, {"type": "early"}, access_version=0)])
    assert end.heard == []
    socket.begin('{"type":"ready"}')
    hub.deliver([to_conversation(conversation_id, {"type": "late"}, access_version=0)])
    assert end.types == ["ready", "early", "late"]
