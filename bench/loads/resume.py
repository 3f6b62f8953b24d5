"""Catching up: a client that comes back and asks for what it missed in many chats."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

from bench.clock import percentile
from bench.wire import CAUGHT_UP, ERROR, KIND, MESSAGE, Connection, Failed, open_all


class Returning(Connection):
    def __init__(self, host: str, path: str, token: str) -> None:
        super().__init__(host, path, token)
        self.messages = 0
        self.caught_up = 0
        self.expected = 0
        self.done: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    def frame(self, data: bytes, start: int, end: int) -> None:
        kind = data[start + KIND]
        if kind == MESSAGE:
            self.messages += 1
        elif kind == CAUGHT_UP and not self.done.done():
            self.caught_up += 1
            if self.caught_up == self.expected:
                self.done.set_result(time.perf_counter())
        elif kind == ERROR and not self.done.done():
            self.done.set_exception(Failed(data[start:end].decode()))


async def resume(plan: dict[str, Any]) -> dict[str, Any]:
    """``plan``: urls, token, known {conversation id: version}, messages (how many are to come), times."""
    took: list[float] = []
    for _ in range(plan["times"]):
        (client,) = await open_all(plan["urls"], [plan["token"]], Returning)
        client.expected = len(plan["known"])
        began = time.perf_counter()
        client.send(json.dumps({"type": "resume", "ref": 1, "conversations": plan["known"]}).encode())
        async with asyncio.timeout(30):
            took.append(await client.done - began)
        client.close()
        if client.messages != plan["messages"]:
            raise Failed(f"A resume brought {client.messages} messages of {plan['messages']}.")
    return {"p50_ms": percentile(took, 0.5) * 1000, "p99_ms": percentile(took, 0.99) * 1000}
