"""The write core: the only place where a conversation's counters move.

``write_messages`` locks first and looks after, never in one statement: a look taken before the lock wait would miss
what was committed meanwhile, so that a parallel retry would break the unique key and a message would slip in behind a
removal.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from accounts.models import Block, User
from chat.errors import CannotPost, IdConflict
from chat.events import conversation_added, message_created
from chat.models import Conversation, Message, Participant
from chat.queries import conversation_json, messages_by_id
from chat.serializers import Json, excerpt_of, message_json, reply_json, sender_json
from pulse.lib.encoding import dumps
from pulse.lib.errors import BadInput, DomainError, NotThere
from pulse.lib.ids import uuid7
from pulse.realtime.events import Event
from pulse.realtime.outbox import publish_on_commit


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message that somebody wants written. ``created_at`` is for imports alone: when it was said.

    ``new_id`` says that the id was just made here, so that nobody can have sent it before.
    """

    conversation_id: UUID
    sender_id: UUID
    content: str | None = None
    id: UUID = field(default_factory=uuid7)
    new_id: bool = False
    type: str = Message.Type.TEXT
    reply_to_id: UUID | None = None
    location: Json | None = None
    system: Json | None = None
    forwarded: bool = False
    expires_in_seconds: int | None = None
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A stored message: its JSON shape, and the same as bytes. ``created`` is False where it had been sent before."""

    message: Json
    encoded: bytes
    created: bool


Outcome = Written | DomainError
Pair = tuple[UUID, UUID]


def write_messages(drafts: Sequence[Draft], *, announce: bool = True) -> list[Outcome]:
    """Write ``drafts`` in their order, inside the caller's transaction; one outcome for each.

    A draft that breaks a rule fails alone, takes no seq, and leaves the others be: its outcome is the refusal
    (:class:`NotThere`, :class:`CannotPost`, :class:`IdConflict`, :class:`BadInput`). With ``announce=False`` (imports)
    no event leaves; clients find the change by their next heads.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("write_messages locks rows, so it runs inside a transaction.")
    batch = _Batch(drafts)
    outcomes = [batch.place(draft) for draft in drafts]
    batch.write()
    if announce:
        publish_on_commit(*batch.events)
    return outcomes


