"""What becomes of somebody's chats when they close their account."""

from uuid import UUID

from django.utils import timezone

from chat.models import Conversation, Hidden, LiveShare, Message, Revision, Star
from media.models import Media
from pulse.lib.ids import direct_conversation_id


def forget_person(*, user_id: UUID) -> None:
    """Take back what was theirs alone: stars, what they hid, running shares, notes to themselves.

    What they wrote to others stays, and so do their seats in direct chats: the others' marks tell how far they read.
    Inside the caller's transaction.
    """
    Star.objects.filter(user_id=user_id).delete()
    Hidden.objects.filter(user_id=user_id).delete()
    LiveShare.objects.filter(user_id=user_id, ended_at=None).update(
        ended_at=timezone.now(), last_position=None, updated_at=timezone.now()
    )
    _erase_notes(direct_conversation_id(user_id, user_id))


def _erase_notes(conversation_id: UUID) -> None:
    """Empty the notes of a person whom nobody is any more. The rows stay as tombstones: reports may hang on them."""
    notes = Message.objects.filter(conversation_id=conversation_id)
    Revision.objects.filter(message__in=notes).delete()
    # Without a message they are swept, bytes included, as uploads are that were never sent.
    Media.objects.filter(message__in=notes).update(message=None)
    notes.update(content=None, location=None, reply_excerpt="", deleted_at=timezone.now())
    for conversation in Conversation.objects.filter(id=conversation_id):
        conversation.participants.all().delete()
