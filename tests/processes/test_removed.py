"""Whoever was removed hears nothing more: by one process or two, under load, in whatever order news travels."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.clients import SocketClient
from tests.installations import PulseProcess
from tests.processes.conftest import Town
from tests.processes.traffic import sending

pytestmark = pytest.mark.processes

PER_SECOND = 200


def frames_about(socket: SocketClient, conversation_id: str) -> list[dict[str, Any]]:
    """Everything that names a conversation, wherever in the frame."""
    return [frame for frame in socket.frames if conversation_id in str(frame)]


def check_removal(town: Town, sender: SocketClient, bobs: list[SocketClient], mias: list[SocketClient]) -> None:
    """Removes Bob in a process of its own, amid the sender's messages; then nobody hears of him, nor he of anybody."""
    with sending(sender, town.group_id, per_second=PER_SECOND, size=50) as sent:
        time.sleep(0.5)
        last_seq = town.remove("Bob")
        after = len(sent)
        while len(sent) < after + PER_SECOND:
            time.sleep(0.05)
    mias[0].say("typing", conversation_id=town.group_id, active=True)
    mias[0].ask("read", conversation_id=town.group_id, seq=last_seq)
    for mia in mias:
        mia.wait_until(lambda heard: len(heard.of_type("message.created")) == len(sent))
        assert mia.seqs() == list(range(1, len(sent) + 1))
    assert last_seq < len(sent), "messages must have followed the removal"
    for bob in bobs:
        bob.wait_for("conversation.removed")
        assert bob.seqs() == list(range(1, len(bob.seqs()) + 1))
        assert len(bob.seqs()) <= last_seq, f"heard {len(bob.seqs())}, of which {last_seq} were his to hear"
        assert frames_about(bob, town.group_id)[-1]["type"] == "conversation.removed"
        assert bob.of_type("typing", "receipt") == []
        for type, fields in (
            ("message.send", {"content": "Let me back in"}),
            ("typing", {"active": True}),
            ("read", {"seq": 1}),
        ):
            assert bob.ask(type, conversation_id=town.group_id, **fields)["code"] == "not_found"
        ack = bob.resume({town.group_id: 0})
        assert set(ack["conversations"]) == {town.direct_id}
    assert bobs[0].send(town.direct_id, "But we two still talk")["seq"] == 1
    for bob in bobs:
        bob.wait_for(lambda frame: frame.get("message", {}).get("conversation_id") == town.direct_id)


def test_bob_hears_nothing_after_his_removal(town: Town, pulse: PulseProcess) -> None:
    """Another process removed him. With a bus it tells; embedded, the next message finds it out."""
    alice, mia = town.socket("Alice", pulse), town.socket("Mia", pulse)
    bobs = [town.socket("Bob", pulse), town.socket("Bob", pulse, "html=1")]
    check_removal(town, alice, bobs, [mia])


@pytest.mark.postgres
def test_bob_hears_nothing_after_his_removal_through_any_of_two_processes(
    town: Town, two_processes: Callable[..., list[PulseProcess]]
) -> None:
    here, there = two_processes()
    alice = town.socket("Alice", here)
    bobs = [town.socket("Bob", here), town.socket("Bob", there)]
    check_removal(town, alice, bobs, [town.socket("Mia", there), town.socket("Mia", here)])


def test_bob_finds_out_without_a_message_that_tells(town: Town, pulse: PulseProcess) -> None:
    """Nobody writes: the process re-reads who may listen every few seconds."""
    bob, alice = town.socket("Bob", pulse), town.socket("Alice", pulse)
    town.remove("Bob")
    assert bob.wait_for("conversation.removed", 8)["conversation_id"] == town.group_id
    alice.ask("typing", conversation_id=town.group_id, active=True)
    assert alice.wait_for("typing")
    assert bob.ask("ping")["type"] == "pong"
    assert bob.of_type("typing") == []
    assert bob.frames[-1]["type"] == "pong"


def test_bob_comes_back_and_hears_again(town: Town, pulse: PulseProcess) -> None:
    bob, alice = town.socket("Bob", pulse), town.socket("Alice", pulse)
    town.remove("Bob")
    alice.send(town.group_id, "Bob is gone")
    bob.wait_for("conversation.removed")
    town.script(
        f"""
from uuid import UUID
from django.db import transaction
from chat import actions
with transaction.atomic():
    actions.add_participants(conversation_id=UUID("{town.group_id}"), user_ids=[UUID("{town.ids["Bob"]}")])
print(0)
"""
    )
    with town.socket("Bob", pulse) as again:
        said = alice.send(town.group_id, "Welcome back")
        assert again.wait_for("message.created")["message"]["id"] == said["id"]


def test_whose_history_begins_later_hears_nothing_of_before(town: Town, pulse: PulseProcess) -> None:
    """Bob's history begins at the third message: what changes in an older one isn't told to him."""
    town.script(
        f"""
from chat.models import Participant
print(Participant.objects.filter(conversation_id="{town.group_id}", user_id="{town.ids["Bob"]}").update(first_seq=3))
"""
    )
    bob, alice = town.socket("Bob", pulse), town.socket("Alice", pulse)
    for number in range(1, 5):
        alice.send(town.group_id, f"message {number}")
    bob.wait_until(lambda heard: len(heard.seqs()) == 2)
    assert bob.seqs() == [3, 4]
    bob.resume({town.group_id: 0})
    bob.wait_for("caught_up")
    assert bob.seqs() == [3, 4, 3, 4]
