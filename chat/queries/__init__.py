"""What people may read. Everything starts from their own Participant row: without one there is nothing."""

from chat.queries.conversations import (
    CHAT_LIST_ORDER,
    chat_list,
    conversation_json,
    conversation_jsons,
    conversation_of,
    is_blocked,
    participant_json,
    seats_of,
    unread_total,
)
from chat.queries.memberships import listeners, membership, memberships, versions
from chat.queries.messages import HistoryPage, changes, history_page, message_rows, messages_by_id, seat

__all__ = [
    "CHAT_LIST_ORDER",
    "HistoryPage",
    "changes",
    "chat_list",
    "conversation_json",
    "conversation_jsons",
    "conversation_of",
    "history_page",
    "is_blocked",
    "listeners",
    "membership",
    "memberships",
    "message_rows",
    "messages_by_id",
    "participant_json",
    "seat",
    "seats_of",
    "unread_total",
    "versions",
]
