"""The texts that loads send: to Pulse a command, to the bare broadcaster the event that Pulse would have made of it."""

from __future__ import annotations

import uuid

EVENT_BYTES = 700
# Messages a conversation begins with. An empty table PostgreSQL plans to read whole, and keeps to that as it grows.
HISTORY = 500

# As a message in a group looks on the wire; `#` is its number and `@` its id. Its content makes up the size.
_EVENT = (
    '{"type":"message.created","conversation_id":"%(c)s","version":#,"message":{"id":"@","conversation_id":"%(c)s","seq":#,'
    '"version":#,"type":"TEXT","sender":{"id":"%(s)s","name":"Person 0","avatar_url":null},"receiver_id":null,'
    '"group_id":"%(c)s","content":"%(content)s","media_url":null,"media":[],"location":null,"reply_to":null,'
    '"forwarded":false,"mentions":[],"reactions":[],"system":null,"pinned_at":null,'
    '"created_at":"2026-11-22T14:05:00.000000Z","updated_at":"2026-11-22T14:05:00.000000Z","edited_at":null,'
    '"deleted_at":null,"expires_at":null}}'
)


def content(event_bytes: int = EVENT_BYTES) -> str:
    """What to say so that the event has about that many bytes."""
    words = "all that matters is that it arrives, in order and once; "
    return (words * 20)[: event_bytes - len(_event(""))]


def event() -> str:
    return _event(content())


def command(conversation_id: str) -> str:
    return f'{{"type":"message.send","ref":#,"conversation_id":"{conversation_id}","id":"@","content":"{content()}"}}'


def _event(said: str) -> str:
    some = str(uuid.UUID(int=1))
    # The load knows one place for the number; the others are of the size they have after some hundred messages.
    before, _, after = (_EVENT % {"c": some, "s": some, "content": said}).partition('"seq":#')
    return before.replace("#", "1000") + '"seq":#' + after.replace("#", "1000")
