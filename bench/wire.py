"""A WebSocket client that does next to nothing, so that what is measured is the server.

It reads a server's frames by their length, looks at a few bytes of each, and decodes no JSON. Its masking key is zero:
a frame costs no masking here, and a server unmasks it as any other.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import TypeVar, cast
from urllib.parse import urlsplit

TEXT, CLOSE, PING, PONG = 0x81, 0x88, 0x89, 0x8A
# `{"type":"` is nine bytes; what kind of frame it is shows in the tenth.
KIND = 9
MESSAGE, ACK, ERROR, HEADS, CAUGHT_UP = b"maehc"
OPEN_AT_ONCE = 50
DRAIN_SECONDS = 15.0


class Failed(Exception):
    """The server did something that a correct one never does."""


class Connection(asyncio.Protocol):
    """One socket. Subclasses say what they do with a frame, in :meth:`frame`."""

    def __init__(self, host: str, path: str, token: str) -> None:
        self._request = (
            f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: cHVsc2UtYmVuY2htYXJrcw==\r\nSec-WebSocket-Version: 13\r\n"
            + (f"Authorization: Bearer {token}\r\n" if token else "")
            + "\r\n"
        )
        self._rest = b""
        self._upgraded = False
        self._awaits_ready = bool(token)
        self.transport: asyncio.Transport | None = None
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.ended = ""

    def frame(self, data: bytes, start: int, end: int) -> None:
        """One text frame: ``data[start:end]``."""

    def send(self, text: bytes) -> None:
        assert self.transport is not None
        self.transport.write(client_frame(text))

    def close(self) -> None:
        self.ended = self.ended or "closed here"
        if self.transport is not None:
            self.transport.abort()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(self._request.encode())

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(f"lost: {exc}")

    def data_received(self, data: bytes) -> None:
        if self._rest:
            data = self._rest + data
            self._rest = b""
        if not self._upgraded:
            data = self._upgrade(data)
        start, size = 0, len(data)
        while size - start >= 2:
            length = data[start + 1]
            body = start + 2
            if length >= 126:
                body = start + (4 if length == 126 else 10)
                if body > size:
                    break
                length = int.from_bytes(data[start + 2 : body], "big")
            end = body + length
            if end > size:
                break
            if data[start] == TEXT:
                if self._awaits_ready:
                    self._ready(data[body:end])
                else:
                    self.frame(data, body, end)
            else:
                self._control(data[start], data[body:end])
            start = end
        if start < size:
            self._rest = data[start:]

    def _upgrade(self, data: bytes) -> bytes:
        """Read the server's answer to the handshake; return what follows it."""
        head, found, behind = data.partition(b"\r\n\r\n")
        if not found:
            self._rest = head
        elif b" 101 " not in head[:16]:
            self._end(head[:60].decode(errors="replace"))
            return b""
        else:
            self._upgraded = True
            if not self._awaits_ready:
                self.opened.set_result(None)
        return behind

    def _ready(self, text: bytes) -> None:
        if text.startswith(b'{"type":"ready"'):
            self._awaits_ready = False
            self.opened.set_result(None)

    def _control(self, opcode: int, payload: bytes) -> None:
        if opcode == PING and self.transport is not None:
            self.transport.write(client_frame(payload, PONG))
        elif opcode == CLOSE:
            self._end(f"closed with {int.from_bytes(payload[:2], 'big')} {payload[2:].decode(errors='replace')}")

    def _end(self, why: str) -> None:
        self.ended = self.ended or why
        if not self.opened.done():
            self.opened.set_exception(Failed(f"A socket did not open: {why}."))


def client_frame(payload: bytes, opcode: int = TEXT) -> bytes:
    size = len(payload)
    if size < 126:
        return bytes((opcode, 0x80 | size, 0, 0, 0, 0)) + payload
    if size < 65_536:
        return bytes((opcode, 0x80 | 126)) + size.to_bytes(2, "big") + b"\0\0\0\0" + payload
    return bytes((opcode, 0x80 | 127)) + size.to_bytes(8, "big") + b"\0\0\0\0" + payload


def number_after(name: bytes, data: bytes, start: int) -> int:
    """The integer behind the first ``name`` from ``start`` on, as in ``"seq":42,``."""
    begin = data.index(name, start) + len(name)
    return int(data[begin : data.index(b",", begin)])


C = TypeVar("C", bound=Connection)


async def open_all(urls: Sequence[str], tokens: Sequence[str], make: Callable[[str, str, str], C]) -> list[C]:
    """One open connection for each token, spread over ``urls`` in turn. Raises :class:`Failed`."""
    loop = asyncio.get_running_loop()
    gate = asyncio.Semaphore(OPEN_AT_ONCE)

    async def one(number: int, token: str) -> C:
        url = urlsplit(urls[number % len(urls)])
        async with gate, asyncio.timeout(60):
            _, connection = await loop.create_connection(
                lambda: make(url.netloc, url.path, token), str(url.hostname), url.port or 80
            )
            await connection.opened
        return connection

    return await asyncio.gather(*(one(number, token) for number, token in enumerate(tokens)))


async def settled(is_complete: Callable[[], bool]) -> None:
    """Wait until it is, for so long at most; and a moment more, for what should not come any more."""
    deadline = time.monotonic() + DRAIN_SECONDS
    while not is_complete() and time.monotonic() < deadline:  # noqa: ASYNC110  # polled here alone
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.2)


def check_alive(connections: Sequence[Connection]) -> None:
    """Raises :class:`Failed` where the server has ended one of them."""
    ended = [connection.ended for connection in connections if connection.ended]
    if ended:
        raise Failed(f"{len(ended)} of {len(connections)} sockets ended; the first {ended[0]}.")
