"""What goes into a personal export: read by the queries that the doors read by, and drawn in their shapes.

Nothing is held that grows with the account: messages come by the page, each page asked for anew, so that whoever is
removed from a group in between gets no more of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any, TypeVar
from uuid import UUID

from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models import Model, Q, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.models import User
from accounts.serializers import me_json, session_json
from chat import queries
from chat.models import Participant
from groups.models import GroupMember
from media.models import Media
from pulse.lib.encoding import dumps, iso, iso_or_none
from pulse.lib.errors import NotThere
from pulse.office.exporting.archive import Entry
from pulse.office.models import Report

PAGE = 200
CHUNK_BYTES = 64 * 1024
# Beyond these, a file may exceed what ZIP holds without being told: 2 GiB.
MANY_MESSAGES = 50_000
MANY_BYTES = 2_000_000_000
NAME_CHARACTERS = 80

Json = dict[str, Any]
Row = TypeVar("Row", bound=Model)


def contents(user: User) -> Iterator[Entry]:
    """The files of ``user``'s export, in order, each made when it is read."""
    now = timezone.now()
    yield Entry("README.txt", _readme(user, now), now)
    yield Entry("profile.json", _json(_profile(user)), now)
    yield Entry("groups.json", _json([_membership(row) for row in _memberships(user)]), now)
    yield Entry("reports.json", _json([_report(row) for row in Report.objects.filter(reporter=user)]), now)
    if avatar := user.avatar.name:
        yield from _stored(avatar, f"avatar{PurePosixPath(avatar).suffix}", now)
    for conversation_id in _conversation_ids(user):
        yield from _conversation(user, conversation_id, now)
    yield Entry("media.jsonl", (_line(_upload(row)) for row in _uploads(user)), now)
    for row in _uploads(user):
        yield from _stored(
            row.file.name or "", _path_of(row), row.created_at, squeezed=False, large=row.size > MANY_BYTES
        )


def _readme(user: User, now: datetime) -> Iterator[bytes]:
    context = {"user": user, "now": now, "site": settings.PUBLIC_URL}
    yield render_to_string("office/export_readme.txt", context).encode()


def _json(value: Any) -> Iterator[bytes]:
    yield dumps(value) + b"\n"


def _line(value: Json) -> bytes:
    return dumps(value) + b"\n"


# The account


def _profile(user: User) -> Json:
    return {
        "me": me_json(user),
        "sessions": [session_json(row, current=None) for row in user.device_sessions.order_by("id")],
        "blocks": [
            {"user": _person(row.blocked), "created_at": iso(row.created_at)}
            for row in user.blocks_made.select_related("blocked").order_by("id")
        ],
        "second_factor": _second_factor(user),
        "invitations": [
            # Whom one is for isn't said: that address is somebody else's.
            {
                "created_at": iso(row.created_at),
                "expires_at": iso(row.expires_at),
                "revoked_at": iso_or_none(row.revoked_at),
                "uses": row.uses,
                "max_uses": row.max_uses,
            }
            for row in user.invitations_made.order_by("id")
        ],
    }


def _second_factor(user: User) -> Json:
    """Facts, and nothing that would let anybody in."""
    authenticator = getattr(user, "authenticator", None)
    return {
        "authenticator": iso_or_none(authenticator.confirmed_at) if authenticator is not None else None,
        "recovery_codes_left": user.recovery_codes.filter(used_at=None).count(),
        "passkeys": [
            {"name": row.name, "created_at": iso(row.created_at), "last_used_at": iso_or_none(row.last_used_at)}
            for row in user.passkeys.order_by("id")
        ],
        "trusted_devices": [
            {"name": row.name, "created_at": iso(row.created_at), "expires_at": iso(row.expires_at)}
            for row in user.trusted_devices.order_by("id")
        ],
    }


def _person(user: User) -> Json:
    return {"id": str(user.id), "name": user.name}


def _memberships(user: User) -> Iterable[GroupMember]:
    return user.memberships.select_related("group").order_by("joined_at", "id")


def _membership(row: GroupMember) -> Json:
    group = row.group
    return {
        "id": str(group.id),
        "name": group.name,
        "description": group.description,
        "role": row.role,
        "joined_at": iso(row.joined_at),
        "founded": group.created_by_id == row.user_id,
    }


