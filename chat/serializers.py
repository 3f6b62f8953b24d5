"""The one JSON shape of conversations and messages, for REST, events and pages alike.

Nothing in a message depends on who looks at it, so that one encoding serves everybody.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from media.serializers import avatar_url
from pulse.lib.encoding import iso, iso_or_none

EXCERPT_CHARACTERS = 140

Json = dict[str, Any]


def sender_json(user_id: UUID, name: str, avatar: str | None) -> Json:
    return {"id": str(user_id), "name": name, "avatar_url": avatar_url(avatar)}


def excerpt_of(content: str | None) -> str:
    """How a reply quotes a message: its beginning, on one line."""
    line = " ".join((content or "")[: EXCERPT_CHARACTERS * 2].split())
    return line if len(line) <= EXCERPT_CHARACTERS else line[: EXCERPT_CHARACTERS - 1].rstrip() + "…"


def has_expired(expires_at: datetime | None) -> bool:
    return expires_at is not None and expires_at <= timezone.now()


def message_json(
    *,
    id: UUID,
    conversation_id: UUID,
    seq: int,
    version: int,
    type: str,
    sender: Json,
    receiver_id: UUID | None,
    group_id: UUID | None,
    content: str | None,
    location: Json | None,
    system: Json | None,
    reply_to: Json | None,
    forwarded: bool,
    created_at: datetime,
    updated_at: datetime,
    edited_at: datetime | None = None,
    deleted_at: datetime | None = None,
    expires_at: datetime | None = None,
    pinned_at: datetime | None = None,
    media: list[Json] | None = None,
    mentions: list[str] | None = None,
    reactions: list[Json] | None = None,
) -> Json:
    """A Message. One that has expired is a tombstone from that moment, whether or not it was swept yet."""
    if deleted_at is None and has_expired(expires_at):
        deleted_at = expires_at
    if deleted_at is not None:
        content, location, reply_to, media, mentions, reactions = None, None, None, [], [], []
    media = media or []
    return {
        "id": str(id),
        "conversation_id": str(conversation_id),
        "seq": seq,
        "version": version,
        "type": type,
        "sender": sender,
        "receiver_id": str(receiver_id) if receiver_id else None,
        "group_id": str(group_id) if group_id else None,
        "content": content,
        "media_url": media[0]["url"] if media else None,
        "media": media,
        "location": location,
        "reply_to": reply_to,
        "forwarded": forwarded,
        "mentions": mentions or [],
        "reactions": reactions or [],
        "system": system,
        "pinned_at": iso_or_none(pinned_at),
        "created_at": iso(created_at),
        "updated_at": iso(updated_at),
        "edited_at": iso_or_none(edited_at),
        "deleted_at": iso_or_none(deleted_at),
        "expires_at": iso_or_none(expires_at),
    }


def reply_json(id: UUID, seq: int, sender_id: UUID, type: str, excerpt: str) -> Json:
    return {"id": str(id), "seq": seq, "sender_id": str(sender_id), "type": type, "excerpt": excerpt}


def media_json(row: Any) -> Json:
    """A Media row. Its URLs are stable and unsigned; who may follow them is decided when they do."""
    return {
        "id": str(row.id),
        "kind": row.kind,
        "status": row.status,
        "name": row.name,
        "type": row.type,
        "size": row.size,
        "width": row.width,
        "height": row.height,
        "duration": row.duration,
        "waveform": row.waveform,
        "placeholder": row.placeholder or None,
        "url": f"/api/v1/media/{row.id}/content",
        "thumbnail_url": f"/api/v1/media/{row.id}/thumbnail" if row.thumbnail else None,
        "created_at": iso(row.created_at),
    }
