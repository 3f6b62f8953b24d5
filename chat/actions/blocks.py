"""Blocking: between two people, and what it does to the conversation they have alone."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import F

from accounts.models import Block, User
from chat.actions.conversations import lock_direct
from chat.events import conversation_my
from chat.limits import BLOCK
from chat.models import Conversation
from chat.queries import acquaintance, conversation_json
from pulse.lib.errors import BadInput, NotThere
from pulse.realtime.events import epoch_moved
from pulse.realtime.outbox import publish_on_commit


def block(*, actor: User, user_id: UUID) -> None:
    """Block somebody; they aren't told. Again changes nothing. Raises BadInput (oneself), NotThere, TooMany.

    From the commit on neither writes to the other: the write core, and whoever opens their conversation, looks for a
    block under the same lock. Its epoch moves, so that no hub hands over what either typed or read before.
    """
    _check(actor, user_id)
    with transaction.atomic():
        conversation = lock_direct(actor.id, user_id)
        _, new = Block.objects.get_or_create(blocker=actor, blocked_id=user_id)
        if new:
            Conversation.objects.filter(id=conversation.id).update(access_version=F("access_version") + 1)
            epoch = conversation.access_version + 1
            publish_on_commit(*(epoch_moved(id, conversation.id, epoch) for id in (actor.id, user_id)))
            _tell_blocker(actor, conversation)


def unblock(*, actor: User, user_id: UUID) -> None:
    """Take a block back; where there is none, nothing changes. Raises BadInput (oneself), NotThere, TooMany."""
    _check(actor, user_id)
    with transaction.atomic():
        conversation = lock_direct(actor.id, user_id)
        gone, _ = Block.objects.filter(blocker=actor, blocked_id=user_id).delete()
        if gone:
            _tell_blocker(actor, conversation)


def _check(actor: User, user_id: UUID) -> None:
    BLOCK.count(str(actor.id))
    if user_id == actor.id:
        raise BadInput("You can’t block yourself.", code="yourself")
    acquaintance(actor, user_id)


def _tell_blocker(actor: User, conversation: Conversation) -> None:
    """Have the blocker's own devices hear at once whether they can write now."""
    try:
        mine = conversation_json(actor.id, conversation.id)
    except NotThere:
        return
    publish_on_commit(conversation_my(actor.id, conversation.id, mine["my"], mine["unread_count"]))
