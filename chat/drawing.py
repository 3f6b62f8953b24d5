"""What the templates need to draw messages for one reader."""

from typing import Any
from uuid import UUID

from accounts.models import User
from chat import queries
from chat.models import Message
from chat.serializers import Json, excerpt_of
from chat.timeline import MOST_PEOPLE, Marks, days, names_in
from media.serializers import avatar_url


def drawn(
    user_id: UUID, conversation_id: UUID, messages: list[Json], *, new_after: int | None = None
) -> dict[str, Any]:
    """What _messages.html needs for these messages. Raises :class:`NotThere` to whoever takes no part."""
    seats = [queries.participant_json(seat) for seat in queries.seats_of(user_id, conversation_id)[: MOST_PEOPLE + 1]]
    names = {seat["user"]["id"]: seat["user"]["name"] for seat in seats}
    return {
        "days": days(messages, user_id, Marks.of(seats, user_id), new_after=new_after),
        "names": names_in(messages, names),
        "seats": seats,
    }


def quoted(user_id: UUID, conversation_id: UUID, message_id: UUID | None) -> Json | None:
    """The message that is being replied to, as a quote; None where the reader can see no such message."""
    if message_id is None:
        return None
    seen = Message.objects.visible_to(user_id)
    for message in queries.message_rows(seen.filter(id=message_id, conversation_id=conversation_id, deleted_at=None)):
        taken = {name: message[name] for name in ("id", "seq", "type", "conversation_id")}
        return taken | {"sender_id": message["sender"]["id"], "excerpt": excerpt_of(message["content"])}
    return None


def blank_message(user: User, conversation_id: UUID) -> Json:
    """What the live module clones for a message that waits to be sent."""
    sender = {"id": str(user.id), "name": user.name, "avatar_url": avatar_url(user.avatar.name)}
    return {
        "id": "",
        "conversation_id": str(conversation_id),
        "seq": "",
        "version": 0,
        "sender": sender,
        "content": " ",
        "created_at": "1970-01-01T00:00:00Z",
        "reply_to": {"id": "", "seq": "", "sender_id": str(user.id), "type": "TEXT", "excerpt": " "},
    }


def is_notes(conversation: Json, user: User) -> bool:
    """Whether a conversation is the person's notes to themselves."""
    peer = conversation["peer"]
    return conversation["kind"] == "DIRECT" and (peer is None or peer["id"] == str(user.id))
