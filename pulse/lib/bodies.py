"""How much of a request is taken in, and for how long it is waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from pulse.lib.problems import problem

# Far above the largest message. What takes files will say so for its own paths.
MAX_BODY_BYTES = 256 * 1024
BODY_SECONDS = 20

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


def bounded_body(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Answer 413 to a body that says it is too large, before anything begins to read it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        stated = request.META.get("CONTENT_LENGTH") or "0"
        if stated.isascii() and stated.isdigit() and int(stated) > MAX_BODY_BYTES:
            return problem(413, "too_large", "Too large", f"A body is at most {MAX_BODY_BYTES} bytes long.")
        return get_response(request)

    return middleware


def with_whole_body(application: Application) -> Application:
    """Read a body on the event loop before a thread is given to it: a sender who dawdles holds up nobody.

    Of a body that is too large nothing is read: the answer comes from ``bounded_body``.
    """

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        stated = dict(scope["headers"]).get(b"content-length", b"0")
        if not stated.isdigit() or not 0 < int(stated) <= MAX_BODY_BYTES:
            await application(scope, _nothing, send)
            return
        body = bytearray()
        try:
            async with asyncio.timeout(BODY_SECONDS):
                more = True
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return
                    body += message.get("body", b"")
                    more = message.get("more_body", False)
        except TimeoutError:
            headers = [(b"content-length", b"0"), (b"connection", b"close")]
            await send({"type": "http.response.start", "status": 408, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return

        async def receive_it() -> dict[str, Any]:
            return {"type": "http.request", "body": bytes(body), "more_body": False}

        await application(scope, receive_it, send)

    return wrapped


async def _nothing() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}