class _Batch:
    """What one call has locked and looked up, and what it will write."""

    def __init__(self, drafts: Sequence[Draft]) -> None:
        self.now = timezone.now()
        # Lock. In id order, so that two batches never wait for each other in a circle.
        self.conversations = {
            row.id: row
            for row in Conversation.objects.select_for_update(no_key=True)
            .filter(id__in={draft.conversation_id for draft in drafts})
            .order_by("id")
        }
        # Look. Each of these statements sees all that was committed before the lock was ours.
        self.stored = self._stored(drafts)
        self.senders, self.seats = self._senders(drafts)
        self.blocked = self._blocked()
        self.answered = self._answered(drafts)
        self.rows: list[Message] = []
        self.marks: dict[Pair, int] = {}
        self.opened: list[UUID] = []
        self.events: list[Event] = []

    def _stored(self, drafts: Sequence[Draft]) -> dict[UUID, Json]:
        ids = [draft.id for draft in drafts if not draft.new_id]
        # Almost always none of them is: the whole messages are read only where one was.
        sent = list(Message.objects.filter(id__in=ids).values_list("id", flat=True)) if ids else []
        return messages_by_id(sent) if sent else {}

    def _senders(self, drafts: Sequence[Draft]) -> tuple[dict[UUID, User], dict[Pair, Participant]]:
        user_ids = {draft.sender_id for draft in drafts}
        seats = {
            (row.conversation_id, row.user_id): row
            for row in Participant.objects.filter(
                conversation_id__in=self.conversations, user_id__in=user_ids
            ).select_related("user")
        }
        senders = {row.user_id: row.user for row in seats.values()}
        # Who acted in a SYSTEM line may have left by the same act.
        missing = {draft.sender_id for draft in drafts if draft.type == Message.Type.SYSTEM} - senders.keys()
        if missing:
            senders |= User.objects.in_bulk(missing)
        return senders, seats

    def _blocked(self) -> set[UUID]:
        """The direct conversations in which either has blocked the other."""
        pairs = {
            row.id: (row.user_low_id, row.user_high_id)
            for row in self.conversations.values()
            if row.user_low_id is not None and row.user_low_id != row.user_high_id
        }
        if not pairs:
            return set()
        people = {user_id for pair in pairs.values() for user_id in pair}
        blocks = set(
            Block.objects.filter(blocker__in=people, blocked__in=people).values_list("blocker_id", "blocked_id")
        )
        return {id for id, (low, high) in pairs.items() if (low, high) in blocks or (high, low) in blocks}

    def _answered(self, drafts: Sequence[Draft]) -> dict[UUID, Message]:
        ids = {draft.reply_to_id for draft in drafts if draft.reply_to_id}
        return Message.objects.filter(conversation__in=self.conversations).in_bulk(ids) if ids else {}

    # Placing

    def place(self, draft: Draft) -> Outcome:
        """Give a draft its seq, or say why it gets none."""
        conversation = self.conversations.get(draft.conversation_id)
        seat = self.seats.get((draft.conversation_id, draft.sender_id))
        if conversation is None or (seat is None and draft.type != Message.Type.SYSTEM):
            return NotThere()
        stored = self.stored.get(draft.id)
        if stored is not None:
            return self._again(draft, stored)
        if seat is not None and draft.type != Message.Type.SYSTEM and not self._can_post(conversation, seat):
            return CannotPost()
        answered = None
        if draft.reply_to_id is not None:
            answered = self.answered.get(draft.reply_to_id)
            if answered is None or not _can_see(seat, answered):
                return BadInput(errors={"reply_to": ["There is no such message in this conversation."]})
        return self._new(draft, conversation, answered)

    def _again(self, draft: Draft, stored: Json) -> Outcome:
        """The stored message as it now is; unless the id was used for something else."""
        same = stored["conversation_id"] == str(draft.conversation_id) and stored["sender"]["id"] == str(
            draft.sender_id
        )
        unedited = stored["edited_at"] is None and stored["deleted_at"] is None
        if not same or (unedited and stored["content"] != draft.content):
            return IdConflict()
        return Written(stored, dumps(stored), created=False)

    def _can_post(self, conversation: Conversation, seat: Participant) -> bool:
        return not (
            seat.read_only
            or conversation.closed_at is not None
            or conversation.id in self.blocked
            or seat.user.is_suspended
            or not seat.user.is_active
        )

    def _new(self, draft: Draft, conversation: Conversation, answered: Message | None) -> Written:
        if conversation.last_seq == 0:
            self.opened.append(conversation.id)
        conversation.last_seq += 1
        conversation.version += 1
        created_at = draft.created_at or self.now
        lifetime = draft.expires_in_seconds or conversation.message_lifetime
        row = Message(
            id=draft.id,
            conversation_id=conversation.id,
            seq=conversation.last_seq,
            version=conversation.version,
            sender_id=draft.sender_id,
            receiver_id=_peer_id(conversation, draft.sender_id),
            group_id=conversation.group_id,
            type=draft.type,
            content=draft.content,
            location=draft.location,
            system=draft.system,
            reply_to=answered,
            reply_excerpt=excerpt_of(answered.content) if answered else "",
            forwarded=draft.forwarded,
            created_at=created_at,
            updated_at=created_at,
            expires_at=created_at + timedelta(seconds=lifetime)
            if lifetime and draft.type != Message.Type.SYSTEM
            else None,
        )
        conversation.last_message_id = row.id
        conversation.updated_at = created_at
        self.rows.append(row)
        # Whoever writes, or acts, has read what is above.
        self.marks[conversation.id, draft.sender_id] = row.seq
        written = self._written(row, answered)
        self.stored[row.id] = written.message
        # A later draft of the same batch may answer this one.
        self.answered[row.id] = row
        self.events.append(
            message_created(
                written.encoded,
                conversation_id=conversation.id,
                version=row.version,
                seq=row.seq,
                access_version=conversation.access_version,
            )
        )
        return written

    def _written(self, row: Message, answered: Message | None) -> Written:
        sender = self.senders[row.sender_id]
        message = message_json(
            id=row.id,
            conversation_id=row.conversation_id,
            seq=row.seq,
            version=row.version,
            type=row.type,
            sender=sender_json(sender.id, sender.name, sender.avatar.name),
            receiver_id=row.receiver_id,
            group_id=row.group_id,
            content=row.content,
            location=row.location,
            system=row.system,
            reply_to=reply_json(answered.id, answered.seq, answered.sender_id, answered.type, row.reply_excerpt)
            if answered
            else None,
            forwarded=row.forwarded,
            created_at=row.created_at,
            updated_at=row.updated_at,
            expires_at=row.expires_at,
        )
        return Written(message, dumps(message), created=True)

    # Writing

    def write(self) -> None:
        """Put everything that was placed into the database: rows, counters, the senders' marks."""
        if not self.rows:
            return
        Message.objects.bulk_create(self.rows)
        touched = {row.conversation_id for row in self.rows}
        with connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE chat_conversation SET last_seq = %s, version = %s, last_message_id = %s, updated_at = %s"
                " WHERE id = %s",
                [
                    (row.last_seq, row.version, _raw(row.last_message_id), _raw(row.updated_at), _raw(row.id))
                    for row in (self.conversations[id] for id in sorted(touched))
                ],
            )
            if self.marks:
                cursor.executemany(
                    "UPDATE chat_participant SET last_read_seq = %s, last_delivered_seq = %s"
                    " WHERE conversation_id = %s AND user_id = %s AND last_read_seq < %s",
                    [
                        (seq, seq, _raw(conversation_id), _raw(user_id), seq)
                        for (conversation_id, user_id), seq in sorted(self.marks.items())
                    ],
                )
        if self.opened:
            self._let_peers_in()

    def _let_peers_in(self) -> None:
        """A direct conversation is its opener's alone until the first message; with it the peer takes their seat."""
        missing = [
            Participant(conversation_id=conversation.id, user_id=user_id)
            for conversation in (self.conversations[id] for id in self.opened)
            if conversation.user_low_id is not None and conversation.user_high_id is not None
            for user_id in (conversation.user_low_id, conversation.user_high_id)
            if (conversation.id, user_id) not in self.seats
        ]
        if not missing:
            return
        seated = set(
            Participant.objects.filter(conversation_id__in=self.opened).values_list("conversation_id", "user_id")
        )
        new = [row for row in missing if (row.conversation_id, row.user_id) not in seated]
        Participant.objects.bulk_create(new)
        self.events.extend(
            conversation_added(row.user_id, conversation_json(row.user_id, row.conversation_id)) for row in new
        )


def _peer_id(conversation: Conversation, sender_id: UUID) -> UUID | None:
    return conversation.user_high_id if conversation.user_low_id == sender_id else conversation.user_low_id


def _can_see(seat: Participant | None, message: Message) -> bool:
    return seat is None or (
        message.conversation_id == seat.conversation_id
        and message.seq >= seat.first_seq
        and message.seq > seat.cleared_seq
    )


def _raw(value: Any) -> Any:
    """A value as the driver takes it where no field stands between: SQLite keeps UUIDs as hex and times as text."""
    if connection.vendor == "postgresql":
        return value
    if isinstance(value, uuid.UUID):
        return value.hex
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value
