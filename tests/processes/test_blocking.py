"""Whom one has blocked crosses no more: by one process or two, amid messages, typing and reading."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.clients import Program, SocketClient
from tests.installations import PulseProcess
from tests.processes.conftest import Town
from tests.processes.traffic import sending

pytestmark = pytest.mark.processes

PER_SECOND = 200
# More than a frame needs to arrive that was on its way.
UNDERWAY_SECONDS = 0.5


@contextmanager
def typing_and_reading(socket: SocketClient, conversation_id: str) -> Iterator[None]:
    """Types, and reads all there is, a hundred times a second."""
    over = threading.Event()

    def hammer() -> None:
        while not over.is_set():
            socket.say("typing", conversation_id=conversation_id, active=True)
            socket.say("read", conversation_id=conversation_id, seq=10**9)
            over.wait(0.01)

    thread = threading.Thread(target=hammer)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def told_to_stop(frame: dict[str, Any], town: Town) -> bool:
    is_mine = frame["type"] == "conversation.my" and frame["conversation_id"] == town.direct_id
    return is_mine and not frame["my"]["can_post"]


def crossing(frame: dict[str, Any], town: Town, name: str) -> bool:
    """Whether a frame tells what somebody does in the direct chat."""
    what, who = frame["type"] in {"typing", "receipt"}, frame.get("user_id") == town.ids[name]
    return what and who and frame["conversation_id"] == town.direct_id


def check_block(town: Town, alices: list[SocketClient], bobs: list[SocketClient], program: Program) -> None:
    """Alice blocks Bob while each writes, types and reads: at one moment all of it ends, on every socket."""
    with (
        sending(alices[0], town.direct_id, per_second=PER_SECOND // 2, size=50) as sent,
        sending(bobs[0], town.direct_id, per_second=PER_SECOND // 2, size=50),
        typing_and_reading(alices[-1], town.direct_id),
        typing_and_reading(bobs[-1], town.direct_id),
    ):
        time.sleep(1)
        assert program.call("PUT", f"blocks/{town.ids['Bob']}").status_code == 204
        blocked_at, after = time.monotonic(), len(sent)
        while len(sent) < after + PER_SECOND // 2:
            time.sleep(0.05)
    stored = len(town.stored(town.direct_id))
    for socket in (*alices, *bobs):
        socket.wait_until(lambda heard: len(set(heard.seqs(town.direct_id))) == stored)
        # Of two processes each tells of its own at once: they arrive in another order than they were written in.
        assert sorted(socket.seqs(town.direct_id)) == list(range(1, stored + 1)), "both have what was said before"
    for alice in alices:
        alice.wait_for(lambda frame: told_to_stop(frame, town))
        told = next(place for place, frame in enumerate(alice.frames) if told_to_stop(frame, town))
        heard = [crossing(frame, town, "Bob") for frame in alice.frames]
        assert any(heard[:told]), "before, she heard him"
        assert not any(heard[told:]), "once her devices know of the block, nothing he does reaches them"
    for bob in bobs:
        times = [at for at, frame in zip(bob.arrived, bob.frames, strict=True) if crossing(frame, town, "Alice")]
        assert times, "before, he heard her"
        assert max(times) < blocked_at + UNDERWAY_SECONDS
    for sender, socket in ((alices[0], alices[-1]), (bobs[0], bobs[-1])):
        refused = [frame for frame in sender.of_type("error") if frame["code"] == "cannot_post"]
        assert refused, "what was sent after the block was refused"
        assert socket.ask("typing", conversation_id=town.direct_id, active=True)["code"] == "cannot_post"
        assert socket.ask("read", conversation_id=town.direct_id, seq=1)["type"] == "ack", "one reads for oneself"


def check_peace(town: Town, alice: SocketClient, bob: SocketClient, program: Program) -> None:
    """Their group goes on meanwhile; and after the block is taken back the two hear each other as before."""
    for writer, listener, name in ((alice, bob, "Alice"), (bob, alice, "Bob")):
        writer.ask("typing", conversation_id=town.group_id, active=True)
        listener.wait_for(
            lambda frame, name=name: (  # type: ignore[misc]  # a lambda in a loop
                frame["type"] == "typing"
                and frame["conversation_id"] == town.group_id
                and frame["user_id"] == town.ids[name]
            )
        )
    assert program.delete(f"blocks/{town.ids['Bob']}").status_code == 204
    alice.wait_for(lambda frame: frame["type"] == "conversation.my" and frame["my"]["can_post"])
    before = len(alice.frames)
    bob.ask("typing", conversation_id=town.direct_id, active=True)
    alice.wait_until(lambda heard: any(crossing(frame, town, "Bob") for frame in heard.frames[before:]))
    said = bob.send(town.direct_id, "We two again")
    alice.wait_for(lambda frame: frame.get("message", {}).get("id") == said["id"])


def test_nothing_crosses_after_a_block_in_one_process(town: Town, pulse: PulseProcess) -> None:
    alices = [town.socket("Alice", pulse), town.socket("Alice", pulse, "html=1")]
    bobs = [town.socket("Bob", pulse), town.socket("Bob", pulse)]
    program = town.program("Alice", pulse)
    check_block(town, alices, bobs, program)
    check_peace(town, alices[-1], bobs[-1], program)


@pytest.mark.postgres
def test_nothing_crosses_after_a_block_between_two_processes(
    town: Town, two_processes: Callable[..., list[PulseProcess]]
) -> None:
    here, there = two_processes()
    alices = [town.socket("Alice", here), town.socket("Alice", there)]
    bobs = [town.socket("Bob", there), town.socket("Bob", here)]
    program = town.program("Alice", there)
    check_block(town, alices, bobs, program)
    check_peace(town, alices[-1], bobs[-1], program)


def test_a_resume_says_nothing_of_what_the_other_read_since(town: Town, pulse: PulseProcess) -> None:
    alice, bob = town.socket("Alice", pulse), town.socket("Bob", pulse)
    for number in range(3):
        alice.send(town.direct_id, f"message {number}")
    assert town.program("Alice", pulse).call("PUT", f"blocks/{town.ids['Bob']}").status_code == 204
    bob.ask("read", conversation_id=town.direct_id, seq=3)
    with town.socket("Alice", pulse) as again:
        again.resume({town.direct_id: 0})
        known = {mark["user_id"]: mark["last_read_seq"] for mark in again.wait_for("caught_up")["marks"]}
    assert known == {town.ids["Alice"]: 3, town.ids["Bob"]: 0}
    assert [frame for frame in alice.frames if crossing(frame, town, "Bob")] == []


def test_who_is_blocked_is_not_told_by_any_frame(town: Town, pulse: PulseProcess) -> None:
    alice, bob = town.socket("Alice", pulse), town.socket("Bob", pulse)
    alice.send(town.direct_id, "Hello")
    bob.wait_for("message.created")
    before = len(bob.frames)
    program = town.program("Alice", pulse)
    for method in ("PUT", "DELETE"):
        assert program.call(method, f"blocks/{town.ids['Bob']}").status_code == 204
    assert alice.wait_for(lambda frame: told_to_stop(frame, town))
    assert bob.ask("ping")["type"] == "pong"
    assert [frame["type"] for frame in bob.frames[before:]] == ["pong"]
