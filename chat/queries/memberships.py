"""What the live processes ask: who may listen where, and where each conversation stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from uuid import UUID

from chat.models import Conversation, Participant
from pulse.realtime.hub import Listeners, Membership


def memberships(user_ids: Collection[UUID]) -> Mapping[UUID, list[Membership]]:
    """Every conversation of each person."""
    found: dict[UUID, list[Membership]] = defaultdict(list)
    rows = Participant.objects.filter(user_id__in=user_ids).values_list(
        "user_id", "conversation_id", "first_seq", "conversation__access_version", "conversation__version"
    )
    for user_id, conversation_id, first_seq, access_version, version in rows:
        found[user_id].append(Membership(conversation_id, first_seq, access_version, version))
    return found


def membership(user_id: UUID, conversation_id: UUID) -> Membership | None:
    rows = Participant.objects.filter(user_id=user_id, conversation_id=conversation_id).values_list(
        "conversation_id", "first_seq", "conversation__access_version", "conversation__version"
    )
    return next((Membership(*row) for row in rows), None)


def listeners(conversation_id: UUID) -> Listeners:
    """Who may listen to a conversation. The epoch is read first: people read after it are at least as new."""
    access_version = Conversation.objects.filter(id=conversation_id).values_list("access_version", flat=True).first()
    rows = Participant.objects.filter(conversation_id=conversation_id).values_list("user_id", "first_seq")
    return Listeners(access_version or 0, dict(rows))


def versions(conversation_ids: Collection[UUID]) -> Mapping[UUID, tuple[int, int]]:
    """``(version, access_version)`` of each conversation."""
    found: dict[UUID, tuple[int, int]] = {}
    ids = list(conversation_ids)
    # SQLite takes a limited number of parameters.
    for start in range(0, len(ids), 5000):
        rows = Conversation.objects.filter(id__in=ids[start : start + 5000]).values_list(
            "id", "version", "access_version"
        )
        found.update((id, (version, access_version)) for id, version, access_version in rows)
    return found
