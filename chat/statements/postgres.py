"""PostgreSQL: two trips a batch, by psycopg's pipeline, and prepared statements.

A pipeline changes the trips and nothing else: each statement runs after the one before, and under READ COMMITTED sees
what was committed when it began. So the look still comes after the lock was granted.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import psycopg
from django.db import connection

from chat.statements.rows import INSERT, LOCK, SEATS, STORED, Found, Mark, MessageRow, Room, Seat

_ANY = "= ANY(%s)"
_LOCK = LOCK.format(ids=_ANY) + " FOR NO KEY UPDATE"
_SEATS = SEATS.format(ids=_ANY)
_STORED = STORED.format(ids=_ANY)

_INSERT = f"""{INSERT}
SELECT id, conversation_id, seq, version, sender_id, receiver_id, group_id, type, content, location::jsonb,
    system::jsonb, reply_to_id, reply_excerpt, forwarded, created_at, updated_at, expires_at
FROM unnest(%s::uuid[], %s::uuid[], %s::bigint[], %s::bigint[], %s::uuid[], %s::uuid[], %s::uuid[], %s::text[],
    %s::text[], %s::text[], %s::text[], %s::uuid[], %s::text[], %s::boolean[], %s::timestamptz[], %s::timestamptz[],
    %s::timestamptz[])
AS n ({", ".join(MessageRow._fields)})"""  # noqa: S608  # our own names
_COUNT = """
UPDATE chat_conversation c
SET last_seq = n.last_seq, version = n.version, last_message_id = n.message, updated_at = n.at
FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[], %s::uuid[], %s::timestamptz[])
AS n (id, last_seq, version, message, at)
WHERE c.id = n.id"""
_MARK = """
UPDATE chat_participant p SET last_read_seq = n.seq, last_delivered_seq = n.seq
FROM unnest(%s::uuid[], %s::uuid[], %s::bigint[]) AS n (conversation_id, user_id, seq)
WHERE p.conversation_id = n.conversation_id AND p.user_id = n.user_id AND p.last_read_seq < n.seq"""


class Postgres:
    def lock_and_look(
        self,
        conversation_ids: Collection[UUID],
        user_ids: Collection[UUID],
        message_ids: Collection[UUID],
        now: datetime,
    ) -> Found:
        rooms, people = list(conversation_ids), list(user_ids)
        with connection.wrap_database_errors, _raw().pipeline():
            locked = _execute(_LOCK, [rooms])
            seats = _execute(_SEATS, [now, rooms, people])
            stored = _execute(_STORED, [list(message_ids)]) if message_ids else None
            return Found(
                [Room(*row) for row in locked.fetchall()],
                [Seat(*row) for row in seats.fetchall()],
                [row[0] for row in stored.fetchall()] if stored else [],
            )

    def write(self, messages: Sequence[MessageRow], rooms: Sequence[Room], marks: Sequence[Mark]) -> None:
        counters = [(room.id, room.last_seq, room.version, room.last_message_id, room.updated_at) for room in rooms]
        with connection.wrap_database_errors, _raw().pipeline():
            _execute(_INSERT, _columns(messages))
            _execute(_COUNT, _columns(counters))
            _execute(_MARK, _columns(marks))


def _raw() -> psycopg.Connection[Any]:
    """The driver's own connection under Django's, in Django's transaction."""
    return cast("psycopg.Connection[Any]", connection.connection)


def _execute(statement: str, parameters: Sequence[Any]) -> psycopg.Cursor[Any]:
    # Django's cursors write parameters into the text; these send them apart, and the server keeps the plan.
    return psycopg.Cursor(_raw()).execute(cast(Any, statement), parameters, prepare=True)


def _columns(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]
