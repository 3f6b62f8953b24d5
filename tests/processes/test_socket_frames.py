"""What may be said on a socket, and what is answered: nothing that is said wrong ends it, but what is too much."""

import json
import time
from typing import Any
from uuid import uuid4

import pytest

from tests.clients import PATIENCE_SECONDS, SocketClient
from tests.conftest import RunPulse
from tests.installations import PulseProcess
from tests.processes.conftest import Town

pytestmark = pytest.mark.processes


def test_a_message_reaches_everybody_once_and_its_sender_is_told(shared_town: Town, shared: PulseProcess) -> None:
    alice, bob = shared_town.socket("Alice", shared), shared_town.socket("Bob", shared)
    charlie = shared_town.socket("Charlie", shared)
    sent = alice.send(shared_town.group_id, "Hello, everybody")
    event = bob.wait_for(lambda frame: frame.get("message", {}).get("id") == sent["id"])
    assert event == {
        "type": "message.created",
        "conversation_id": shared_town.group_id,
        "version": sent["version"],
        "message": sent,
    }
    # Of the test before something may still be under way.
    own = alice.wait_for(lambda frame: frame.get("message", {}).get("id") == sent["id"])
    assert (own["type"], own["message"]) == ("message.created", sent)
    assert alice.frames.index(own) < alice.frames.index(alice.wait_for("ack")), "what happened comes before its answer"
    assert charlie.ask("ping")["type"] == "pong"
    assert [frame["type"] for frame in charlie.frames] == ["ready", "pong"]


def test_charlie_hears_of_a_chat_with_its_first_message_and_of_all_that_follows(
    town: Town, pulse: PulseProcess
) -> None:
    alice, charlie = town.socket("Alice", pulse), town.socket("Charlie", pulse)
    opened = town.program("Alice", pulse).post("conversations", {"user_id": town.ids["Charlie"]}).json()
    assert alice.wait_for("conversation.added")["conversation"]["id"] == opened["id"]
    first = alice.send(opened["id"], "Hello, Charlie")
    added = charlie.wait_for("conversation.added")["conversation"]
    assert (added["id"], added["last_message"], added["unread_count"]) == (opened["id"], first, 1)
    assert added["peer"]["name"] == "Alice"
    second = alice.send(opened["id"], "Are you there?")
    assert charlie.wait_for("message.created")["message"] == second
    answer = charlie.send(opened["id"], "I am")
    assert alice.wait_for(lambda frame: frame.get("message", {}).get("id") == answer["id"])


def test_many_sends_are_in_flight_and_each_is_answered_by_its_ref(shared_town: Town, shared: PulseProcess) -> None:
    alice = shared_town.socket("Alice", shared)
    for number in range(100):
        alice.say("message.send", ref=f"m{number}", conversation_id=shared_town.direct_id, content=str(number))
    alice.wait_until(lambda heard: len(heard.of_type("ack")) == 100)
    acks = alice.of_type("ack")
    assert [ack["ref"] for ack in acks] == [f"m{number}" for number in range(100)]
    assert [ack["message"]["content"] for ack in acks] == [str(number) for number in range(100)]
    seqs = [ack["message"]["seq"] for ack in acks]
    assert seqs == list(range(seqs[0], seqs[0] + 100))
    assert alice.seqs(shared_town.direct_id) == seqs


def test_what_is_refused_says_so_by_its_ref(shared_town: Town, shared: PulseProcess) -> None:
    charlie = shared_town.socket("Charlie", shared)
    group = {"conversation_id": shared_town.group_id}
    for type, fields, code in (
        ("message.send", {**group, "content": "Let me in"}, "not_found"),
        ("message.send", {"conversation_id": str(uuid4()), "content": "Anybody?"}, "not_found"),
        ("read", {**group, "seq": 1}, "not_found"),
        ("delivered", {**group, "seq": 1}, "not_found"),
        ("typing", {**group, "active": True}, "not_found"),
    ):
        answer = charlie.ask(type, **fields)
        assert (answer["type"], answer["code"]) == ("error", code)
        assert set(answer) == {"type", "ref", "code", "detail"}
    alice = shared_town.socket("Alice", shared)
    for content in ("", " \u200b\n", "a\x00b", "x" * 10_001, "\U0001f600" * 10_000 + "x"):
        assert alice.ask("message.send", **group, content=content)["code"] == "invalid"
    assert alice.ask("message.send", **group, content="\U0001f600" * 10_000)["type"] == "ack"


