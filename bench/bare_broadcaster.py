"""The limit of fan-out: uvicorn, and nothing else that an ASGI application could leave out.

Every frame that arrives goes to everyone who is connected. No accounts, no database, no order, no bounds.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

clients: set[Send] = set()


async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})
        return
    await receive()
    await send({"type": "websocket.accept"})
    clients.add(send)
    try:
        while (event := await receive())["type"] == "websocket.receive":
            text = event["text"]
            for client in list(clients):
                await client({"type": "websocket.send", "text": text})
    finally:
        clients.discard(send)


if __name__ == "__main__":
    uvicorn.run(
        application,
        host="127.0.0.1",
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_ping_interval=None,
        lifespan="off",
        log_level="error",
        access_log=False,
        backlog=4096,
    )
