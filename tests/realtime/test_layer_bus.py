"""Two processes' buses over a real Redis of their own, which may go away and come back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

import pytest
from channels_redis.pubsub import RedisPubSubChannelLayer

from pulse.realtime import bus
from pulse.realtime.bus import MAX_WAITING_EVENTS, LayerBus
from pulse.realtime.events import Event
from tests.services import RedisServer

PATIENCE_SECONDS = 20


class Process:
    """What a process has of the bus: its own layer, what it heard, and how often it was told that Redis is back."""

    def __init__(self, redis_url: str) -> None:
        self.events: list[Event] = []
        self.returns = 0
        layer = RedisPubSubChannelLayer(hosts=[redis_url])
        self.bus = LayerBus(asyncio.get_running_loop(), layer, deliver=self._hear, on_return=self._returned)
        self.layer = layer
        self.bus.start()

    def _hear(self, events: Sequence[Event]) -> None:
        self.events.extend(events)

    @property
    def heard(self) -> list[str]:
        return [event.text for event in self.events]

    def _returned(self) -> None:
        self.returns += 1


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():
            await asyncio.sleep(0.02)


@pytest.fixture
async def two(own_redis: RedisServer) -> AsyncIterator[tuple[Process, Process]]:
    one, other = Process(own_redis.url), Process(own_redis.url)
    await until(lambda: one.bus.up and other.bus.up)
    yield one, other
    for process in (one, other):
        await process.bus.stop()
        await process.layer.flush()


async def listen(process: Process, topic: str) -> None:
    process.bus.want(topic, True)
    await process.bus.settled()
    # Redis answers a SUBSCRIBE in its own time; nothing in the layer waits for that.
    await asyncio.sleep(0.1)


async def test_an_event_reaches_the_other_process_once_and_its_own_at_once(two: tuple[Process, Process]) -> None:
    one, other = two
    await listen(one, "conversation.1")
    await listen(other, "conversation.1")
    hello = Event("conversation.1", "hello", 3, 7, ("join", "x"), fleeting=True)
    one.bus.publish([hello])
    await until(lambda: bool(other.heard))
    await asyncio.sleep(0.2)
    assert (one.events, other.events) == ([hello], [hello]), "whole, as it was made"


async def test_what_nobody_here_listens_to_does_not_come(two: tuple[Process, Process]) -> None:
    one, other = two
    await listen(other, "conversation.1")
    other.bus.want("conversation.1", False)
    await listen(other, "conversation.2")
    one.bus.publish([Event("conversation.1", "gone"), Event("conversation.2", "kept")])
    await until(lambda: bool(other.heard))
    await asyncio.sleep(0.2)
    assert other.heard == ["kept"]


async def test_a_burst_arrives_whole_and_in_order(two: tuple[Process, Process]) -> None:
    one, other = two
    await listen(other, "conversation.1")
    texts = [str(number) for number in range(2000)]
    for text in texts:
        one.bus.publish([Event("conversation.1", text)])
    await until(lambda: len(other.heard) == len(texts))
    assert other.heard == texts


async def test_redis_dies_and_comes_back_and_everybody_knows(
    two: tuple[Process, Process], own_redis: RedisServer
) -> None:
    one, other = two
    await listen(other, "conversation.1")
    began = other.returns
    own_redis.kill()
    await until(lambda: not other.bus.up)
    one.bus.publish([Event("conversation.1", "into the void")])
    # What is said here is heard here, Redis or not.
    await until(lambda: "into the void" in one.heard)
    own_redis.start()
    await until(lambda: other.returns > began and one.bus.up)
    await asyncio.sleep(0.3)
    one.bus.publish([Event("conversation.1", "back again")])
    await until(lambda: "back again" in other.heard)


async def test_a_topic_wanted_while_redis_was_away_is_heard_afterwards(
    two: tuple[Process, Process], own_redis: RedisServer
) -> None:
    one, other = two
    began = other.returns
    own_redis.kill()
    await until(lambda: not other.bus.up)
    other.bus.want("conversation.9", True)
    own_redis.start()
    await until(lambda: other.returns > began and one.bus.up)
    await asyncio.sleep(0.3)
    one.bus.publish([Event("conversation.9", "found")])
    await until(lambda: "found" in other.heard)


async def test_a_topic_wanted_in_an_outage_too_short_to_be_noticed_is_heard_afterwards(
    two: tuple[Process, Process], own_redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bus, "PROBE_LATE_SECONDS", 60)
    one, other = two
    own_redis.kill()
    await asyncio.sleep(0.5)  # until the layer knows that its connection is broken
    other.bus.want("conversation.9", True)
    await asyncio.sleep(0.5)
    own_redis.start()
    async with asyncio.timeout(10):
        while not other.heard:
            one.bus.publish([Event("conversation.9", "found")])
            await asyncio.sleep(0.2)
    assert set(other.heard) == {"found"}


async def test_what_a_command_says_has_left_before_it_ends(two: tuple[Process, Process]) -> None:
    one, other = two
    await listen(other, "conversation.1")
    texts = [str(number) for number in range(500)]
    one.bus.publish([Event("conversation.1", text) for text in texts])
    await asyncio.to_thread(one.bus.flush, 5)
    await one.bus.stop()
    await until(lambda: len(other.heard) == len(texts))


async def test_a_dead_redis_keeps_nobody_who_publishes_waiting_and_costs_bounded_memory(
    two: tuple[Process, Process], own_redis: RedisServer
) -> None:
    one, _ = two
    own_redis.kill()
    began = asyncio.get_running_loop().time()
    for number in range(MAX_WAITING_EVENTS + 500):
        one.bus.publish([Event("conversation.1", str(number))])
    assert asyncio.get_running_loop().time() - began < 2
    await until(lambda: len(one.heard) == MAX_WAITING_EVENTS + 500)
    assert len(one.bus._outgoing) <= MAX_WAITING_EVENTS