def _report(row: Report) -> Json:
    return {
        "id": str(row.id),
        "message_id": str(row.message_id) if row.message_id else None,
        "user_id": str(row.user_id) if row.user_id else None,
        "group_id": str(row.group_id) if row.group_id else None,
        "reason": row.reason,
        "note": row.note,
        "created_at": iso(row.created_at),
    }


# Conversations


def _conversation_ids(user: User) -> list[UUID]:
    """All that their list shows, the archive included: what was cleared isn't there."""
    shown = queries.chat_list(user.id), queries.chat_list(user.id, archived=True)
    return sorted({id for chats in shown for id in chats.values_list("conversation_id", flat=True)})


def _conversation(user: User, conversation_id: UUID, now: datetime) -> Iterator[Entry]:
    try:
        shown = queries.conversation_json(user.id, conversation_id)
    except NotThere:
        return
    folder = f"conversations/{conversation_id}"
    yield Entry(f"{folder}/conversation.json", _json(shown), now)
    yield Entry(f"{folder}/participants.jsonl", _participants(conversation_id), now)
    messages = _messages(user.id, conversation_id)
    yield Entry(f"{folder}/messages.jsonl", messages, now, large=shown["last_seq"] > MANY_MESSAGES)


def _participants(conversation_id: UUID) -> Iterator[bytes]:
    seats = Participant.objects.filter(conversation_id=conversation_id).select_related("user")
    for page in _pages(seats):
        yield b"".join(_line(_person(seat.user)) for seat in page)


def _messages(user_id: UUID, conversation_id: UUID) -> Iterator[bytes]:
    after, more = 0, True
    while more:
        try:
            page = queries.history_page(user_id, conversation_id, after=after, limit=PAGE)
        except NotThere:
            # Removed meanwhile: what is there was theirs to see when it was read.
            return
        starred = set(page.starred)
        yield b"".join(_line(message | {"starred": message["id"] in starred}) for message in page.messages)
        more = page.has_after
        if page.messages:
            after = page.messages[-1]["seq"]


# Files


def _uploads(user: User) -> Iterator[Media]:
    """What they uploaded themselves, but for what was deleted since or has disappeared."""
    there = Q(message=None) | Q(message__deleted_at=None) & (
        Q(message__expires_at=None) | Q(message__expires_at__gt=timezone.now())
    )
    for page in _pages(Media.objects.filter(there, uploader=user, status=Media.Status.READY)):
        yield from page


def _pages(rows: QuerySet[Row]) -> Iterator[list[Row]]:
    rows, last = rows.order_by("id"), None
    while True:
        page = list((rows.filter(id__gt=last) if last else rows)[:PAGE])
        yield page
        if len(page) < PAGE:
            return
        last = page[-1].pk


def _upload(row: Media) -> Json:
    return {
        "id": str(row.id),
        "message_id": str(row.message_id) if row.message_id else None,
        "name": row.name,
        "type": row.type,
        "size": row.size,
        "sha256": row.sha256 or None,
        "created_at": iso(row.created_at),
        "path": _path_of(row),
    }


def _path_of(row: Media) -> str:
    return f"media/{row.id}-{safe_name(row.name)}"


def safe_name(name: str) -> str:
    """A file's name as every system takes it: letters of any script, digits, and ``.-_``; never a path."""
    safe = re.sub(r"[^\w.-]+", "_", name).strip("._")
    stem, dot, suffix = safe.rpartition(".")
    if dot and len(suffix) <= 10:
        return f"{stem[: NAME_CHARACTERS - len(suffix) - 1]}.{suffix}"
    return safe[:NAME_CHARACTERS] or "file"


def _stored(
    stored: str, name: str, made_at: datetime, *, squeezed: bool = False, large: bool = False
) -> Iterator[Entry]:
    """A file of the storage; nothing where its bytes are gone."""
    try:
        file = default_storage.open(stored, "rb")
    except FileNotFoundError:
        return
    with file:
        yield Entry(name, file.chunks(CHUNK_BYTES), made_at, squeezed=squeezed, large=large)