def test_an_answer_without_a_ref_is_not_given_but_an_error_is(shared_town: Town, shared: PulseProcess) -> None:
    bob = shared_town.socket("Bob", shared)
    bob.say("typing", conversation_id=shared_town.group_id, active=False)
    bob.say("message.send", conversation_id=shared_town.direct_id, content="Hi")
    bob.say("message.send", conversation_id=shared_town.direct_id, content="")
    assert bob.wait_for("error")["ref"] is None
    bob.say("ping")
    assert bob.wait_for("pong") == {"type": "pong"}
    assert bob.of_type("ack") == []


DEEP = "[" * 60_000 + "]" * 60_000
RUBBISH: list[tuple[Any, str]] = [
    (b"", "malformed"),
    (b"\xff\xfe\x00", "malformed"),
    (b"\x00" * 100, "malformed"),
    ("", "malformed"),
    ("hello", "malformed"),
    ("{", "malformed"),
    ("null", "invalid"),
    ("[]", "invalid"),
    ("5", "invalid"),
    ('"ping"', "invalid"),
    ("{}", "invalid"),
    ('{"type": null}', "invalid"),
    ('{"type": 5}', "invalid"),
    ('{"type": ["ping"]}', "invalid"),
    ('{"type": "ping", "type": "nonsense"}', "unknown_type"),
    ('{"type": "message.created", "conversation_id": "x"}', "unknown_type"),
    ('{"type": "pulse.events"}', "unknown_type"),
    ('{"type": "websocket.close", "code": 1000}', "unknown_type"),
    ('{"type": "__class__"}', "unknown_type"),
    ('{"type": "ping", "ref": {}}', "invalid"),
    ('{"type": "ping", "ref": true}', "invalid"),
    ('{"type": "ping", "ref": 1.5}', "invalid"),
    ('{"type": "ping", "ref": 1e999}', "invalid"),
    ('{"type": "ping", "ref": ' + "9" * 5000 + "}", "invalid"),
    ('{"type": "ping", "ref": "' + "x" * 65 + '"}', "invalid"),
    ('{"type": "ping", "ref": "\\u0000"}', "invalid"),
    ('{"type": "ping", "ref": "\\ud800"}', "malformed"),
    ('{"type": "message.send"}', "invalid"),
    ('{"type": "message.send", "conversation_id": 5, "content": "x"}', "invalid"),
    ('{"type": "message.send", "conversation_id": "' + str(uuid4()) + '", "content": 5}', "invalid"),
    ('{"type": "message.send", "conversation_id": "' + str(uuid4()) + '", "content": null}', "invalid"),
    ('{"type": "read", "conversation_id": "' + str(uuid4()) + '", "seq": -1}', "invalid"),
    ('{"type": "read", "conversation_id": "' + str(uuid4()) + '", "seq": 9223372036854775808}', "invalid"),
    ('{"type": "read", "conversation_id": "' + str(uuid4()) + '", "seq": "1"}', "invalid"),
    ('{"type": "resume", "conversations": []}', "invalid"),
    ('{"type": "resume", "conversations": {"x": 1}}', "invalid"),
    ('{"type": "resume", "conversations": {"' + str(uuid4()) + '": -1}}', "invalid"),
    (DEEP, "invalid"),
    (f'{{"type": "ping", "extra": {DEEP}}}', "malformed"),
    ('{"a":' * 20_000 + "1" + "}" * 20_000, "malformed"),
]


def test_rubbish_is_answered_by_an_error_and_the_socket_lives_on(shared_town: Town, shared: PulseProcess) -> None:
    alice = shared_town.socket("Alice", shared)
    codes = []
    for number, (rubbish, _) in enumerate(RUBBISH):
        alice.say_raw(rubbish)
        alice.wait_until(lambda heard, n=number: len(heard.of_type("error", "pong")) > n)  # type: ignore[misc]  # see next
        codes.append(alice.of_type("error", "pong")[-1].get("code"))
    wrong = [(str(rubbish)[:80], code, got) for (rubbish, code), got in zip(RUBBISH, codes, strict=True) if got != code]
    assert wrong == []
    assert alice.ask("ping")["type"] == "pong"


def test_what_is_not_known_in_a_frame_is_ignored(shared_town: Town, shared: PulseProcess) -> None:
    alice = shared_town.socket("Alice", shared)
    answer = alice.ask(
        "message.send",
        conversation_id=shared_town.direct_id.upper(),
        content="Hello",
        sender_id=shared_town.ids["Bob"],
        seq=99_999,
        control=["end", "*"],
        message={"deep": [[[]]]},
    )
    assert answer["message"]["sender"]["name"] == "Alice"
    assert answer["message"]["seq"] < 99_999


def test_a_binary_frame_is_read_as_the_text_it_holds(shared_town: Town, shared: PulseProcess) -> None:
    alice = shared_town.socket("Alice", shared)
    alice.say_raw(b'{"type": "ping", "ref": "binary"}')
    assert alice.wait_for("pong")["ref"] == "binary"


