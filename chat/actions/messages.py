"""Sending."""

from __future__ import annotations

from uuid import UUID

from django.db import connection

from accounts.models import User
from chat.writer import writer
from chat.writing import Draft, Written, write_messages
from pulse.lib.errors import DomainError
from pulse.lib.ids import uuid7
from pulse.lib.text import checked_message


def draft_message(
    *,
    sender_id: UUID,
    conversation_id: UUID,
    content: str,
    id: UUID | None = None,
    reply_to: UUID | None = None,
) -> Draft:
    """What somebody wants to send, checked as far as it can be without the database. Raises :class:`BadInput`."""
    return Draft(
        conversation_id=conversation_id,
        sender_id=sender_id,
        content=checked_message(content),
        id=id or uuid7(),
        new_id=id is None,
        reply_to_id=reply_to,
    )


def send_message(
    *,
    actor: User,
    conversation_id: UUID,
    content: str,
    id: UUID | None = None,
    reply_to: UUID | None = None,
) -> Written:
    """Send a message; return it as stored. The same ``id`` again returns what was stored the first time.

    Raises BadInput, NotThere (the actor takes no part), CannotPost, IdConflict, Unavailable.
    """
    draft = draft_message(
        sender_id=actor.id,
        conversation_id=conversation_id,
        content=content,
        id=id,
        reply_to=reply_to,
    )
    # Inside the caller's transaction the message belongs to it; else it shares a commit with whatever else is waiting.
    outcome = write_messages([draft])[0] if connection.in_atomic_block else writer().write(draft)
    if isinstance(outcome, DomainError):
        raise outcome
    return outcome
