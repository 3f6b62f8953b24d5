"""The write core: the only place where a conversation's counters move.

``write_messages`` locks first and looks after, never in one statement: a look taken before the lock wait would miss
what was committed meanwhile, so that a parallel retry would break the unique key and a message would slip in behind a
removal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.utils import timezone

from accounts.models import User
from chat.errors import CannotPost, IdConflict
from chat.events import conversation_added, message_created
from chat.models import Message, Participant
from chat.queries import conversation_json, messages_by_id
from chat.serializers import Json, excerpt_of, has_expired, message_json, reply_json, sender_json
from chat.statements import MessageRow, Room, Seat, statements
from chat.statements.rows import Mark
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
class Answered:
    """What a reply quotes."""

    id: UUID
    conversation_id: UUID
    seq: int
    sender_id: UUID
    type: str
    content: str | None

    @property
    def excerpt(self) -> str:
        return excerpt_of(self.content)

    def json(self) -> Json:
        return reply_json(self.id, self.seq, self.sender_id, self.type, self.excerpt)


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
    batch = _Batch(drafts, announce=announce)
    outcomes = [batch.place(draft) for draft in drafts]
    batch.write()
    publish_on_commit(*batch.events)
    return outcomes


class _Batch:
    """What one call has locked and looked up, and what it will write."""

    def __init__(self, drafts: Sequence[Draft], *, announce: bool) -> None:
        self.now = timezone.now()
        self.announce = announce
        self.statements = statements()
        found = self.statements.lock_and_look(
            sorted({draft.conversation_id for draft in drafts}),
            {draft.sender_id for draft in drafts},
            {draft.id for draft in drafts if not draft.new_id},
            self.now,
        )
        self.rooms = {room.id: room for room in found.rooms}
        self.seats = {(seat.conversation_id, seat.user_id): seat for seat in found.seats}
        # Almost always none was sent before: whole messages are read only where one was.
        self.stored = messages_by_id(found.stored_ids) if found.stored_ids else {}
        self.senders = {seat.user_id: sender_json(seat.user_id, seat.name, seat.avatar) for seat in found.seats}
        self.answered = self._answered(drafts)
        self._find_absent_senders(drafts)
        self.rows: list[MessageRow] = []
        self.marks: dict[Pair, int] = {}
        self.opened: list[Room] = []
        self.events: list[Event] = []

    def _answered(self, drafts: Sequence[Draft]) -> dict[UUID, Answered]:
        ids = {draft.reply_to_id for draft in drafts if draft.reply_to_id}
        if not ids:
            return {}
        rows = Message.objects.filter(id__in=ids).exclude(type=Message.Type.SYSTEM)
        # What has expired is not quoted, though the sweep may not have emptied it yet.
        return {
            row.id: Answered(
                row.id,
                row.conversation_id,
                row.seq,
                row.sender_id,
                row.type,
                None if has_expired(row.expires_at) else row.content,
            )
            for row in rows
        }

    def _find_absent_senders(self, drafts: Sequence[Draft]) -> None:
        """Who acted in a SYSTEM line may have left by the same act."""
        absent = {draft.sender_id for draft in drafts if draft.type == Message.Type.SYSTEM} - self.senders.keys()
        if absent:
            for user in User.objects.filter(id__in=absent):
                self.senders[user.id] = sender_json(user.id, user.name, user.avatar.name)

    # Placing

    def place(self, draft: Draft) -> Outcome:
        """Give a draft its seq, or say why it gets none."""
        room = self.rooms.get(draft.conversation_id)
        seat = self.seats.get((draft.conversation_id, draft.sender_id))
        by_system = draft.type == Message.Type.SYSTEM
        if room is None or (seat is None and not by_system):
            return NotThere()
        stored = self.stored.get(draft.id)
        if stored is not None:
            return _again(draft, stored)
        if seat is not None and not by_system and not _can_post(room, seat):
            return CannotPost()
        answered = self.answered.get(draft.reply_to_id) if draft.reply_to_id else None
        if draft.reply_to_id and not (answered and _can_see(room, seat, answered)):
            return BadInput(errors={"reply_to": ["There is no such message in this conversation."]})
        return self._new(draft, room, answered)

    def _new(self, draft: Draft, room: Room, answered: Answered | None) -> Written:
        if room.last_seq == 0:
            self.opened.append(room)
        room.last_seq += 1
        room.version += 1
        room.last_message_id = draft.id
        room.updated_at = self.now
        created_at = draft.created_at or self.now
        lifetime = None if draft.type == Message.Type.SYSTEM else draft.expires_in_seconds or room.lifetime_seconds
        row = MessageRow(
            id=draft.id,
            conversation_id=room.id,
            seq=room.last_seq,
            version=room.version,
            sender_id=draft.sender_id,
            receiver_id=room.user_high_id if room.user_low_id == draft.sender_id else room.user_low_id,
            group_id=room.group_id,
            type=draft.type,
            content=draft.content,
            location=dumps(draft.location).decode() if draft.location is not None else None,
            system=dumps(draft.system).decode() if draft.system is not None else None,
            reply_to_id=draft.reply_to_id,
            reply_excerpt=answered.excerpt if answered else "",
            forwarded=draft.forwarded,
            created_at=created_at,
            updated_at=created_at,
            expires_at=created_at + timedelta(seconds=lifetime) if lifetime else None,
        )
        self.rows.append(row)
        # Whoever writes, or acts, has read what is above.
        self.marks[room.id, draft.sender_id] = row.seq
        return self._written(draft, row, room, answered)

    def _written(self, draft: Draft, row: MessageRow, room: Room, answered: Answered | None) -> Written:
        message = message_json(
            id=row.id,
            conversation_id=row.conversation_id,
            seq=row.seq,
            version=row.version,
            type=row.type,
            sender=self.senders[row.sender_id],
            receiver_id=row.receiver_id,
            group_id=row.group_id,
            content=row.content,
            location=draft.location,
            system=draft.system,
            reply_to=answered.json() if answered else None,
            forwarded=row.forwarded,
            created_at=row.created_at,
            updated_at=row.updated_at,
            expires_at=row.expires_at,
        )
        written = Written(message, dumps(message), created=True)
        # A later draft of the same batch may repeat this one, or answer it.
        self.stored[row.id] = message
        self.answered[row.id] = Answered(row.id, row.conversation_id, row.seq, row.sender_id, row.type, row.content)
        if self.announce:
            self.events.append(
                message_created(
                    written.encoded,
                    conversation_id=room.id,
                    version=row.version,
                    seq=row.seq,
                    access_version=room.access_version,
                )
            )
        return written

    # Writing

    def write(self) -> None:
        """Put everything that was placed into the database: rows, counters, the senders' marks."""
        if not self.rows:
            return
        self.statements.write(
            self.rows,
            [room for room in self.rooms.values() if room.last_message_id],
            [Mark(conversation_id, user_id, seq) for (conversation_id, user_id), seq in sorted(self.marks.items())],
        )
        if self.opened:
            self._let_peers_in()

    def _let_peers_in(self) -> None:
        """A direct conversation is its opener's alone until the first message; with it the peer takes their seat."""
        wanted = {
            (room.id, user_id)
            for room in self.opened
            for user_id in (room.user_low_id, room.user_high_id)
            if user_id is not None
        }
        rooms = [room.id for room in self.opened]
        seated = Participant.objects.filter(conversation_id__in=rooms).values_list("conversation_id", "user_id")
        missing = sorted(wanted - set(seated))
        Participant.objects.bulk_create([Participant(conversation_id=room, user_id=user) for room, user in missing])
        if self.announce:
            self.events.extend(conversation_added(user, conversation_json(user, room)) for room, user in missing)


def _again(draft: Draft, stored: Json) -> Outcome:
    """The stored message as it now is; unless the id was used for something else."""
    same = stored["conversation_id"] == str(draft.conversation_id) and stored["sender"]["id"] == str(draft.sender_id)
    unedited = stored["edited_at"] is None and stored["deleted_at"] is None
    if not same or (unedited and stored["content"] != draft.content):
        return IdConflict()
    return Written(stored, dumps(stored), created=False)


def _can_post(room: Room, seat: Seat) -> bool:
    return seat.is_active and not (seat.read_only or room.closed or seat.blocked or seat.suspended or seat.deserted)


def _can_see(room: Room, seat: Seat | None, answered: Answered) -> bool:
    """Whether a message may be answered from a seat: one of this conversation, within the history it sees."""
    if answered.conversation_id != room.id:
        return False
    return seat is None or (answered.seq >= seat.first_seq and answered.seq > seat.cleared_seq)
