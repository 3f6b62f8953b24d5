"""What chat announces. Every frame is declared here, and nothing in one depends on who receives it."""

from __future__ import annotations

from uuid import UUID

from chat.serializers import Json
from pulse.realtime.events import Event, to_conversation, to_user
from pulse.realtime.topics import conversation_topic

# Above this many participants receipts and typing are not told to all.
SMALL_CONVERSATION = 100


def message_created(message: bytes, *, conversation_id: UUID, version: int, seq: int, access_version: int) -> Event:
    """``message`` is the Message as JSON: the same bytes go into the sender's ack."""
    return _whole("message.created", message, conversation_id, version, seq, access_version)


def message_updated(message: bytes, *, conversation_id: UUID, version: int, seq: int, access_version: int) -> Event:
    return _whole("message.updated", message, conversation_id, version, seq, access_version)


def _whole(type: str, message: bytes, conversation_id: UUID, version: int, seq: int, access_version: int) -> Event:
    text = f'{{"type":"{type}","conversation_id":"{conversation_id}","version":{version},"message":{message.decode()}}}'
    return Event(conversation_topic(conversation_id), text, access_version, seq)


def receipt(
    conversation_id: UUID,
    user_id: UUID,
    *,
    last_read_seq: int,
    last_delivered_seq: int,
    access_version: int,
    fleeting: bool,
) -> Event:
    """``fleeting`` where a block may come between the two."""
    return to_conversation(
        conversation_id,
        {
            "type": "receipt",
            "conversation_id": conversation_id,
            "user_id": user_id,
            "last_read_seq": last_read_seq,
            "last_delivered_seq": last_delivered_seq,
        },
        access_version=access_version,
        fleeting=fleeting,
    )


def typing(conversation_id: UUID, user_id: UUID, *, active: bool, access_version: int) -> Event:
    return to_conversation(
        conversation_id,
        {"type": "typing", "conversation_id": conversation_id, "user_id": user_id, "active": active},
        access_version=access_version,
        fleeting=True,
    )


def conversation_added(user_id: UUID, conversation: Json) -> Event:
    """To one person: a conversation is now theirs. Their sockets join it before they hear of it."""
    return to_user(
        user_id, {"type": "conversation.added", "conversation": conversation}, control=("join", conversation["id"])
    )


def conversation_removed(user_id: UUID, conversation_id: UUID) -> Event:
    """To one person: a conversation is no longer theirs. Their sockets leave it at once."""
    return to_user(
        user_id,
        {"type": "conversation.removed", "conversation_id": conversation_id},
        control=("leave", str(conversation_id)),
    )


def conversation_my(user_id: UUID, conversation_id: UUID, my: Json, unread_count: int) -> Event:
    """To one person's devices: their own marks have moved."""
    return to_user(
        user_id,
        {"type": "conversation.my", "conversation_id": conversation_id, "my": my, "unread_count": unread_count},
    )
