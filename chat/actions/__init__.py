"""What people do in chat. Actions own the transaction, the lock and the event."""

from chat.actions.conversations import (
    add_participants,
    make_group_conversation,
    open_direct,
    open_direct_between,
    remove_participant,
)
from chat.actions.marks import mark_delivered, mark_read, set_typing
from chat.actions.messages import draft_message, send_message

__all__ = [
    "add_participants",
    "draft_message",
    "make_group_conversation",
    "mark_delivered",
    "mark_read",
    "open_direct",
    "open_direct_between",
    "remove_participant",
    "send_message",
    "set_typing",
]
