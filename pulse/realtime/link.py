"""A link: how a socket's frames reach the wire without anybody ever waiting for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

# An ended socket gets this long to take its close frame; then the connection is cut.
CLOSE_GRACE_SECONDS = 0.5


class Link(Protocol):
    """The server's side of one WebSocket, as the hub needs it. ``write`` never waits."""

    @property
    def is_writable(self) -> bool:
        """Whether the connection takes more right now; when it does again, ``on_writable`` is called."""

    def on_writable(self, callback: Callable[[], None]) -> None: ...

    def write(self, frame: bytes) -> None:
        """Write one text frame, as :func:`text_frame` made it."""

    def close(self, code: int, reason: str) -> None:
        """Send a close frame, and cut the connection soon after whether or not it is read."""


def text_frame(text: str) -> bytes:
    """``text`` as a server's WebSocket frame: final, unmasked (RFC 6455, section 5.2). The same bytes serve all."""
    payload = text.encode()
    size = len(payload)
    if size < 126:
        return bytes((0x81, size)) + payload
    if size < 65_536:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload


def payload_of(frame: bytes) -> str:
    """What :func:`text_frame` packed."""
    offset = {126: 4, 127: 10}.get(frame[1], 2)
    return frame[offset:].decode()


class AsgiLink:
    """A link over plain ASGI, for servers that keep their transport to themselves (daphne): one task sends in turn."""

    def __init__(self, send: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        self._send = send
        self._frames: list[bytes] = []
        self._closing: tuple[int, str] | None = None
        self._resume: Callable[[], None] = lambda: None
        self._busy: asyncio.Task[None] | None = None

    @property
    def is_writable(self) -> bool:
        return self._busy is None or self._busy.done()

    def on_writable(self, callback: Callable[[], None]) -> None:
        self._resume = callback

    def write(self, frame: bytes) -> None:
        self._frames.append(frame)
        self._start()

    def close(self, code: int, reason: str) -> None:
        self._closing = (code, reason)
        self._start()

    def _start(self) -> None:
        if self.is_writable:
            self._busy = asyncio.create_task(self._drain())
            self._busy.add_done_callback(lambda task: task.cancelled() or task.exception() or self._resume())

    async def _drain(self) -> None:
        while self._frames:
            frames, self._frames = self._frames, []
            for frame in frames:
                await self._send({"type": "websocket.send", "text": payload_of(frame)})
        if self._closing is not None:
            code, reason = self._closing
            await self._send({"type": "websocket.close", "code": code, "reason": reason})
