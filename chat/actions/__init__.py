"""What people do in chat. Actions own the transaction, the lock and the event."""

from chat.actions.conversations import (
    add_participants,
    close_conversation,
    lock_conversations,
    make_group_conversation,
    open_direct,
    open_direct_between,
    remove_participant,
    set_read_only,
)
from chat.actions.marks import mark_delivered, mark_read, set_typing
from chat.actions.messages import draft_message, send_message
from chat.actions.system_lines import write_system_lines

__all__ = [
    "add_participants",
    "close_conversation",
    "draft_message",
    "lock_conversations",
    "make_group_conversation",
    "mark_delivered",
    "mark_read",
    "open_direct",
    "open_direct_between",
    "remove_participant",
    "send_message",
    "set_read_only",
    "set_typing",
    "write_system_lines",
]
