"""What the statements take and give, and their text."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID


@dataclass(slots=True)
class Room:
    """A conversation under lock. The write core moves its counters; ``write`` stores them."""

    id: UUID
    group_id: UUID | None
    user_low_id: UUID | None
    user_high_id: UUID | None
    last_seq: int
    version: int
    access_version: int
    lifetime_seconds: int | None
    closed: bool
    last_message_id: UUID | None = None
    updated_at: datetime | None = None


class Seat(NamedTuple):
    """A participant, with what is asked of them when they write.

    Of a direct conversation: ``blocked``, either has blocked the other; ``deserted``, either has closed their account.
    """

    conversation_id: UUID
    user_id: UUID
    read_only: bool
    first_seq: int
    cleared_seq: int
    name: str
    avatar: str
    is_active: bool
    suspended: bool
    blocked: bool
    deserted: bool


class Found(NamedTuple):
    rooms: list[Room]
    seats: list[Seat]
    stored_ids: list[UUID]


class MessageRow(NamedTuple):
    """A new message, by column. ``location`` and ``system`` are JSON text."""

    id: UUID
    conversation_id: UUID
    seq: int
    version: int
    sender_id: UUID
    receiver_id: UUID | None
    group_id: UUID | None
    type: str
    content: str | None
    location: str | None
    system: str | None
    reply_to_id: UUID | None
    reply_excerpt: str
    forwarded: bool
    created_at: datetime
    updated_at: datetime
    expires_at: datetime | None


class Mark(NamedTuple):
    """Whoever writes has read what is above."""

    conversation_id: UUID
    user_id: UUID
    seq: int


class Statements(Protocol):
    def lock_and_look(
        self,
        conversation_ids: Collection[UUID],
        user_ids: Collection[UUID],
        message_ids: Collection[UUID],
        now: datetime,
    ) -> Found:
        """Lock the conversations, in id order; then, each in a snapshot of its own, find seats and ids already sent."""

    def write(self, messages: Sequence[MessageRow], rooms: Sequence[Room], marks: Sequence[Mark]) -> None:
        """Insert the messages, store the rooms' counters, move the senders' marks forward."""


LOCK = """
SELECT id, group_id, user_low_id, user_high_id, last_seq, version, access_version, message_lifetime,
    closed_at IS NOT NULL
FROM chat_conversation WHERE id {ids} ORDER BY id"""

SEATS = """
SELECT p.conversation_id, p.user_id, p.read_only, p.first_seq, p.cleared_seq, u.name, u.avatar, u.is_active,
    coalesce(u.suspended_until > {now}, false),
    EXISTS (SELECT 1 FROM accounts_block b WHERE b.blocker_id = c.user_low_id AND b.blocked_id = c.user_high_id
        OR b.blocker_id = c.user_high_id AND b.blocked_id = c.user_low_id),
    EXISTS (SELECT 1 FROM accounts_user o WHERE o.id IN (c.user_low_id, c.user_high_id) AND o.closed_at IS NOT NULL)
FROM chat_participant p JOIN accounts_user u ON u.id = p.user_id
    JOIN chat_conversation c ON c.id = p.conversation_id
WHERE p.conversation_id {rooms} AND p.user_id {people}"""

STORED = "SELECT id FROM chat_message WHERE id {ids}"

INSERT = f"INSERT INTO chat_message ({', '.join(MessageRow._fields)})"  # our own names
