"""PostgreSQL: two trips a batch, each one text of several EXECUTEs of prepared statements.

Statements that are sent together still run one after the other, and under READ COMMITTED each sees what was committed
when it began. So the look still comes after the lock was granted. (A psycopg pipeline keeps that too, but sends and
waits for each statement by itself.)
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID
from weakref import WeakKeyDictionary

import psycopg
from django.db import connection
from psycopg.pq import Escaping

from chat.statements.rows import INSERT, LOCK, SEATS, STORED, Found, Mark, MessageRow, Room, Seat
from pulse.lib.encoding import dumps

_ROWS = "json_to_recordset($1::json) AS n"
_IDS = "= ANY(${}::uuid[])"

# By name; their parameters come as text: ids as an array, rows as JSON.
_STATEMENTS = {
    "pulse_lock": LOCK.format(ids=_IDS.format(1)) + " FOR NO KEY UPDATE",
    "pulse_seats": SEATS.format(now="$1::timestamptz", rooms=_IDS.format(2), people=_IDS.format(3)),
    "pulse_stored": STORED.format(ids=_IDS.format(1)),
    "pulse_insert": f"""{INSERT}
SELECT id, conversation_id, seq, version, sender_id, receiver_id, group_id, type, content, location::jsonb,
    system::jsonb, reply_to_id, reply_excerpt, forwarded, created_at, updated_at, expires_at
FROM {_ROWS} (id uuid, conversation_id uuid, seq bigint, version bigint, sender_id uuid, receiver_id uuid,
    group_id uuid, type text, content text, location text, system text, reply_to_id uuid, reply_excerpt text,
    forwarded boolean, created_at timestamptz, updated_at timestamptz, expires_at timestamptz)""",  # noqa: S608  # our own names
    "pulse_count": f"""
UPDATE chat_conversation c
SET last_seq = n.last_seq, version = n.version, last_message_id = n.last_message_id, updated_at = n.updated_at
FROM {_ROWS} (id uuid, last_seq bigint, version bigint, last_message_id uuid, updated_at timestamptz)
WHERE c.id = n.id""",  # noqa: S608
    "pulse_mark": f"""
UPDATE chat_participant p SET last_read_seq = n.seq, last_delivered_seq = n.seq
FROM {_ROWS} (conversation_id uuid, user_id uuid, seq bigint)
WHERE p.conversation_id = n.conversation_id AND p.user_id = n.user_id AND p.last_read_seq < n.seq""",  # noqa: S608
}
# Which connection knows which of them.
_prepared: WeakKeyDictionary[psycopg.Connection[Any], set[str]] = WeakKeyDictionary()


class Postgres:
    def lock_and_look(
        self,
        conversation_ids: Collection[UUID],
        user_ids: Collection[UUID],
        message_ids: Collection[UUID],
        now: datetime,
    ) -> Found:
        rooms, people = _ids(conversation_ids), _ids(user_ids)
        calls = [("pulse_lock", [rooms]), ("pulse_seats", [now.isoformat(), rooms, people])]
        if message_ids:
            calls.append(("pulse_stored", [_ids(message_ids)]))
        with connection.wrap_database_errors:
            cursor = _execute(calls)
            locked = [Room(*row) for row in cursor.fetchall()]
            cursor.nextset()
            seats = [Seat(*row) for row in cursor.fetchall()]
            stored = [row[0] for row in cursor.fetchall()] if cursor.nextset() else []
        return Found(locked, seats, stored)

    def write(self, messages: Sequence[MessageRow], rooms: Sequence[Room], marks: Sequence[Mark]) -> None:
        counters = [
            {
                "id": room.id,
                "last_seq": room.last_seq,
                "version": room.version,
                "last_message_id": room.last_message_id,
                "updated_at": room.updated_at,
            }
            for room in rooms
        ]
        with connection.wrap_database_errors:
            _execute(
                [
                    ("pulse_insert", [_json([row._asdict() for row in messages])]),
                    ("pulse_count", [_json(counters)]),
                    ("pulse_mark", [_json([mark._asdict() for mark in marks])]),
                ]
            )


def _execute(calls: Sequence[tuple[str, Sequence[str]]]) -> psycopg.Cursor[Any]:
    """Run prepared statements in turn, in one trip. On the driver's own connection, in Django's transaction."""
    raw = cast("psycopg.Connection[Any]", connection.connection)
    known = _prepared.setdefault(raw, set())
    for name, _ in calls:
        if name not in known:
            raw.execute(cast(Any, f"PREPARE {name} AS {_STATEMENTS[name]}"))
            known.add(name)
    quote = Escaping(raw.pgconn).escape_literal
    text = b";".join(
        b"EXECUTE %s(%s)" % (name.encode(), b",".join(bytes(quote(value.encode())) for value in values))
        for name, values in calls
    )
    return psycopg.Cursor(raw).execute(text)


def _ids(ids: Iterable[UUID]) -> str:
    return "{" + ",".join(id.hex for id in ids) + "}"


def _json(rows: Sequence[dict[str, Any]]) -> str:
    return dumps(rows).decode()
