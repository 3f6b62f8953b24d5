"""One room of a hub, its people, and a database that changes and answers when told to."""

import asyncio
from collections.abc import Iterable
from uuid import UUID, uuid4

import orjson

from pulse.realtime.events import Event
from pulse.realtime.hub import Hub, Listeners, Membership
from pulse.realtime.socket import Socket
from pulse.realtime.topics import conversation_topic
from tests.realtime.conftest import FarEnd, begin

ROOM = uuid4()
TOPIC = conversation_topic(ROOM)


class Person:
    """Somebody with one socket. `hears` is what reached it."""

    def __init__(self, *, user_id: UUID | None = None, session_id: UUID | None = None, html: bool = False) -> None:
        self.link = FarEnd()
        self.socket = Socket(self.link, user_id=user_id or uuid4(), session_id=session_id or uuid4(), wants_html=html)
        begin(self.socket, self.link)

    @property
    def id(self) -> UUID:
        return self.socket.user_id

    @property
    def numbers(self) -> list[int]:
        """The numbers of the messages that arrived, see :func:`messages`."""
        frames = [orjson.loads(text) for text in self.link.heard]
        return [frame["number"] for frame in frames if frame["type"] == "message.created"]


class Database:
    """Who may listen to the room, as the database knows it at the moment it is asked."""

    def __init__(self) -> None:
        self.access_version = 0
        self.version = 0
        self.first_seqs: dict[UUID, int] = {}
        self.answers = asyncio.Event()
        self.answers.set()
        self.failures = 0
        self.asked = 0

    def seat(self, *people: Person, first_seq: int = 1) -> None:
        self.first_seqs |= {person.id: first_seq for person in people}

    def remove(self, person: Person) -> None:
        del self.first_seqs[person.id]
        self.access_version += 1

    async def listeners(self, conversation_id: UUID) -> Listeners:
        assert conversation_id == ROOM
        self.asked += 1
        if self.failures:
            self.failures -= 1
            raise ConnectionError
        await self.answers.wait()
        return Listeners(self.access_version, dict(self.first_seqs))

    async def membership(self, user_id: UUID, conversation_id: UUID) -> Membership | None:
        assert conversation_id == ROOM
        await self.answers.wait()
        first_seq = self.first_seqs.get(user_id)
        return None if first_seq is None else Membership(ROOM, first_seq, self.access_version, self.version)


class Room:
    """A hub with one conversation."""

    def __init__(self) -> None:
        self.database = Database()
        self.wanted: list[tuple[str, bool]] = []
        self.hub = Hub(
            load_listeners=self.database.listeners,
            load_membership=self.database.membership,
            draw_html=lambda text: f'{text[:-1]},"html":"drawn"}}',
        )
        self.hub.on_topic = lambda name, wanted: self.wanted.append((name, wanted))

    def enter(self, *people: Person, first_seq: int = 1) -> None:
        """Seats people and lets their sockets listen, as when they connect."""
        self.database.seat(*people, first_seq=first_seq)
        for person in people:
            self.hub.attach(person.socket)
            self.hub.join(
                person.socket, Membership(ROOM, first_seq, self.database.access_version, self.database.version)
            )

    def say(self, *numbers: int, access_version: int | None = None) -> None:
        """Delivers messages, by default of the epoch that the database is at."""
        self.hub.deliver(messages(numbers, self.database.access_version if access_version is None else access_version))


def messages(numbers: Iterable[int], access_version: int = 0) -> list[Event]:
    return [
        Event(TOPIC, orjson.dumps({"type": "message.created", "number": number}).decode(), access_version, number)
        for number in numbers
    ]


async def settle() -> None:
    """Lets everything that is ready on the loop happen."""
    for _ in range(20):
        await asyncio.sleep(0)
