"""The hub: per process, which sockets listen to which topic, and the hand-over of each event to each of them.

Everything here runs on the event loop, and nothing awaits a socket. Epochs: each conversation topic knows the
``access_version`` its listeners were read at. An event that carries a newer one is held, with all behind it, until the
listeners have been read again; so whoever was removed gets no later frame, in whatever order events arrive. What is
fleeting and carries an older one comes too late and is dropped: nobody hears whoever they blocked since type or read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import structlog

from pulse.lib.encoding import dumps
from pulse.realtime.events import Event
from pulse.realtime.link import text_frame
from pulse.realtime.socket import CLOSE_FLOOD, CLOSE_RESTART, CLOSE_SESSION_ENDED, Socket
from pulse.realtime.topics import conversation_topic, user_topic

log = structlog.get_logger(__name__)

MAX_HELD_EVENTS = 1000
MAX_SOCKETS_PER_PERSON = 64
RELOAD_RETRY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Listeners:
    """Who may listen to a conversation: ``first_seqs`` maps each participant to where their history begins."""

    access_version: int
    first_seqs: Mapping[UUID, int]


@dataclass(frozen=True, slots=True)
class Membership:
    """One conversation of one person, as read from the database."""

    conversation_id: UUID
    first_seq: int
    access_version: int
    version: int


@dataclass(slots=True)
class Topic:
    sockets: dict[Socket, int] = field(default_factory=dict)
    access_version: int = 0
    version: int = 0
    held: list[Event] | None = None


# What the hub asks of whoever knows the models: given at wiring.
LoadListeners = Callable[[UUID], Awaitable[Listeners]]
LoadMembership = Callable[[UUID, UUID], Awaitable[Membership | None]]
DrawHtml = Callable[[str], str]


class Hub:
    def __init__(
        self,
        *,
        load_listeners: LoadListeners,
        load_membership: LoadMembership,
        draw_html: DrawHtml,
    ) -> None:
        self._load_listeners = load_listeners
        self._load_membership = load_membership
        self._draw_html = draw_html
        # Called with a topic's name when its first listener comes and when its last one goes; set at wiring.
        self.on_topic: Callable[[str, bool], None] = lambda name, wanted: None
        self._tasks: set[asyncio.Task[None]] = set()
        self.topics: dict[str, Topic] = {}
        self.sockets: set[Socket] = set()

    # Sockets come and go

    def attach(self, socket: Socket) -> None:
        """Let a socket listen to its person's own topic. Its conversations follow with :meth:`join`."""
        own = self._topic(user_topic(socket.user_id)).sockets
        if len(own) >= MAX_SOCKETS_PER_PERSON:
            # The oldest goes: likeliest one that somebody forgot, or a program that opens them without end.
            next(iter(own)).close(CLOSE_FLOOD, "too many sockets")
        self.sockets.add(socket)
        own[socket] = 1
        socket.topics.add(user_topic(socket.user_id))

    def join(self, socket: Socket, membership: Membership) -> None:
        """Let a socket listen to a conversation, from ``first_seq`` on."""
        name = conversation_topic(membership.conversation_id)
        fresh = name not in self.topics
        topic = self._topic(name)
        topic.sockets[socket] = membership.first_seq
        socket.topics.add(name)
        if fresh:
            topic.access_version, topic.version = membership.access_version, membership.version
        elif topic.access_version != membership.access_version:
            # One of the two was read before a change of who may listen: read again, and hold what comes meanwhile.
            self._hold(name, topic)

    def leave(self, socket: Socket, name: str) -> None:
        socket.topics.discard(name)
        topic = self.topics.get(name)
        if topic is not None and topic.sockets.pop(socket, None) is not None and not topic.sockets:
            del self.topics[name]
            self.on_topic(name, False)

    def detach(self, socket: Socket) -> None:
        self.sockets.discard(socket)
        for name in list(socket.topics):
            self.leave(socket, name)

    def _topic(self, name: str) -> Topic:
        topic = self.topics.get(name)
        if topic is None:
            topic = self.topics[name] = Topic()
            self.on_topic(name, True)
        return topic

    # Events

    def deliver(self, events: Iterable[Event]) -> None:
        """Hand each event to every local socket that may have it."""
        for event in events:
            topic = self.topics.get(event.topic)
            if topic is None:
                continue
            if topic.held is not None:
                topic.held.append(event)
                if len(topic.held) > MAX_HELD_EVENTS:
                    # The database is away for long. Whoever listens finds the gap by the next heads.
                    topic.held.clear()
            elif event.access_version > topic.access_version:
                self._hold(event.topic, topic)
                topic.held = [event]
            elif not (event.fleeting and event.access_version < topic.access_version):
                self._hand_over(event, topic)

    def _hand_over(self, event: Event, topic: Topic) -> None:
        if event.control:
            self._obey(event, topic)
            return
        if not event.text:
            # It came to move the epoch, and has.
            return
        frame = text_frame(event.text)
        html_frame: bytes | None = None
        seq = event.seq
        for socket, first_seq in topic.sockets.items():
            if seq and seq < first_seq:
                continue
            if seq and socket.wants_html:
                if html_frame is None:
                    html_frame = self._html_frame(event.text) or frame
                socket.push(html_frame)
            else:
                socket.push(frame)

    def _html_frame(self, text: str) -> bytes | None:
        try:
            return text_frame(self._draw_html(text))
        except Exception:
            # A message that can't be drawn still arrives, and stops nobody's.
            log.exception("message not drawn")
            return None

    def _obey(self, event: Event, topic: Topic) -> None:
        order, *words = event.control
        sockets = list(topic.sockets)
        if order == "end":
            which, spare, reason = words
            for socket in sockets:
                if which in ("*", str(socket.session_id)) and str(socket.session_id) != spare:
                    end_session(socket, reason)
        elif order == "leave":
            for socket in sockets:
                self.leave(socket, conversation_topic(UUID(words[0])))
                socket.push_text(event.text)
        elif order == "epoch":
            self.deliver([Event(conversation_topic(UUID(words[0])), "", access_version=int(words[1]))])
        elif order == "join":
            self._spawn(self._join_later(sockets, UUID(words[0]), event.text))

    async def _join_later(self, sockets: Sequence[Socket], conversation_id: UUID, text: str) -> None:
        """Subscribe before telling: whoever hears of a conversation misses nothing that follows in it."""
        for socket in sockets:
            membership = await self._load_membership(socket.user_id, conversation_id)
            if membership is None or socket not in self.sockets:
                continue
            self.join(socket, membership)
            socket.push_text(text)
            # What came between the reading and the joining was not heard: say where the conversation stands now.
            again = await self._load_membership(socket.user_id, conversation_id)
            if again is not None:
                self.tell_head(socket, again)

    # Epochs

    def _hold(self, name: str, topic: Topic) -> None:
        if topic.held is None:
            topic.held = []
            self._spawn(self._reload(name, topic))

    def recheck(self, name: str) -> None:
        """Read a conversation's listeners again: its ``access_version`` has moved without an event to say so."""
        if name in self.topics:
            self._hold(name, self.topics[name])

    async def _reload(self, name: str, topic: Topic) -> None:
        conversation_id = UUID(name.partition(".")[2])
        while True:
            before = set(topic.sockets)
            try:
                listeners = await self._load_listeners(conversation_id)
            except Exception as error:  # noqa: BLE001  # whatever it is, it is tried again
                # Without the database nobody can say who may listen, so nobody hears anything.
                log.warning("listeners not read", error=type(error).__name__)
                await asyncio.sleep(RELOAD_RETRY_SECONDS)
                continue
            # Who sat down while they were read may be newer than what was read: then it is read once more.
            if all(socket in before or socket.user_id in listeners.first_seqs for socket in topic.sockets):
                break
        for socket in list(topic.sockets):
            first_seq = listeners.first_seqs.get(socket.user_id)
            if first_seq is None:
                self.leave(socket, name)
                socket.push_text(dumps({"type": "conversation.removed", "conversation_id": conversation_id}).decode())
            else:
                topic.sockets[socket] = first_seq
        topic.access_version = max(topic.access_version, listeners.access_version)
        held, topic.held = topic.held or [], None
        self.deliver(held)

    # Heads

    def send_heads(self, versions: Mapping[str, int], *, all_of_them: bool = False) -> None:
        """Tell each socket which versions moved since the last heads, or with ``all_of_them`` every one it may know."""
        moved: dict[Socket, dict[str, int]] = {}
        for name, version in versions.items():
            topic = self.topics.get(name)
            # While listeners are read again somebody may be among them who was removed: the next heads tell the others.
            if topic is None or topic.held is not None or (version <= topic.version and not all_of_them):
                continue
            topic.version = max(version, topic.version)
            conversation_id = name.partition(".")[2]
            for socket in topic.sockets:
                moved.setdefault(socket, {})[conversation_id] = version
        for socket, heads in moved.items():
            socket.push_text(dumps({"type": "heads", "conversations": heads}).decode())

    def tell_head(self, socket: Socket, membership: Membership) -> None:
        """Tell one socket where one conversation stands, which it may never have heard of."""
        heads = {str(membership.conversation_id): membership.version}
        socket.push_text(dumps({"type": "heads", "conversations": heads}).decode())

    # The end

    def close_all(self) -> None:
        """Before a restart: everyone comes back by themselves."""
        for socket in list(self.sockets):
            socket.close(CLOSE_RESTART, "restart")

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def end_session(socket: Socket, reason: str) -> None:
    socket.push_text(dumps({"type": "session.ended", "reason": reason}).decode())
    socket.close(CLOSE_SESSION_ENDED, reason)
