"""The frames that go straight to the wire, read by a WebSocket parser that isn't ours."""

import asyncio
from typing import Any

import pytest
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import OPEN
from websockets.uri import parse_uri

from pulse.realtime.link import AsgiLink, payload_of, text_frame


def parsed(data: bytes) -> list[Frame]:
    client = ClientProtocol(parse_uri("ws://localhost"), state=OPEN)
    client.receive_data(data)
    return [event for event in client.events_received() if isinstance(event, Frame)]


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 100_000])
def test_a_parser_reads_every_size_back(size: int) -> None:
    text = "é" * (size // 2) + "x" * (size % 2)
    (frame,) = parsed(text_frame(text))
    assert (frame.opcode, frame.fin, bytes(frame.data).decode()) == (Opcode.TEXT, True, text)
    assert payload_of(text_frame(text)) == text


def test_frames_written_behind_one_another_are_read_one_by_one() -> None:
    texts = ["a", "b" * 300, "c" * 70_000, "d"]
    frames = parsed(b"".join(text_frame(text) for text in texts))
    assert [bytes(frame.data).decode() for frame in frames] == texts


async def test_a_server_without_a_transport_gets_the_same_frames_in_order() -> None:
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        await asyncio.sleep(0)
        sent.append(message)

    link = AsgiLink(send)
    for text in ("one", "two", "three"):
        link.write(text_frame(text))
    link.close(4408, "too slow")
    async with asyncio.timeout(5):
        while len(sent) < 4:
            await asyncio.sleep(0.001)
    assert [message.get("text") for message in sent[:3]] == ["one", "two", "three"]
    assert (sent[3]["type"], sent[3]["code"]) == ("websocket.close", 4408)
