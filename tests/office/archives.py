"""Small archives for the tests of the import, and what came of them."""

from collections.abc import Callable
from uuid import UUID

from accounts.models import User
from chat.models import Conversation, Message, Participant
from groups.models import GroupMember

Say = Callable[..., dict[str, object]]


def texts(conversation_id: UUID) -> list[str | None]:
    return list(
        Message.objects.filter(conversation_id=conversation_id).order_by("seq").values_list("content", flat=True)
    )


def everything() -> dict[str, object]:
    """All rows that an import makes."""
    return {
        "people": sorted(User.objects.values_list("id", "name", "email")),
        "messages": sorted(
            Message.objects.values_list("id", "conversation_id", "seq", "version", "content", "reply_to_id")
        ),
        "conversations": sorted(Conversation.objects.values_list("id", "last_seq", "version", "last_message_id")),
        "seats": sorted(Participant.objects.values_list("id", "last_read_seq", "last_delivered_seq")),
        "members": sorted(GroupMember.objects.values_list("id", "role")),
    }
