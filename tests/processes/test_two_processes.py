"""Two live processes are one Pulse: whatever happens in one is heard in the other."""

import time
from collections.abc import Callable

import pytest

from tests.clients import Program
from tests.conftest import PASSWORD
from tests.installations import PulseProcess
from tests.processes.conftest import Town

pytestmark = [pytest.mark.processes, pytest.mark.postgres]

TwoProcesses = Callable[..., list[PulseProcess]]


def test_what_is_said_typed_and_read_in_one_is_heard_in_the_other(town: Town, two_processes: TwoProcesses) -> None:
    here, there = two_processes()
    alice, bob = town.socket("Alice", here), town.socket("Bob", there, "html=1")
    said = alice.send(town.group_id, "Hello over there")
    heard = bob.wait_for("message.created")
    assert heard["message"] == said
    assert "<article" in heard["html"]
    assert bob.ask("typing", conversation_id=town.group_id, active=True)["type"] == "ack"
    assert bob.ask("read", conversation_id=town.group_id, seq=said["seq"])["type"] == "ack"
    assert alice.wait_for("typing")["user_id"] == town.ids["Bob"]
    assert alice.wait_for("receipt")["last_read_seq"] == said["seq"]
    by_rest = town.program("Bob", here).send(town.group_id, "By REST")
    for one in (alice, bob):
        one.wait_for(lambda frame: frame.get("message", {}).get("id") == by_rest["id"])
    assert alice.seqs() == bob.seqs() == [said["seq"], by_rest["seq"]], "each of them once"


def test_a_chat_that_begins_in_one_is_joined_in_the_other(town: Town, two_processes: TwoProcesses) -> None:
    here, there = two_processes()
    alice, charlie = town.socket("Alice", here), town.socket("Charlie", there)
    opened = town.program("Alice", there).post("conversations", {"user_id": town.ids["Charlie"]}).json()
    assert alice.wait_for("conversation.added")["conversation"]["id"] == opened["id"]
    alice.send(opened["id"], "Hello, Charlie")
    assert charlie.wait_for("conversation.added")["conversation"]["id"] == opened["id"]
    charlie.wait_for("heads")
    second = alice.send(opened["id"], "Are you there?")
    assert charlie.wait_for("message.created")["message"] == second


def test_a_session_that_ends_in_one_ends_in_the_other_within_a_second(town: Town, two_processes: TwoProcesses) -> None:
    here, there = two_processes()
    phone = Program.signed_in(there.url, email="alice@example.org", password=PASSWORD, device_id="phone")
    with phone.open_socket() as far, town.socket("Alice", there) as spared:
        session = far.wait_for("ready")["session_id"]
        began = time.monotonic()
        assert town.program("Alice", here).delete(f"sessions/{session}").status_code == 204
        assert far.wait_closed() == 4401
        assert far.closed_at - began < 1
        assert spared.ask("ping")["type"] == "pong"


def test_both_write_at_once_and_everybody_has_one_order(town: Town, two_processes: TwoProcesses) -> None:
    processes = two_processes()
    writers = [town.socket(name, process) for name, process in zip(("Alice", "Bob"), processes, strict=True)]
    readers = [town.socket("Mia", process) for process in processes]
    for number in range(200):
        for writer in writers:
            writer.say("message.send", ref=f"m{number}", conversation_id=town.group_id, content=str(number))
    for reader in readers:
        reader.wait_until(lambda heard: len(heard.seqs()) == 400, 30)
        assert sorted(reader.seqs()) == list(range(1, 401))
    orders = [
        {frame["message"]["seq"]: frame["message"]["id"] for frame in one.frames if "message" in frame}
        for one in readers
    ]
    assert orders[0] == orders[1]
