"""The write core's SQL: the hottest path of Pulse, and the place where its two databases differ.

Both run the same statements. They differ in how a set of ids is passed, in the row lock (on SQLite BEGIN IMMEDIATE has
taken the only lock there is), and in how many trips it takes. Queries by the ORM cost three times the CPU here.
"""

from django.db import connection

from chat.statements.postgres import Postgres
from chat.statements.rows import Found, MessageRow, Room, Seat, Statements
from chat.statements.sqlite import Sqlite

__all__ = ["Found", "MessageRow", "Room", "Seat", "Statements", "statements"]


def statements() -> Statements:
    """Those of the database in use."""
    return Postgres() if connection.vendor == "postgresql" else Sqlite()
