"""A hub on its own. Its links stand for the far network; what the database says of listeners is a table here."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import orjson
import pytest

from pulse.lib.ids import uuid7
from pulse.realtime.hub import Hub, Listeners, Membership
from pulse.realtime.link import payload_of
from pulse.realtime.socket import Socket


class FarEnd:
    """A reader of one socket: what reached them, and how it ended. With ``reads=False`` the line fills at once."""

    def __init__(self, *, reads: bool = True) -> None:
        self.frames: list[bytes] = []
        self.closed: tuple[int, str] | None = None
        self.reads = reads
        self._callback: Callable[[], None] = lambda: None

    @property
    def is_writable(self) -> bool:
        return self.reads

    def on_writable(self, callback: Callable[[], None]) -> None:
        self._callback = callback

    def write(self, frame: bytes) -> None:
        assert self.closed is None, "written to after its end"
        self.frames.append(frame)

    def close(self, code: int, reason: str) -> None:
        assert self.closed is None, "closed twice"
        self.closed = (code, reason)

    def begin_to_read(self) -> None:
        self.reads = True
        self._callback()

    @property
    def heard(self) -> list[str]:
        return [payload_of(frame) for frame in self.frames]

    @property
    def types(self) -> list[str]:
        return [orjson.loads(text)["type"] for text in self.heard]


class Database:
    """Who listens where, as the database would say it."""

    def __init__(self) -> None:
        self.listeners: dict[UUID, Listeners] = {}
        self.asked = 0
        self.down = False

    async def load_listeners(self, conversation_id: UUID) -> Listeners:
        self.asked += 1
        if self.down:
            raise ConnectionError("the database is away")
        return self.listeners[conversation_id]

    async def load_membership(self, user_id: UUID, conversation_id: UUID) -> Membership | None:
        found = self.listeners[conversation_id]
        if user_id not in found.first_seqs:
            return None
        return Membership(conversation_id, found.first_seqs[user_id], found.access_version, 1)


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def hub(database: Database) -> Hub:
    return Hub(
        load_listeners=database.load_listeners,
        load_membership=database.load_membership,
        draw_html=lambda text: text[:-1] + ',"html":"<article>"}',
    )


@pytest.fixture
def conversation_id() -> UUID:
    return uuid7()


def begin(socket: Socket, end: FarEnd) -> None:
    """Says ready, as the door does once it has joined everything; what matters to a test comes behind."""
    socket.begin('{"type":"ready"}')
    end.frames.clear()


Join = Callable[..., tuple[Socket, FarEnd]]


@pytest.fixture
def join(hub: Hub, database: Database, conversation_id: UUID) -> Join:
    """Opens a socket of a new person who takes part in the conversation."""

    def enter(*, first_seq: int = 1, reads: bool = True, wants_html: bool = False) -> tuple[Socket, FarEnd]:
        end = FarEnd(reads=reads)
        socket = Socket(end, user_id=uuid7(), session_id=uuid7(), wants_html=wants_html)
        known = database.listeners.get(conversation_id, Listeners(0, {}))
        database.listeners[conversation_id] = Listeners(
            known.access_version, {**known.first_seqs, socket.user_id: first_seq}
        )
        begin(socket, end)
        hub.attach(socket)
        hub.join(socket, Membership(conversation_id, first_seq, known.access_version, 1))
        return socket, end

    return enter
