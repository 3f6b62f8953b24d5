"""Latency: one message at a time, from the moment it is sent to the moment the other has it."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import uuid_utils

from bench.clock import Window, percentile
from bench.wire import ERROR, KIND, MESSAGE, Connection, Failed, check_alive, open_all


class Person(Connection):
    def __init__(self, host: str, path: str, token: str) -> None:
        super().__init__(host, path, token)
        self.arrived: asyncio.Future[float] | None = None

    def frame(self, data: bytes, start: int, end: int) -> None:
        kind = data[start + KIND]
        if self.arrived is not None and not self.arrived.done():
            if kind == MESSAGE:
                self.arrived.set_result(time.perf_counter())
            elif kind == ERROR:
                self.arrived.set_exception(Failed(data[start:end].decode()))


async def one_at_a_time(plan: dict[str, Any]) -> dict[str, Any]:
    """``plan``: urls, tokens (of two people), text (as of a fan-out), seconds, pids."""
    sender, receiver = await open_all(plan["urls"], plan["tokens"], Person)
    before, after = plan["text"].split("#")
    await asyncio.sleep(0.2)
    loop = asyncio.get_running_loop()
    took: list[float] = []
    number, warm = 0, 0
    window: Window | None = None
    began = time.perf_counter()
    while (now := time.perf_counter()) < began + plan["seconds"] * 4 / 3:
        if window is None and now > began + plan["seconds"] / 3:
            window, warm = Window(plan["pids"]), len(took)
        receiver.arrived = loop.create_future()
        number += 1
        sent = time.perf_counter()
        sender.send(f"{before}{number}{after.replace('@', str(uuid_utils.uuid7()))}".encode())
        async with asyncio.timeout(10):
            took.append(await receiver.arrived - sent)
    assert window is not None
    _, busy = window.close()
    check_alive([sender, receiver])
    return {
        "p50_ms": percentile(took[warm:], 0.5) * 1000,
        "p99_ms": percentile(took[warm:], 0.99) * 1000,
        "count": len(took) - warm,
        "busy": busy,
    }
