"""Who opens a socket: by bearer header, by ticket, or by the browser's cookie with an exact Origin."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.http import parse_cookie
from django.http.request import validate_host

from accounts import sessions
from accounts.sessions import SignedIn
from pulse.realtime.threads import in_thread


class WrongOrigin(Exception):
    """A page of another site tried to open a socket with this browser's cookie."""


async def who_connects(scope: dict[str, Any]) -> SignedIn | None:
    """The session that a handshake belongs to, or None. Raises :class:`WrongOrigin`."""
    headers: dict[bytes, bytes] = dict(scope["headers"])
    scheme, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    if scheme:
        return await in_thread(sessions.by_token, token.strip()) if scheme.lower() == "bearer" else None
    ticket = parse_qs(scope["query_string"].decode("latin-1")).get("ticket")
    if ticket:
        return await in_thread(sessions.by_ticket, ticket[0])
    # Read as Django reads it for pages: the standard library's parser gives up at the first odd cookie there is.
    key = parse_cookie(headers.get(b"cookie", b"").decode("latin-1")).get(settings.SESSION_COOKIE_NAME)
    if key is None:
        return None
    if not is_own_origin(
        headers.get(b"origin", b"").decode("latin-1"), headers.get(b"host", b"").decode("latin-1"), scope
    ):
        raise WrongOrigin
    return await in_thread(sessions.by_cookie, key)


def is_own_origin(origin: str, host: str, scope: dict[str, Any]) -> bool:
    """Whether ``origin`` is Pulse itself: scheme, host and port as in PUBLIC_URL, or exactly those of this request.

    Channels' own validator compares hosts alone, and a page on another port is another site.
    """
    if not origin:
        return False
    if origin == _origin_of(settings.PUBLIC_URL):
        return True
    scheme = {"ws": "http", "wss": "https"}.get(scope.get("scheme", ""), "")
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    return validate_host(name, settings.ALLOWED_HOSTS) and origin == f"{scheme}://{host}"


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
