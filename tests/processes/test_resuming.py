"""Coming back: whoever was away has everything again, and knows when to start over."""

from uuid import uuid4

import pytest

from tests.clients import SocketClient
from tests.installations import PulseProcess
from tests.processes.conftest import Town

pytestmark = pytest.mark.processes


@pytest.fixture
def version(shared_town: Town, shared: PulseProcess) -> int:
    """The group's version after a few more messages of Alice's."""
    return shared_town.write("Alice", "While Bob was away", count=4)


def after(socket: SocketClient, kind: str) -> list[str]:
    """The types of the frames since the answer to `resume`, up to one of this kind. Heads may come at any time."""
    socket.wait_for(kind)
    types = [frame["type"] for frame in socket.frames if frame["type"] != "heads"]
    return types[types.index("ack") + 1 :]


def test_a_client_with_no_state_learns_where_its_conversations_stand(
    shared_town: Town, shared: PulseProcess, version: int
) -> None:
    bob = shared_town.socket("Bob", shared)
    ack = bob.resume()
    assert set(ack["conversations"]) == {shared_town.group_id, shared_town.direct_id}
    assert ack["conversations"][shared_town.group_id] == {
        "version": version,
        "last_seq": version,
        "last_read_seq": 0,
        "unread_count": version,
    }
    bob.ask("ping")
    assert after(bob, "pong") == ["pong"]


def test_whoever_is_behind_gets_what_changed_and_then_where_it_stands(
    shared_town: Town, shared: PulseProcess, version: int
) -> None:
    bob = shared_town.socket("Bob", shared)
    bob.resume({shared_town.group_id: version - 3})
    assert after(bob, "caught_up") == ["message.updated"] * 3 + ["caught_up"]
    updates = bob.of_type("message.updated")
    assert [frame["version"] for frame in updates] == [version - 2, version - 1, version]
    assert [frame["message"]["version"] for frame in updates] == [version - 2, version - 1, version]
    caught_up = bob.wait_for("caught_up")
    marks = caught_up.pop("marks")
    assert caught_up == {
        "type": "caught_up",
        "conversation_id": shared_town.group_id,
        "version": version,
        "starred": [],
        "hidden": [],
    }
    assert {mark["user_id"]: mark["last_read_seq"] for mark in marks} == {
        shared_town.ids["Alice"]: version,
        shared_town.ids["Bob"]: 0,
        shared_town.ids["Mia"]: 0,
    }


def test_whoever_is_up_to_date_hears_nothing_more(shared_town: Town, shared: PulseProcess, version: int) -> None:
    bob = shared_town.socket("Bob", shared)
    stands = shared_town.socket("Bob", shared).resume()["conversations"]
    assert stands[shared_town.group_id]["version"] == version
    bob.resume({id: stand["version"] for id, stand in stands.items()})
    bob.ask("ping")
    assert after(bob, "pong") == ["pong"]


def test_whoever_knows_a_future_that_never_was_starts_over(
    shared_town: Town, shared: PulseProcess, version: int
) -> None:
    bob = shared_town.socket("Bob", shared)
    bob.resume({shared_town.group_id: version + 1})
    assert after(bob, "reset") == ["reset"]
    assert bob.wait_for("reset") == {"type": "reset", "conversation_id": shared_town.group_id, "version": version}


def test_whoever_missed_more_than_two_hundred_changes_starts_over(town: Town, pulse: PulseProcess) -> None:
    town.write("Alice", "Hello", count=201)
    bob = town.socket("Bob", pulse)
    bob.resume({town.group_id: 0})
    assert after(bob, "reset") == ["reset"]
    assert bob.wait_for("reset")["version"] == 201
    with town.socket("Bob", pulse) as again:
        again.resume({town.group_id: 1})
        assert after(again, "caught_up") == ["message.updated"] * 200 + ["caught_up"]
        assert again.seqs() == list(range(2, 202))


def test_a_conversation_one_is_not_in_is_passed_over(shared_town: Town, shared: PulseProcess, version: int) -> None:
    charlie = shared_town.socket("Charlie", shared)
    ack = charlie.resume({shared_town.group_id: 0, str(uuid4()): 5})
    assert ack["conversations"] == {}
    charlie.ask("ping")
    assert after(charlie, "pong") == ["pong"]


def test_several_conversations_are_caught_up_one_after_the_other(
    shared_town: Town, shared: PulseProcess, version: int
) -> None:
    direct = shared_town.write("Bob", "Only for Alice", conversation_id=shared_town.direct_id)
    alice = shared_town.socket("Alice", shared)
    alice.resume({shared_town.group_id: version - 1, str(uuid4()): 1, shared_town.direct_id: direct - 1})
    alice.wait_until(lambda heard: len(heard.of_type("caught_up")) == 2)
    frames = alice.of_type("message.updated", "caught_up")
    assert [(frame["type"], frame["conversation_id"]) for frame in frames] == [
        (type, id) for id in (shared_town.group_id, shared_town.direct_id) for type in ("message.updated", "caught_up")
    ]


def test_one_may_resume_again_and_again_and_live_events_go_on(
    shared_town: Town, shared: PulseProcess, version: int
) -> None:
    bob, alice = shared_town.socket("Bob", shared), shared_town.socket("Alice", shared)
    for _ in range(3):
        bob.resume({shared_town.group_id: version - 1})
    said = alice.send(shared_town.group_id, "Live")
    bob.wait_for(lambda frame: frame["type"] == "message.created" and frame["message"]["id"] == said["id"])
    bob.wait_until(lambda heard: len(heard.of_type("caught_up")) == 3)


def test_what_nobody_could_hear_is_found_within_a_round(town: Town, pulse: PulseProcess) -> None:
    """An import announces nothing, and another process put Charlie into the group unheard: heads tell of both."""
    bob, charlie = town.socket("Bob", pulse), town.socket("Charlie", pulse)
    version: int = town.script(
        f"""
from uuid import UUID
from django.db import transaction
from chat.models import Participant
from chat.writing import Draft, write_messages
group, alice, charlie = UUID("{town.group_id}"), UUID("{town.ids["Alice"]}"), UUID("{town.ids["Charlie"]}")
draft = Draft(conversation_id=group, sender_id=alice, content="Imported")
Participant.objects.create(conversation_id=group, user_id=charlie)
with transaction.atomic():
    print(write_messages([draft], announce=False)[0].message["version"])
"""
    )
    for person in (bob, charlie):
        person.wait_for(
            lambda frame: frame["type"] == "heads" and frame["conversations"].get(town.group_id) == version, 25
        )
        assert person.seqs() == []
        person.resume({town.group_id: version - 1})
        assert person.wait_for("message.updated")["message"]["content"] == "Imported"
    assert not any(town.direct_id in heads["conversations"] for heads in charlie.of_type("heads"))
    said = town.socket("Alice", pulse).send(town.group_id, "Welcome, Charlie")
    assert charlie.wait_for("message.created")["message"]["id"] == said["id"]
