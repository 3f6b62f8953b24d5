"""How far somebody has seen, and that they are typing."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from chat.errors import CannotPost
from chat.events import SMALL_CONVERSATION, conversation_my, receipt, typing
from chat.models import Conversation, Participant
from chat.queries import conversation_json, is_blocked, is_deserted, is_reading_private, last_said_seq, seat
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
        arrived = mine.filter(last_delivered_seq__lt=seq).update(last_delivered_seq=seq, updated_at=timezone.now())
        seen = read and mine.filter(last_read_seq__lt=seq).update(last_read_seq=seq, updated_at=timezone.now())
        if arrived or seen:
            _tell_others(seat(user_id, conversation_id), arrived=bool(arrived))
        if seen:
            shown = conversation_json(user_id, conversation_id)
            publish_on_commit(conversation_my(user_id, conversation_id, shown["my"], shown["unread_count"]))


def _tell_others(place: Participant, *, arrived: bool) -> None:
    """Announce somebody's marks as the others may know them; ``place``, and the epoch with it, was read before."""
    conversation, read_seq = place.conversation, place.last_read_seq
    is_direct = conversation.kind == Conversation.Kind.DIRECT
    if is_large(conversation) or is_blocked(conversation):
        return
    if is_direct and is_reading_private(conversation):
        if not arrived:
            # An event in which nothing has moved would say it too.
            return
        read_seq = last_said_seq(place)
    publish_on_commit(
        receipt(
            conversation.id,
            place.user_id,
            last_read_seq=read_seq,
            last_delivered_seq=place.last_delivered_seq,
            access_version=conversation.access_version,
            fleeting=is_direct,
        )
    )


def set_typing(*, user_id: UUID, conversation_id: UUID, active: bool) -> None:
    """Tell the others that somebody is typing. Stored nowhere. Raises NotThere, CannotPost.

    The epoch is read first, and the block after: an event of the new epoch was made by somebody who may type.
    """
    place = seat(user_id, conversation_id)
    conversation = place.conversation
    if place.read_only or conversation.closed_at or is_blocked(conversation) or is_deserted(conversation):
        raise CannotPost
    if not is_large(conversation):
        publish_on_commit(
            typing(conversation_id, user_id, active=active, access_version=place.conversation.access_version)
        )


def is_large(conversation: Conversation) -> bool:
    """Whether a conversation has too many participants to tell all of them what each is doing."""
    if conversation.kind == Conversation.Kind.DIRECT:
        return False
    counted = Participant.objects.filter(conversation=conversation).values("id")[: SMALL_CONVERSATION + 1]
    return len(counted) > SMALL_CONVERSATION
