"""The bus: how events get from the process that committed to every process that has a listener.

Embedded, that is one process and the bus hands events to its hub. With Redis, events also go through the channel layer;
a process ignores its own when they come back. The bus may lose events, and says so: after an outage every local socket
gets heads, and clients ask the database.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import structlog
from channels.layers import BaseChannelLayer

from pulse.realtime.events import Event

log = structlog.get_logger(__name__)

# Events waiting for a Redis that doesn't answer; past this the oldest are dropped, and heads heal it.
MAX_WAITING_EVENTS = 10_000
# A channel layer that takes longer than this for one command is treated as away.
COMMAND_TIMEOUT_SECONDS = 2.0
PROBE_SECONDS = 1.0
PROBE_LATE_SECONDS = 3.0

Deliver = Callable[[Sequence[Event]], None]


class Bus(Protocol):
    def publish(self, events: Sequence[Event]) -> None:
        """Send events on their way. From any thread; never waits, never raises."""

    def want(self, topic: str, wanted: bool) -> None:
        """Begin or cease to receive a topic. On the loop."""

    async def settled(self) -> None:
        """Wait, for a moment at most, until all wanted topics are subscribed."""


class LocalBus:
    """The bus of a process that is alone: straight to its own hub."""

    def __init__(self, loop: asyncio.AbstractEventLoop, deliver: Deliver) -> None:
        self._loop = loop
        self._deliver = deliver

    def publish(self, events: Sequence[Event]) -> None:
        # Also on the loop's own thread: an event must not overtake the answer to the command that made it.
        with contextlib.suppress(RuntimeError):  # the loop has ended, and with it every socket
            self._loop.call_soon_threadsafe(self._deliver, events)

    def want(self, topic: str, wanted: bool) -> None:
        pass

    async def settled(self) -> None:
        pass


class LayerBus:
    """The bus over a channel layer. Without ``deliver`` it only publishes (a web process, a command)."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        layer: BaseChannelLayer,
        *,
        deliver: Deliver | None = None,
        on_return: Callable[[], None] = lambda: None,
    ) -> None:
        self._loop = loop
        self._layer = layer
        self._deliver = deliver
        self._on_return = on_return
        self._origin = uuid.uuid4().hex
        self._outgoing: deque[Event] = deque(maxlen=MAX_WAITING_EVENTS)
        self._wake = asyncio.Event()
        self._sent = asyncio.Event()
        self._sent.set()
        self._wanted: set[str] = set()
        self._changed: deque[tuple[str, bool]] = deque()
        self._subscribing = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._channel = ""
        self._probe_seen = 0.0
        self.up = False
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin the bus's tasks. On the loop."""
        self._tasks.append(self._loop.create_task(self._send_forever()))
        if self._deliver is not None:
            self._tasks.append(self._loop.create_task(self._listen_forever()))
            self._tasks.append(self._loop.create_task(self._subscribe_forever()))

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def publish(self, events: Sequence[Event]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._accept, events)

    def _accept(self, events: Sequence[Event]) -> None:
        if self._deliver is not None:
            self._deliver(events)
        self._outgoing.extend(events)
        self._sent.clear()
        self._wake.set()

    def flush(self, timeout_seconds: float) -> None:
        """Wait until what was published has left, for a process that is about to end. Not on the loop."""
        with contextlib.suppress(TimeoutError):
            asyncio.run_coroutine_threadsafe(self._sent.wait(), self._loop).result(timeout_seconds)

    # Out

    async def _send_forever(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._outgoing:
                by_topic: dict[str, list[Any]] = {}
                while self._outgoing:
                    event = self._outgoing.popleft()
                    by_topic.setdefault(event.topic, []).append(_packed(event))
                for topic, packed in by_topic.items():
                    await self._attempt(
                        self._layer.group_send(
                            topic, {"type": "pulse.events", "origin": self._origin, "events": packed}
                        )
                    )
            self._sent.set()

    async def _attempt(self, command: Any) -> bool:
        """Whether a command reached Redis. Its failure is Redis's affair and stops nobody here."""
        try:
            async with asyncio.timeout(COMMAND_TIMEOUT_SECONDS):
                await command
        except Exception as error:  # noqa: BLE001  # redis, the network and time each have errors of their own
            if self.up or self._deliver is None:
                log.warning("bus command failed", error=type(error).__name__)
            return False
        return True

    # In

    def want(self, topic: str, wanted: bool) -> None:
        (self._wanted.add if wanted else self._wanted.discard)(topic)
        self._changed.append((topic, wanted))
        self._idle.clear()
        self._subscribing.set()

    async def settled(self) -> None:
        if self.up:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(COMMAND_TIMEOUT_SECONDS):
                    await self._idle.wait()

    async def _subscribe_forever(self) -> None:
        while True:
            await self._subscribing.wait()
            self._subscribing.clear()
            while self._changed:
                topic, wanted = self._changed.popleft()
                # Only the last word on a topic counts: it may have come and gone meanwhile.
                if self._channel and wanted == (topic in self._wanted):
                    change = self._layer.group_add if wanted else self._layer.group_discard
                    if not await self._attempt(change(topic, self._channel)):
                        # Once more in a moment: after an outage too short to notice the topic would stay unheard.
                        self._changed.append((topic, wanted))
                        await asyncio.sleep(PROBE_SECONDS)
            self._idle.set()

    async def _listen_forever(self) -> None:
        probing: asyncio.Task[None] | None = None
        try:
            while not self._channel:
                with contextlib.suppress(Exception):
                    async with asyncio.timeout(COMMAND_TIMEOUT_SECONDS):
                        self._channel = await self._layer.new_channel()
                if not self._channel:
                    await asyncio.sleep(PROBE_SECONDS)
            probing = asyncio.create_task(self._probe_forever())
            while True:
                self._take(await self._layer.receive(self._channel))
        finally:
            if probing is not None:
                probing.cancel()

    def _take(self, message: dict[str, Any]) -> None:
        if message.get("type") == "pulse.probe":
            self._probe_seen = time.monotonic()
            if not self.up:
                self.up = True
                log.info("bus is up")
                # Redis forgot nothing of ours but what was said while it was away.
                self._changed.extend((topic, True) for topic in self._wanted)
                self._subscribing.set()
                self._tasks.append(self._loop.create_task(self._returned()))
        elif message.get("origin") != self._origin and self._deliver is not None:
            self._deliver([_unpacked(packed) for packed in message["events"]])

    async def _returned(self) -> None:
        self._idle.clear()
        await self.settled()
        self._on_return()

    async def _probe_forever(self) -> None:
        """Say something to ourselves through Redis each second: what does not come back tells that the bus is down."""
        while True:
            await self._attempt(self._layer.send(self._channel, {"type": "pulse.probe"}))
            await asyncio.sleep(PROBE_SECONDS)
            if self.up and time.monotonic() - self._probe_seen > PROBE_LATE_SECONDS:
                self.up = False
                log.warning("bus is down")


def _unpacked(packed: Sequence[Any]) -> Event:
    topic, text, access_version, seq, control, fleeting = packed
    return Event(topic, text, access_version, seq, tuple(control), fleeting)


def _packed(event: Event) -> tuple[Any, ...]:
    return (event.topic, event.text, event.access_version, event.seq, event.control, event.fleeting)
