"""Who a credential belongs to: for REST, pages and the socket. Asked anew each time; nothing is remembered."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import Exists, QuerySet
from django.http import parse_cookie
from django.utils import timezone

from accounts.actions.devices import cookie_hash, note_connection, use_socket_ticket
from accounts.models import DeviceSession
from accounts.serializers import me_json
from pulse.lib.tokens import token_hash

# new_token()'s 43, and some room.
MAX_CREDENTIAL_CHARACTERS = 100


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A live session and its person. ``user`` is Me, as ``ready`` and ``GET me`` show it."""

    session_id: UUID
    user_id: UUID
    device_id: str
    device_name: str
    platform: str
    user: dict[str, Any] = field(compare=False, repr=False)


def by_token(token: str) -> SignedIn | None:
    """Whose bearer token this is. One query."""
    return _signed_in(session_by_token(token))


def by_cookie(session_key: str) -> SignedIn | None:
    """Whose browser this is, by the value of its session cookie. One query."""
    return _signed_in(session_by_cookie(session_key))


def by_ticket(ticket: str) -> SignedIn | None:
    """Who made this ticket; it is good for one call within 30 s, however many come at once."""
    session_id = use_socket_ticket(ticket=ticket) if _is_plausible(ticket) else None
    return _signed_in(_live().filter(pk=session_id).first()) if session_id else None


def whose(headers: Mapping[str, str]) -> UUID | None:
    """The signed-in person whom a request with these headers, by lower-case names, comes from. One query."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme:
        session = session_by_token(token.strip()) if scheme.lower() == "bearer" else None
    else:
        # Read as Django reads it: the standard library's parser gives up at the first odd cookie there is.
        key = parse_cookie(headers.get("cookie", "")).get(settings.SESSION_COOKIE_NAME)
        session = session_by_cookie(key) if key is not None else None
    return session.user_id if session is not None else None


def still_signed_in(session_ids: Collection[UUID]) -> set[UUID]:
    """Those of ``session_ids`` that still count. One query."""
    if not session_ids:
        return set()
    return set(DeviceSession.objects.live().filter(pk__in=session_ids).values_list("pk", flat=True))


def session_by_token(token: str) -> DeviceSession | None:
    """The live session, with its user, that a bearer token belongs to."""
    # A browser's hash is of "cookie:" and its key: its cookie must not pass for a bearer token, which needs no CSRF.
    if not _is_plausible(token) or ":" in token:
        return None
    return _live().filter(token=token_hash(token)).first()


def session_by_cookie(key: str) -> DeviceSession | None:
    """The live session, with its user, of the browser whose Django session has this key."""
    if not _is_plausible(key):
        return None
    unexpired = Session.objects.filter(session_key=key, expire_date__gt=timezone.now())
    return _live().filter(Exists(unexpired), token=cookie_hash(key)).first()


def _live() -> QuerySet[DeviceSession]:
    return DeviceSession.objects.live().select_related("user")


def _is_plausible(credential: str) -> bool:
    return credential.isascii() and 0 < len(credential) <= MAX_CREDENTIAL_CHARACTERS and "\0" not in credential


def _signed_in(session: DeviceSession | None) -> SignedIn | None:
    if session is None:
        return None
    note_connection(session=session)
    return SignedIn(
        session_id=session.pk,
        user_id=session.user_id,
        device_id=session.device_id,
        device_name=session.name,
        platform=session.platform,
        user=me_json(session.user),
    )
