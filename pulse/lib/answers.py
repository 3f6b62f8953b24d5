"""How much of an answer waits for its reader outside the thread that made it."""

from __future__ import annotations

import asyncio
from typing import Any

from pulse.lib.bodies import Application, Receive, Scope, Send

# Above the largest page and every static file. What is longer holds its thread, and bounds how many do so itself.
MOST_WAITING_BYTES = 1024 * 1024


def with_waiting_answer(application: Application) -> Application:
    """Take an answer from ``application`` as fast as it comes, so that who reads slowly costs memory and no thread."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        answer = _Answer(send)
        delivery = asyncio.create_task(answer.deliver())
        try:
            await application(scope, receive, answer.put)
            await answer.put(None)
            await delivery
        finally:
            delivery.cancel()

    return wrapped


class _Answer:
    """What was made of an answer and isn't on its way yet."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._messages: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self._waiting_bytes = 0
        self._room = asyncio.Event()
        self._room.set()
        self._ended = False

    async def put(self, message: dict[str, Any] | None) -> None:
        """Have ``message`` sent after those before it; None ends the answer. Waits while too much of it waits."""
        await self._room.wait()
        if not self._ended:
            self._messages.put_nowait(message)
            self._count(_size(message))

    async def deliver(self) -> None:
        try:
            while (message := await self._messages.get()) is not None:
                await self._send(message)
                self._count(-_size(message))
        finally:
            # Nobody is left to send to, and nobody waits to.
            self._ended = True
            self._room.set()

    def _count(self, change: int) -> None:
        self._waiting_bytes += change
        if self._waiting_bytes < MOST_WAITING_BYTES:
            self._room.set()
        else:
            self._room.clear()


def _size(message: dict[str, Any] | None) -> int:
    return len(message.get("body", b"")) if message is not None else 0
