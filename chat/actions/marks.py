"""How far somebody has seen, and that they are typing."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from chat.errors import CannotPost
from chat.events import SMALL_CONVERSATION, conversation_my, receipt, typing
from chat.models import Participant
from chat.queries import conversation_json, is_blocked, seat
from pulse.realtime.outbox import publish_on_commit


def mark_read(*, user_id: UUID, conversation_id: UUID, seq: int) -> None:
    """Say that everything up to ``seq`` was read, and so delivered. Marks move forward only, and not past the end.

    Raises NotThere.
    """
    _advance(user_id, conversation_id, seq, read=True)


def mark_delivered(*, user_id: UUID, conversation_id: UUID, seq: int) -> None:
    """Say that everything up to ``seq`` has arrived on a device of the person. Raises NotThere."""
    _advance(user_id, conversation_id, seq, read=False)


def _advance(user_id: UUID, conversation_id: UUID, seq: int, *, read: bool) -> None:
    place = seat(user_id, conversation_id)
    seq = min(seq, place.conversation.last_seq)
    known = place.last_read_seq if read else place.last_delivered_seq
    if seq <= known:
        return
    # Each statement is a comparison and a change in one, so that two devices at once can't move a mark back.
    mine = Participant.objects.filter(id=place.id)
    with transaction.atomic():
        moved = mine.filter(last_delivered_seq__lt=seq).update(last_delivered_seq=seq, updated_at=timezone.now())
        if read:
            moved = mine.filter(last_read_seq__lt=seq).update(last_read_seq=seq, updated_at=timezone.now())
        if moved:
            _announce(user_id, conversation_id, read=read)


def _announce(user_id: UUID, conversation_id: UUID, *, read: bool) -> None:
    place = seat(user_id, conversation_id)
    # Who has blocked, or is, learns nothing of when the other reads.
    if not is_large(conversation_id) and not is_blocked(place.conversation):
        publish_on_commit(
            receipt(
                conversation_id,
                user_id,
                last_read_seq=place.last_read_seq,
                last_delivered_seq=place.last_delivered_seq,
                access_version=place.conversation.access_version,
            )
        )
    if read:
        mine = conversation_json(user_id, conversation_id)
        publish_on_commit(conversation_my(user_id, conversation_id, mine["my"], mine["unread_count"]))


def set_typing(*, user_id: UUID, conversation_id: UUID, active: bool) -> None:
    """Tell the others that somebody is typing. Stored nowhere. Raises NotThere, CannotPost."""
    place = seat(user_id, conversation_id)
    if place.read_only or place.conversation.closed_at is not None or is_blocked(place.conversation):
        raise CannotPost
    if not is_large(conversation_id):
        publish_on_commit(
            typing(conversation_id, user_id, active=active, access_version=place.conversation.access_version)
        )


def is_large(conversation_id: UUID) -> bool:
    """Whether a conversation has too many participants to tell all of them what each is doing."""
    counted = Participant.objects.filter(conversation_id=conversation_id).values("id")[: SMALL_CONVERSATION + 1]
    return len(counted) > SMALL_CONVERSATION
