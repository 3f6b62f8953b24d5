"""How much of a request is taken in, from whom, and for how long it is waited for."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Hashable
from tempfile import SpooledTemporaryFile
from typing import Any

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template import loader

from pulse.lib.errors import NO_ROOM
from pulse.lib.problems import PROBLEM_TYPE, is_api, problem

log = structlog.get_logger(__name__)

# Far above the largest message. What takes files says so for its own paths, in settings.UPLOADS.
MAX_BODY_BYTES = 256 * 1024
# How long a sender may say nothing, and what a large body needs besides: whoever sends more slowly is cut off.
BODY_SECONDS = 20
SLOWEST_BYTES_PER_SECOND = 32 * 1024
# Large bodies lie on the disk until they are whole. So many of a process at once, and only of people who are signed in,
# none of whom takes the places of all: a browser sends six.
MOST_UPLOADS = 32
MOST_UPLOADS_OF_ONE = 6
_CHUNK_BYTES = 64 * 1024

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Whose = Callable[[dict[str, str]], Awaitable[Hashable | None]]


def most_bytes(method: str, path: str) -> int:
    """How long the body of a request may be."""
    for upload_method, beginning, size in settings.UPLOADS:
        if method == upload_method and (path == beginning or path.startswith(f"{beginning}/")):
            return int(size)
    return MAX_BODY_BYTES


def bounded_body(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Answer before anything begins to read a body that says it is too large, or a large one of nobody we know."""

    def middleware(request: HttpRequest) -> HttpResponse:
        stated = request.META.get("CONTENT_LENGTH") or "0"
        size = int(stated) if stated.isascii() and stated.isdigit() else 0
        most = most_bytes(request.method or "", request.path_info)
        if size > most:
            return _too_large(request, most)
        has_credential = "HTTP_AUTHORIZATION" in request.META or settings.SESSION_COOKIE_NAME in request.COOKIES
        if size > MAX_BODY_BYTES and not has_credential:
            return problem(401, "not_authenticated", "Not signed in", "Sign in first.")
        return get_response(request)

    return middleware


def _too_large(request: HttpRequest, most: int) -> HttpResponse:
    if not is_api(request) and "text/html" in request.headers.get("Accept", ""):
        return HttpResponse(loader.get_template("413.html").render({"megabytes": most // 1024 // 1024}), status=413)
    return problem(413, "too_large", "Too large", f"A body is at most {most} bytes long here.")


class _CutOff(Exception):
    """The sender went away."""


def with_whole_body(application: Application, *, whose: Whose) -> Application:
    """Read a body on the event loop before a thread is given to it: a sender who dawdles holds up nobody.

    A large one, where one may be sent, is kept in a file, and only of those whom ``whose`` knows by their headers.
    Of a body that is too large nothing is read: the answer comes from ``bounded_body``.
    """
    under_way: Counter[Hashable] = Counter()

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        size = _stated_size(scope)
        if not 0 < size <= most_bytes(scope["method"], scope["path"]):
            await application(scope, _nothing, send)
        elif size <= MAX_BODY_BYTES:
            await _pass_on(application, scope, receive, send, size)
        elif not _has_credential(scope):
            await application(scope, _nothing, send)
        elif (sender := await _sender(scope, whose)) is None:
            await _refuse(send, 401, "not_authenticated", "Sign in first.")
        elif under_way.total() >= MOST_UPLOADS or under_way[sender] >= MOST_UPLOADS_OF_ONE:
            await _refuse(send, 503, "unavailable", "Too many files are on their way. Try again in a moment.")
        else:
            under_way[sender] += 1
            try:
                await _pass_on(application, scope, receive, send, size)
            finally:
                under_way.subtract([sender])
                if not under_way[sender]:
                    del under_way[sender]

    return wrapped


def _stated_size(scope: Scope) -> int:
    stated = dict(scope["headers"]).get(b"content-length", b"0")
    return int(stated) if stated.isdigit() and len(stated) < 20 else 0


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


def _has_credential(scope: Scope) -> bool:
    headers = _headers(scope)
    return "authorization" in headers or settings.SESSION_COOKIE_NAME in headers.get("cookie", "")


async def _sender(scope: Scope, whose: Whose) -> Hashable | None:
    try:
        return await whose(_headers(scope))
    except Exception as error:  # noqa: BLE001  # with the database away nobody is known, and nothing is taken in
        log.warning("an upload could not be admitted", error=type(error).__name__)
        return None


async def _pass_on(application: Application, scope: Scope, receive: Receive, send: Send, size: int) -> None:
    with SpooledTemporaryFile(max_size=MAX_BODY_BYTES) as body:
        try:
            async with asyncio.timeout(BODY_SECONDS + size / SLOWEST_BYTES_PER_SECOND):
                await _take(receive, body)
        except _CutOff:
            return
        except TimeoutError:
            headers = [(b"content-length", b"0"), (b"connection", b"close")]
            await send({"type": "http.response.start", "status": 408, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return
        except OSError as error:
            log.error("a body could not be kept", error=str(error))
            await _refuse(send, 503, "unavailable", NO_ROOM)
            return
        body.seek(0)
        left = size

        async def receive_it() -> dict[str, Any]:
            nonlocal left
            chunk = body.read(_CHUNK_BYTES) if left > 0 else b""
            left -= len(chunk)
            return {"type": "http.request", "body": chunk, "more_body": bool(chunk) and left > 0}

        await application(scope, receive_it, send)


async def _take(receive: Receive, body: SpooledTemporaryFile[bytes]) -> None:
    more = True
    while more:
        async with asyncio.timeout(BODY_SECONDS):
            message = await receive()
        if message["type"] == "http.disconnect":
            raise _CutOff
        # A write into the page cache; a thread for each would take longer.
        body.write(message.get("body", b""))
        more = message.get("more_body", False)


async def _refuse(send: Send, status: int, code: str, detail: str) -> None:
    """Answer without a thread and without reading on."""
    answer = problem(status, code, "Not taken", detail)
    headers = [(b"content-type", PROBLEM_TYPE.encode()), (b"content-length", str(len(answer.content)).encode())]
    headers += [(b"connection", b"close"), (b"cache-control", b"private, no-store"), (b"retry-after", b"2")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.content})


async def _nothing() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}
