"""An answer leaves the thread that made it before its reader has taken it, called as a server calls it."""

import asyncio
from typing import Any

import pytest

from pulse.lib import answers
from pulse.lib.answers import MOST_WAITING_BYTES, with_waiting_answer
from pulse.lib.bodies import Receive, Scope, Send

Event = dict[str, Any]
CHUNK = 4096


class Reader:
    """Reads when it is told to, or has gone."""

    def __init__(self) -> None:
        self.reads = asyncio.Event()
        self.heard: list[Event] = []

    async def take(self, message: Event) -> None:
        await self.reads.wait()
        self.heard.append(message)

    async def hang_up(self, message: Event) -> None:
        raise ConnectionResetError


class Page:
    """An application that answers with so many bytes, chunk by chunk."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.sent = 0
        self.application = with_waiting_answer(self._answer)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while self.sent < self.size:
            await send({"type": "http.response.body", "body": bytes(CHUNK), "more_body": True})
            self.sent += CHUNK
        await send({"type": "http.response.body", "body": b""})

    async def answer(self, send: Send) -> None:
        await self.application({"type": "http"}, self._nothing, send)

    async def _nothing(self) -> Event:
        raise AssertionError("nobody asked")


async def settled(page: Page) -> None:
    before = -1
    while page.sent != before:
        before = page.sent
        await asyncio.sleep(0.05)


async def test_a_page_is_made_to_its_end_though_nobody_reads_it_yet() -> None:
    page, reader = Page(MOST_WAITING_BYTES // 2), Reader()
    answering = asyncio.create_task(page.answer(reader.take))
    await settled(page)
    assert (page.sent, reader.heard) == (page.size, [])
    reader.reads.set()
    await answering
    assert sum(len(one.get("body", b"")) for one in reader.heard) == page.size
    assert [one["type"] for one in (reader.heard[0], reader.heard[-1])] == [
        "http.response.start",
        "http.response.body",
    ]


async def test_of_a_longer_answer_no_more_waits_than_the_bound() -> None:
    page, reader = Page(MOST_WAITING_BYTES * 4), Reader()
    answering = asyncio.create_task(page.answer(reader.take))
    await settled(page)
    assert MOST_WAITING_BYTES - CHUNK <= page.sent <= MOST_WAITING_BYTES + CHUNK
    reader.reads.set()
    await answering
    assert sum(len(one.get("body", b"")) for one in reader.heard) == page.size


async def test_whoever_makes_an_answer_for_a_reader_who_is_gone_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "MOST_WAITING_BYTES", CHUNK)
    page, reader = Page(CHUNK * 100), Reader()
    with pytest.raises(ConnectionResetError):
        await asyncio.wait_for(page.answer(reader.hang_up), 5)
    assert page.sent == page.size


async def test_an_answer_that_can_not_be_made_is_an_error_of_whoever_makes_it() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise LookupError

    reader = Reader()
    with pytest.raises(LookupError):
        await with_waiting_answer(broken)({"type": "http"}, Page(0)._nothing, reader.take)
