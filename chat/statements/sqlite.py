"""SQLite: one writer at a time, so that the transaction itself is the lock. UUIDs are hex and times are text there."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from chat.statements.rows import INSERT, LOCK, SEATS, STORED, Found, Mark, MessageRow, Room, Seat

_IN = "IN (SELECT value FROM json_each(%s))"
_LOCK = LOCK.format(ids=_IN)
_SEATS = SEATS.format(now="%s", rooms=_IN, people=_IN)
_STORED = STORED.format(ids=_IN)
_INSERT = f"{INSERT} VALUES ({', '.join(['%s'] * len(MessageRow._fields))})"
_COUNT = "UPDATE chat_conversation SET last_seq = %s, version = %s, last_message_id = %s, updated_at = %s WHERE id = %s"
_MARK = (
    "UPDATE chat_participant SET last_read_seq = %s, last_delivered_seq = %s"
    " WHERE conversation_id = %s AND user_id = %s AND last_read_seq < %s"
)


class Sqlite:
    def lock_and_look(
        self,
        conversation_ids: Collection[UUID],
        user_ids: Collection[UUID],
        message_ids: Collection[UUID],
        now: datetime,
    ) -> Found:
        rooms, people = _set(conversation_ids), _set(user_ids)
        with connection.cursor() as cursor:
            cursor.execute(_LOCK, [rooms])
            locked = [
                Room(
                    UUID(id), _id(group), _id(low), _id(high), last_seq, version, access_version, lifetime, bool(closed)
                )
                for id, group, low, high, last_seq, version, access_version, lifetime, closed in cursor.fetchall()
            ]
            cursor.execute(_SEATS, [_raw(now), rooms, people])
            seats = [
                Seat(UUID(row[0]), UUID(row[1]), bool(row[2]), *row[3:7], *(bool(value) for value in row[7:]))
                for row in cursor.fetchall()
            ]
            stored = []
            if message_ids:
                cursor.execute(_STORED, [_set(message_ids)])
                stored = [UUID(row[0]) for row in cursor.fetchall()]
        return Found(locked, seats, stored)

    def write(self, messages: Sequence[MessageRow], rooms: Sequence[Room], marks: Sequence[Mark]) -> None:
        with connection.cursor() as cursor:
            cursor.executemany(_INSERT, [[_raw(value) for value in row] for row in messages])
            cursor.executemany(
                _COUNT,
                [
                    [room.last_seq, room.version, _raw(room.last_message_id), _raw(room.updated_at), room.id.hex]
                    for room in rooms
                ],
            )
            cursor.executemany(
                _MARK, [[mark.seq, mark.seq, mark.conversation_id.hex, mark.user_id.hex, mark.seq] for mark in marks]
            )


def _set(ids: Iterable[UUID]) -> str:
    """Any number of ids as one parameter: SQLite bounds how many there may be."""
    return json.dumps([id.hex for id in ids])


def _id(value: str | None) -> UUID | None:
    return None if value is None else UUID(value)


def _raw(value: Any) -> Any:
    if isinstance(value, UUID):
        return value.hex
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value
