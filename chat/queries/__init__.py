"""What people may read. Everything starts from their own Participant row: without one there is nothing."""

from chat.queries.conversations import (
    CHAT_LIST_ORDER,
    chat_list,
    conversation_json,
    conversation_jsons,
    conversation_of,
    unread_total,
)
from chat.queries.memberships import listeners, membership, memberships, versions
from chat.queries.messages import HistoryPage, changes, history_page, message_rows, messages_by_id, seat
from chat.queries.participants import (
    acquaintance,
    blocked_json,
    has_blocked,
    is_blocked,
    is_deserted,
    is_reading_private,
    last_said_seq,
    participant_json,
    seats_of,
    shown_seats,
)

__all__ = [
    "CHAT_LIST_ORDER",
    "HistoryPage",
    "acquaintance",
    "blocked_json",
    "changes",
    "chat_list",
    "conversation_json",
    "conversation_jsons",
    "conversation_of",
    "has_blocked",
    "history_page",
    "is_blocked",
    "is_deserted",
    "is_reading_private",
    "last_said_seq",
    "listeners",
    "membership",
    "memberships",
    "message_rows",
    "messages_by_id",
    "participant_json",
    "seat",
    "seats_of",
    "shown_seats",
    "unread_total",
    "versions",
]