def test_refs_come_back_as_they_were(shared_town: Town, shared: PulseProcess) -> None:
    alice = shared_town.socket("Alice", shared)
    refs: list[Any] = [0, -1, 2**63 - 1, -(2**63), "", "a" * 64, "\u202e\"}{'<script>\\", "\U0001f600" * 16]
    for ref in refs:
        alice.say("ping", ref=ref)
    alice.wait_until(lambda heard: len(heard.of_type("pong")) == len(refs))
    assert [pong["ref"] for pong in alice.of_type("pong")] == refs


@pytest.mark.parametrize("binary", [False, True])
def test_too_large_a_frame_closes_the_socket_and_a_large_one_does_not(
    shared_town: Town, shared: PulseProcess, binary: bool
) -> None:
    alice = shared_town.socket("Alice", shared)
    fits = json.dumps({"type": "ping", "ref": 1, "pad": ""})
    fits = json.dumps({"type": "ping", "ref": 1, "pad": "x" * (128 * 1024 - len(fits))})
    assert len(fits) == 128 * 1024
    alice.say_raw(fits.encode() if binary else fits)
    assert alice.wait_for("pong")
    too_large = "x" * 200 * 1024
    alice.say_raw(too_large.encode() if binary else too_large)
    assert alice.wait_closed() in {4413, 1009}
    with shared_town.socket("Alice", shared) as again:
        assert again.is_open


def test_marks_typing_and_receipts_go_to_the_others(shared_town: Town, shared: PulseProcess) -> None:
    alice, bob = shared_town.socket("Alice", shared), shared_town.socket("Bob", shared)
    said = alice.send(shared_town.group_id, "Read me")
    bob.wait_for(lambda frame: frame.get("message", {}).get("id") == said["id"])
    group = {"conversation_id": shared_town.group_id}
    assert bob.ask("delivered", **group, seq=said["seq"])["type"] == "ack"
    assert bob.ask("typing", **group, active=True)["type"] == "ack"
    assert bob.ask("read", **group, seq=said["seq"])["type"] == "ack"
    receipt = alice.wait_for(lambda frame: frame["type"] == "receipt" and frame["last_read_seq"] == said["seq"])
    assert receipt["user_id"] == shared_town.ids["Bob"]
    typing = alice.wait_for("typing")
    assert (typing["user_id"], typing["active"]) == (shared_town.ids["Bob"], True)
    mine = bob.wait_for("conversation.my")
    assert (mine["unread_count"], mine["my"]["last_read_seq"]) == (0, said["seq"])
    assert alice.of_type("conversation.my") == []


def test_with_html_messages_come_drawn_as_well(shared_town: Town, shared: PulseProcess) -> None:
    alice = shared_town.socket("Alice", shared, "html=1")
    bob = shared_town.socket("Bob", shared)
    said = bob.send(shared_town.group_id, '<b>&"bold"</b>')
    drawn = alice.wait_for(lambda frame: frame.get("message", {}).get("id") == said["id"])
    assert "<article" in drawn["html"]
    assert f'data-message-id="{said["id"]}"' in drawn["html"]
    assert "&lt;b&gt;" in drawn["html"]
    assert "<b>&" not in drawn["html"]
    plain = bob.wait_for(lambda frame: frame.get("message", {}).get("id") == said["id"])
    assert "html" not in plain
    assert {**drawn, "html": ""} == {**plain, "html": ""}
    alice.resume({shared_town.group_id: said["version"] - 1})
    caught = alice.wait_for("message.updated")
    assert caught["html"] == drawn["html"]
    alice.wait_for("caught_up")


def test_a_flood_closes_the_socket_where_rates_are_limited(town: Town, running_pulse: RunPulse) -> None:
    pulse = running_pulse(database=town.database, env={"PULSE_RATE_LIMITS": "on"})
    calm, wild = town.socket("Alice", pulse), town.socket("Bob", pulse)
    with pytest.raises(Exception, match=r"4429|ConnectionClosed|EOF|Broken"):
        say_for_long(wild)
    assert wild.wait_closed() == 4429
    assert all(calm.ask("ping")["type"] == "pong" for _ in range(20))
    for number in range(130):
        calm.say("message.send", ref=f"m{number}", conversation_id=town.group_id, content=str(number))
    calm.wait_until(lambda heard: len(heard.of_type("ack", "error")) == 130)
    assert {error["code"] for error in calm.of_type("error")} == {"throttled"}
    assert len(calm.of_type("ack")) >= 100, "a burst is let through"
    assert calm.ask("ping")["type"] == "pong", "and whoever writes too much is told so and stays"
    with town.socket("Bob", pulse) as again:
        assert again.ask("ping")["type"] == "pong"


def say_for_long(socket: SocketClient) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        socket.say("ping")
