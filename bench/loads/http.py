"""HTTP: a few connections, each asking for the same page again as soon as it has it."""

from __future__ import annotations

import asyncio
import time
from typing import Any, cast
from urllib.parse import urlsplit

from bench.clock import Window, percentile
from bench.wire import Failed


class Asker(asyncio.Protocol):
    def __init__(self, request: bytes) -> None:
        self._request = request
        self._rest = b""
        self._asked = 0.0
        self.transport: asyncio.Transport | None = None
        self.took: list[float] = []
        self.failed = ""
        self.body_bytes = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        self.failed = self.failed or f"a connection was lost: {exc}"

    def _ask(self) -> None:
        assert self.transport is not None
        self._asked = time.perf_counter()
        self.transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._rest += data
        head, found, body = self._rest.partition(b"\r\n\r\n")
        if not found:
            return
        if not head.startswith(b"HTTP/1.1 200"):
            self.failed = head[:80].decode(errors="replace")
            return
        size = _length(head)
        # Without a length it comes in chunks, of which the last is empty.
        if len(body) < size if size is not None else not body.endswith(b"0\r\n\r\n"):
            return
        self._rest = b""
        self.body_bytes = len(body)
        self.took.append(time.perf_counter() - self._asked)
        self._ask()


def _length(head: bytes) -> int | None:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return None


async def request_again_and_again(plan: dict[str, Any]) -> dict[str, Any]:
    """``plan``: url, token, connections, seconds, pids."""
    url = urlsplit(plan["url"])
    path = url.path + (f"?{url.query}" if url.query else "")
    token = f"Authorization: Bearer {plan['token']}\r\n" if plan["token"] else ""
    request = f"GET {path} HTTP/1.1\r\nHost: {url.netloc}\r\nAccept: application/json\r\n{token}\r\n".encode()
    loop = asyncio.get_running_loop()
    askers = [
        (await loop.create_connection(lambda: Asker(request), url.hostname, url.port))[1]
        for _ in range(plan["connections"])
    ]
    await asyncio.sleep(plan["seconds"] / 3)
    window, before = Window(plan["pids"]), [len(asker.took) for asker in askers]
    await asyncio.sleep(plan["seconds"])
    took = [wait for asker, start in zip(askers, before, strict=True) for wait in asker.took[start:]]
    seconds, busy = window.close()
    failed = [asker.failed for asker in askers if asker.failed]
    if failed or not took:
        raise Failed(f"{path} answered: {failed[0] if failed else 'nothing'}")
    return {
        "per_second": len(took) / seconds,
        "p50_ms": percentile(took, 0.5) * 1000,
        "p99_ms": percentile(took, 0.99) * 1000,
        "body_bytes": askers[0].body_bytes,
        "busy": busy,
    }
