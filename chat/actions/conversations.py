"""Opening conversations, and who is in them."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import Block, User
from chat.events import conversation_added, conversation_my, conversation_removed
from chat.models import Conversation, Participant
from chat.queries import conversation_json
from pulse.lib.errors import NotThere
from pulse.lib.ids import direct_conversation_id
from pulse.realtime.outbox import publish_on_commit


def open_direct(*, actor: User, peer_id: UUID) -> tuple[Conversation, bool]:
    """The direct conversation with somebody, or with one's own id notes to oneself; and whether it is new to ``actor``.

    The peer takes their seat with the first message. Raises NotThere where the actor may not know of them; a chat that
    is there already stays open to both, whatever became of them since.
    """
    id = direct_conversation_id(*sorted((actor.id, peer_id)))
    known = Conversation.objects.filter(id=id, participants__user_id=actor.id).first()
    if known is not None:
        return known, False
    if peer_id != actor.id and not User.objects.visible_to(actor).filter(id=peer_id).exists():
        raise NotThere
    with transaction.atomic():
        conversation = lock_direct(actor.id, peer_id)
        # Once more, under the lock that a block takes too: it may have come meanwhile.
        if Block.objects.between(actor, peer_id).exists():
            raise NotThere
        _, seated = Participant.objects.get_or_create(conversation=conversation, user=actor)
        if seated:
            publish_on_commit(conversation_added(actor.id, conversation_json(actor.id, conversation.id)))
    return conversation, seated


def open_direct_between(user_a_id: UUID, user_b_id: UUID) -> Conversation:
    """A direct conversation with both people in it from the start: for imports."""
    with transaction.atomic():
        conversation, _ = _direct(user_a_id, user_b_id)
        for user_id in {user_a_id, user_b_id}:
            Participant.objects.get_or_create(conversation=conversation, user_id=user_id)
    return conversation


def make_group_conversation(*, group_id: UUID, user_ids: Collection[UUID]) -> Conversation:
    """The conversation of a new group, with its first members. Inside the caller's transaction."""
    conversation = Conversation.objects.create(id=group_id, group_id=group_id, kind=Conversation.Kind.GROUP)
    add_participants(conversation_id=group_id, user_ids=user_ids)
    return conversation


def add_participants(*, conversation_id: UUID, user_ids: Collection[UUID]) -> None:
    """Seat people who see all of the history and count it as read. Who is there already stays as they are."""
    conversation = Conversation.objects.select_for_update(no_key=True).get(id=conversation_id)
    last_seq = conversation.last_seq
    seats = [
        Participant(
            conversation_id=conversation_id, user_id=user_id, last_read_seq=last_seq, last_delivered_seq=last_seq
        )
        for user_id in user_ids
    ]
    Participant.objects.bulk_create(seats, ignore_conflicts=True)


def remove_participant(*, conversation_id: UUID, user_id: UUID) -> bool:
    """Take somebody's seat, and with it all they could see; False where they had none. Inside the caller's transaction.

    The epoch moves with it: every message written after this commit carries the new ``access_version``, so that no hub
    hands it to whoever was removed.
    """
    Conversation.objects.select_for_update(no_key=True).get(id=conversation_id)
    removed, _ = Participant.objects.filter(conversation_id=conversation_id, user_id=user_id).delete()
    if removed:
        Conversation.objects.filter(id=conversation_id).update(access_version=F("access_version") + 1)
        publish_on_commit(conversation_removed(user_id, conversation_id))
    return bool(removed)


def lock_conversations(conversation_ids: Collection[UUID]) -> None:
    """Hold conversations until the end of the caller's transaction, in the one order in which everybody locks them."""
    list(
        Conversation.objects.select_for_update(no_key=True)
        .filter(id__in=conversation_ids)
        .order_by("id")
        .values_list("id", flat=True)
    )


def close_conversation(*, conversation_id: UUID) -> None:
    """Take everybody's seat for good. What was said stays stored, for evidence, where nobody can read it.

    Inside the caller's transaction.
    """
    conversation = Conversation.objects.select_for_update(no_key=True).get(id=conversation_id)
    seats = conversation.participants.all()
    user_ids = list(seats.values_list("user_id", flat=True))
    seats.delete()
    Conversation.objects.filter(id=conversation_id).update(
        access_version=F("access_version") + 1, closed_at=conversation.closed_at or timezone.now()
    )
    publish_on_commit(*(conversation_removed(user_id, conversation_id) for user_id in user_ids))


def set_read_only(*, conversation_id: UUID, user_id: UUID, read_only: bool) -> None:
    """Say whether somebody may only read, and tell their devices. Inside the caller's transaction."""
    seats = Participant.objects.filter(conversation_id=conversation_id, user_id=user_id).exclude(read_only=read_only)
    if seats.update(read_only=read_only, updated_at=timezone.now()):
        mine = conversation_json(user_id, conversation_id)
        publish_on_commit(conversation_my(user_id, conversation_id, mine["my"], mine["unread_count"]))


def lock_direct(user_a_id: UUID, user_b_id: UUID) -> Conversation:
    """The conversation of two people, made where there was none, its row locked until the caller's transaction ends.

    What the two do to each other (opening, blocking, writing) happens one after the other by this lock.
    """
    conversation, made = _direct(user_a_id, user_b_id)
    return conversation if made else Conversation.objects.select_for_update(no_key=True).get(id=conversation.id)


def _direct(user_a_id: UUID, user_b_id: UUID) -> tuple[Conversation, bool]:
    low, high = sorted((user_a_id, user_b_id))
    return Conversation.objects.get_or_create(
        id=direct_conversation_id(low, high),
        defaults={"kind": Conversation.Kind.DIRECT, "user_low_id": low, "user_high_id": high},
    )
