"""What is read of a body before a thread is given to it, called as a server calls it."""

import asyncio
from collections.abc import Awaitable, Callable
from io import FileIO
from typing import Any

import pytest

from pulse.lib import bodies
from pulse.lib.bodies import MAX_BODY_BYTES, most_bytes, with_whole_body

Event = dict[str, Any]
AVATAR = "/api/v1/me/avatar"
LARGE = 4 * 1024 * 1024


class Server:
    """An application that reads its request's body, and what is sent back to whom."""

    def __init__(self, *, known: bool = True) -> None:
        self.read = -1
        self.statuses: list[int] = []
        self.known = known
        self.application = with_whole_body(self._answer, whose=self._whose)

    async def _whose(self, headers: dict[str, str]) -> str | None:
        people = {"Bearer hers": "Alice", "Bearer hers on the phone": "Alice", "Bearer his": "Bob"}
        return people.get(headers["authorization"]) if self.known else None

    async def _answer(self, scope: Event, receive: Callable[[], Awaitable[Event]], send: Any) -> None:
        self.read, more = 0, True
        while more:
            message = await receive()
            assert len(message["body"]) <= MAX_BODY_BYTES
            self.read += len(message["body"])
            more = message["more_body"]
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def ask(
        self, size: int, receive: Callable[[], Awaitable[Event]], *, path: str = AVATAR, token: bytes = b"Bearer hers"
    ) -> None:
        headers = [(b"content-length", b"%d" % size), *([(b"authorization", token)] if token else [])]

        async def send(message: Event) -> None:
            if "status" in message:
                self.statuses.append(message["status"])

        scope = {"type": "http", "method": "PUT", "path": path, "headers": headers}
        await self.application(scope, receive, send)


def sender(size: int) -> Callable[[], Awaitable[Event]]:
    left = size

    async def receive() -> Event:
        nonlocal left
        chunk = min(65_536, left)
        left -= chunk
        return {"type": "http.request", "body": bytes(chunk), "more_body": left > 0}

    return receive


async def nothing() -> Event:
    raise AssertionError("nothing of it is read")


async def never() -> Event:
    await asyncio.sleep(3600)
    raise AssertionError


async def test_a_large_body_comes_whole_where_one_may_be_sent() -> None:
    for size in (1, MAX_BODY_BYTES, MAX_BODY_BYTES + 1, LARGE):
        server = Server()
        await server.ask(size, sender(size))
        assert (server.read, server.statuses) == (size, [200])


async def test_elsewhere_and_beyond_what_may_be_sent_nothing_is_read() -> None:
    server = Server()
    await server.ask(MAX_BODY_BYTES + 1, nothing, path="/api/v1/me")
    assert server.read == 0
    await server.ask(most_bytes("PUT", AVATAR) + 1, nothing)
    assert server.read == 0
    assert most_bytes("POST", AVATAR) == most_bytes("PUT", f"{AVATAR}s") == MAX_BODY_BYTES


async def test_nothing_is_read_of_somebody_who_is_not_signed_in() -> None:
    server = Server()
    await server.ask(LARGE, nothing, token=b"")
    assert server.read == 0, "bounded_body answers"
    await server.ask(LARGE, nothing, token=b"Bearer made up")
    assert server.statuses[-1] == 401


async def test_whoever_says_nothing_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "BODY_SECONDS", 0.05)
    server = Server()
    await server.ask(100, never)
    await server.ask(LARGE, never)
    assert (server.statuses, server.read) == ([408, 408], -1)


async def test_whoever_sends_too_slowly_is_cut_off_however_steadily(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "BODY_SECONDS", 0.2)
    monkeypatch.setattr(bodies, "SLOWEST_BYTES_PER_SECOND", LARGE * 10)

    async def drip() -> Event:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b"x", "more_body": True}

    server = Server()
    await server.ask(LARGE, drip)
    assert (server.statuses, server.read) == ([408], -1)


async def test_whoever_goes_away_gets_no_answer() -> None:
    async def gone() -> Event:
        return {"type": "http.disconnect"}

    server = Server()
    await server.ask(LARGE, gone)
    assert (server.statuses, server.read) == ([], -1)


async def test_only_so_many_large_bodies_are_on_their_way_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "MOST_UPLOADS", 2)
    server = Server()
    waiting = [asyncio.create_task(server.ask(LARGE, never)) for _ in range(2)]
    await asyncio.sleep(0)
    await server.ask(LARGE, nothing)
    assert server.statuses == [503]
    await server.ask(100, sender(100))
    assert server.statuses == [503, 200], "small ones wait for nobody"
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    await server.ask(LARGE, sender(LARGE))
    assert server.statuses == [503, 200, 200]


async def test_one_person_leaves_room_for_the_others_from_however_many_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "MOST_UPLOADS_OF_ONE", 2)
    server = Server()
    tokens = (b"Bearer hers", b"Bearer hers on the phone")
    waiting = [asyncio.create_task(server.ask(LARGE, never, token=token)) for token in tokens]
    await asyncio.sleep(0)
    for token in tokens:
        await server.ask(LARGE, nothing, token=token)
    await server.ask(LARGE, sender(LARGE), token=b"Bearer his")
    assert server.statuses == [503, 503, 200]
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    await server.ask(LARGE, sender(LARGE))
    assert server.statuses == [503, 503, 200, 200]


async def test_a_full_disk_is_said_to_be_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "SpooledTemporaryFile", lambda max_size: FileIO("/dev/full", "r+"))
    server = Server()
    await server.ask(LARGE, sender(LARGE))
    assert (server.statuses, server.read) == ([503], -1)
    monkeypatch.undo()
    await server.ask(LARGE, sender(LARGE))
    assert server.statuses == [503, 200]
