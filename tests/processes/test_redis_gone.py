"""Redis dies, hangs and comes back: sends go on, and everybody has everything again without anybody writing anew."""

import signal
import time

import pytest

from tests.clients import SocketClient
from tests.conftest import RunPulse
from tests.installations import PulseProcess
from tests.journals import Reader, Sender, all_of, hold_against, wait_for
from tests.processes.conftest import Town
from tests.services import RedisServer

pytestmark = [pytest.mark.processes, pytest.mark.postgres]

HEAL_SECONDS = 20


@pytest.fixture
def two(town: Town, own_redis: RedisServer, running_pulse: RunPulse) -> list[PulseProcess]:
    """Two Pulse processes on one database and one Redis of their own."""
    processes = [running_pulse(database=town.database, env={"REDIS_URL": own_redis.url}) for _ in range(2)]
    with town.socket("Alice", processes[0]) as alice, town.socket("Mia", processes[1]) as mia:
        heard = hears(alice, mia, town.group_id, 10)
        assert heard < 10
    return processes


def hears(speaker: SocketClient, listener: SocketClient, conversation_id: str, timeout: float) -> float:
    """How long it takes until one hears the other live."""
    began = time.monotonic()
    said = speaker.send(conversation_id, "Can you hear me?")
    listener.wait_for(
        lambda frame: frame["type"] == "message.created" and frame["message"]["id"] == said["id"], timeout
    )
    return time.monotonic() - began


def test_what_was_said_while_redis_was_dead_is_found_without_new_traffic(
    town: Town, two: list[PulseProcess], own_redis: RedisServer
) -> None:
    alice, bob = town.socket("Alice", two[0]), town.socket("Bob", two[1])
    own_redis.kill()
    for number in range(5):
        began = time.monotonic()
        said = alice.send(town.group_id, f"into the silence {number}")
        assert time.monotonic() - began < 3, "a dead Redis keeps nobody waiting"
    assert not any("silence" in frame["message"]["content"] for frame in bob.of_type("message.created"))
    time.sleep(4)  # long enough that the processes know
    own_redis.start()
    began = time.monotonic()
    bob.wait_for(
        lambda frame: frame["type"] == "heads" and frame["conversations"].get(town.group_id) == said["version"],
        HEAL_SECONDS,
    )
    assert time.monotonic() - began < HEAL_SECONDS
    bob.resume({town.group_id: said["version"] - 5})
    bob.wait_for("caught_up")
    assert [frame["message"]["content"] for frame in bob.of_type("message.updated")] == [
        f"into the silence {number}" for number in range(5)
    ]
    assert hears(alice, bob, town.group_id, 5) < 2, "and what is said now is heard at once"
    assert hears(bob, alice, town.group_id, 5) < 2


def test_whoever_comes_while_redis_is_dead_is_let_in_and_hears_when_it_is_back(
    town: Town, two: list[PulseProcess], own_redis: RedisServer
) -> None:
    own_redis.kill()
    time.sleep(5)
    began = time.monotonic()
    alice, bob = town.socket("Alice", two[0]), town.socket("Bob", two[1])
    assert time.monotonic() - began < 6
    own_redis.start()
    wait_for(lambda: bool(bob.of_type("heads")), HEAL_SECONDS)
    assert hears(alice, bob, town.group_id, 5) < 2


def test_whoever_comes_during_a_hiccup_of_redis_hears_soon_after(
    town: Town, two: list[PulseProcess], own_redis: RedisServer
) -> None:
    """Redis is away for less than a second: the processes may not even notice, but a subscription was lost in it."""
    alice = town.socket("Alice", two[0])
    own_redis.kill()
    bob = town.socket("Bob", two[1])
    own_redis.start()
    time.sleep(4)
    assert hears(alice, bob, town.group_id, 5) < 2


def test_while_redis_hangs_sends_go_on_and_nothing_is_lost(
    town: Town, two: list[PulseProcess], own_redis: RedisServer
) -> None:
    urls = [one.url for one in two]
    sender = Sender(urls[:1], town.tokens["Alice"], town.group_id, name="Alice", per_second=40)
    near, far = (
        Reader([url], town.tokens[name], town.group_id) for url, name in zip(urls, ("Mia", "Bob"), strict=True)
    )
    before = town.stored()
    with all_of([sender, near, far]):
        wait_for(lambda: len(sender.journal) > 20, 20)
        own_redis.kill(signal.SIGSTOP)
        time.sleep(2)
        acknowledged = len(sender.journal)
        time.sleep(4)
        assert len(sender.journal) > acknowledged + 80, "sends go on while Redis hangs"
        wait_for(lambda: near.version >= acknowledged, 5)
        own_redis.kill(signal.SIGCONT)
        sender.finish()
        stored = town.stored()
        near.wait_complete(len(stored), HEAL_SECONDS)
        far.wait_complete(len(stored), HEAL_SECONDS)
        assert sender.connections == 1, "nobody was thrown out for it"
    sender.journal |= {id: (content, seq) for seq, id, content in before}
    hold_against_with(before, stored, sender, [near, far])


def hold_against_with(
    before: list[tuple[int, str, str]], stored: list[tuple[int, str, str]], sender: Sender, readers: list[Reader]
) -> None:
    """As always, but for what had been said before the sender began."""
    assert stored[: len(before)] == before
    hold_against(stored, [sender], readers)
