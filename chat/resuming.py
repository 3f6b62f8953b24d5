"""Catching up: what a client has missed of each conversation it names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from uuid import UUID

from chat.errors import Reset
from chat.models import Participant
from chat.queries import changes, shown_seats
from chat.serializers import Json
from pulse.lib.errors import NotThere

# A client further behind than this gets `reset` and pages instead.
MAX_CHANGES = 200
MAX_MARKS = 100


def standing(user_id: UUID) -> dict[str, Json]:
    """Where every conversation of the person stands: one query."""
    rows = Participant.objects.filter(user_id=user_id).values_list(
        "conversation_id", "conversation__version", "conversation__last_seq", "last_read_seq"
    )
    return {
        str(id): {"version": version, "last_seq": last, "last_read_seq": read, "unread_count": max(0, last - read)}
        for id, version, last, read in rows
    }


def catch_up(user_id: UUID, known: Mapping[UUID, int], current: Mapping[str, Json]) -> Iterator[list[Json]]:
    """For each conversation that is named and behind: its frames, the last of them ``caught_up`` or ``reset``."""
    for conversation_id, version in known.items():
        stands = current.get(str(conversation_id))
        # No longer in it: the ack says so by not naming it.
        if stands is not None and stands["version"] != version:
            yield _frames(user_id, conversation_id, version)


def _frames(user_id: UUID, conversation_id: UUID, since: int) -> list[Json]:
    named = {"conversation_id": str(conversation_id)}
    try:
        found = changes(user_id, conversation_id, since=since, limit=MAX_CHANGES)
    except Reset as reset:
        return [{"type": "reset", **named, "version": reset.version}]
    except NotThere:
        return [{"type": "conversation.removed", **named}]
    if found.more:
        return [{"type": "reset", **named, "version": current_version(conversation_id)}]
    frames: list[Json] = [
        {"type": "message.updated", **named, "version": message["version"], "message": message}
        for message in found.messages
    ]
    personal = {"starred": found.starred, "hidden": found.hidden, "marks": marks(user_id, conversation_id)}
    return [*frames, {"type": "caught_up", **named, "version": found.version, **personal}]


def current_version(conversation_id: UUID) -> int:
    return (
        Participant.objects.filter(conversation_id=conversation_id)
        .values_list("conversation__version", flat=True)[:1]
        .get()
    )


def marks(user_id: UUID, conversation_id: UUID) -> list[Json]:
    """How far each participant has seen, as the person may know it; none where there are too many to tell."""
    seats = shown_seats(user_id, conversation_id)
    rows = seats.values_list("user_id", "known_read_seq", "known_delivered_seq")[: MAX_MARKS + 1]  # type: ignore[misc]  # annotated
    if len(rows) > MAX_MARKS:
        return []
    return [
        {"user_id": str(id), "last_read_seq": read_seq, "last_delivered_seq": delivered_seq}
        for id, read_seq, delivered_seq in rows
    ]
