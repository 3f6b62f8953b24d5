"""Sockets, always asynchronous. ``application`` serves HTTP too, through WSGI; ``live`` sockets and health alone."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from a2wsgi import WSGIMiddleware
from channels.routing import URLRouter
from django.urls import path

# First: it sets Django up, and what follows imports models.
from pulse.wsgi import application as wsgi  # isort: split

from accounts import sessions
from chat.consumers import ChatConsumer
from chat.live import ensure_runtime, stop_runtime
from pulse.lib.answers import with_waiting_answer
from pulse.lib.bodies import Receive, Scope, Send, with_whole_body
from pulse.realtime.threads import in_thread

# Few: Python runs one at a time anyway, and each holds a database connection while it works.
HTTP_THREADS = 8

sockets = URLRouter([path("ws/v1", ChatConsumer.as_asgi())])


async def _whose(headers: dict[str, str]) -> UUID | None:
    return await in_thread(sessions.whose, headers)


in_threads = cast(Any, WSGIMiddleware(cast(Any, wsgi), workers=HTTP_THREADS))
http = with_whole_body(with_waiting_answer(in_threads), whose=_whose)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    match scope["type"]:
        case "websocket" if scope["path"] == "/ws/v1":
            await sockets(scope, receive, send)
        case "websocket":
            await send({"type": "websocket.close"})
        case "http":
            await http(_plain(scope), receive, send)
        case "lifespan":
            await _lifespan(receive, send)


async def live(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http" and scope["path"] not in {"/healthz", "/readyz"}:
        await send({"type": "http.response.start", "status": 404, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body"})
        return
    await application(scope, receive, send)


def _plain(scope: Scope) -> Scope:
    """Without headers that have an underscore: WSGI would take ``X_Forwarded_For`` for ``X-Forwarded-For``."""
    return scope | {"headers": [(name, value) for name, value in scope["headers"] if b"_" not in name]}


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            try:
                ensure_runtime()
            except Exception as error:  # noqa: BLE001  # whatever it is, the server says it and ends
                await send({"type": "lifespan.startup.failed", "message": str(error)})
                return
            await send({"type": "lifespan.startup.complete"})
        else:
            await stop_runtime()
            await send({"type": "lifespan.shutdown.complete"})
            return
