"""Who is answered what on the socket, and who hears of it: every frame, as every kind of person."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any, get_args

import pytest

from chat.frames import Frame
from tests.clients import SocketClient
from tests.conftest import running
from tests.installations import Database, PulseProcess
from tests.matrix.frames import HEARD, ROWS, SIGNED_IN, STANDING, FrameRow
from tests.matrix.rows import filled
from tests.matrix.world import World

pytestmark = pytest.mark.processes

BUILD = "from tests.matrix.world import build\nprint(build().as_json())"


@pytest.fixture(scope="module")
def world_and_pulse(request: pytest.FixtureRequest, installed: Database) -> Iterator[tuple[World, PulseProcess]]:
    database = installed.copy()
    world = World(**json.loads(database.manage("shell", "-v", "0", input=BUILD).strip().splitlines()[-1]))
    with running(installed, request.node) as run:
        yield world, run(database=database)
    database.drop()


@pytest.fixture
def sockets(world_and_pulse: tuple[World, PulseProcess]) -> Iterator[dict[str, SocketClient]]:
    """An open socket of everybody who is signed in, Alice included."""
    world, pulse = world_and_pulse
    with ExitStack() as stack:
        opened = {}
        for who, token in world.tokens.items():
            opened[who] = SocketClient(pulse.url, token=token)
            stack.callback(opened[who].close)
            opened[who].wait_for("ready")
        yield opened


def said(answer: dict[str, Any]) -> str:
    return str(answer["code"] if answer["type"] == "error" else answer["type"])


def tags() -> set[str]:
    return {str(frame.__struct_config__.tag) for frame in get_args(Frame)}


def test_no_frame_is_without_a_row() -> None:
    assert {row.type for row in ROWS} == tags()


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_everybody_is_answered_what_the_matrix_says(
    world_and_pulse: tuple[World, PulseProcess], sockets: dict[str, SocketClient], row: FrameRow
) -> None:
    world, _ = world_and_pulse
    answers = {who: sockets[who].ask(row.type, **filled(row.fields, world.names(who))) for who in SIGNED_IN}
    assert {who: said(answer) for who, answer in answers.items()} == row.expected


def test_an_anonymous_socket_says_nothing_and_hears_nothing(world_and_pulse: tuple[World, PulseProcess]) -> None:
    for token in ("", "guessed"):
        client = SocketClient(world_and_pulse[1].url, token=token)
        client.wait_closed()
        assert (client.closed_with, client.frames) == (4401, [])


def test_a_resume_tells_each_of_their_own_conversations(
    world_and_pulse: tuple[World, PulseProcess], sockets: dict[str, SocketClient]
) -> None:
    world, _ = world_and_pulse
    every = {world.things[name]: 0 for name in ("group", "direct", "blocked_direct")}
    for who, names in STANDING.items():
        # They ask for all of them, by ids that somebody gave away.
        answer = sockets[who].ask("resume", conversations=every)
        assert set(answer["conversations"]) == {world.things[name] for name in names}
        assert sockets[who].ask("ping")["type"] == "pong"
        told = {frame["conversation_id"] for frame in sockets[who].frames if "conversation_id" in frame}
        assert told == {world.things[name] for name in names}


@pytest.mark.parametrize(("actor", "type", "fields", "event", "hearers"), HEARD)
def test_only_those_hear_who_may(
    world_and_pulse: tuple[World, PulseProcess],
    sockets: dict[str, SocketClient],
    actor: str,
    type: str,
    fields: dict[str, Any],
    event: str,
    hearers: set[str],
) -> None:
    world, _ = world_and_pulse
    # A mark moves once: each time there is something new to read.
    if type == "read" and "blocked" not in actor:
        fields = fields | {
            "seq": sockets["alice"].ask("message.send", **filled(fields | {"content": "New"}, world.things))["message"][
                "seq"
            ]
        }
    assert said(sockets[actor].ask(type, **filled(fields, world.names(actor)))) == "ack"
    where = filled(fields["conversation_id"], world.things)

    def has_heard(who: str, _: SocketClient | None = None) -> bool:
        return any(
            frame["type"] == event
            and frame["conversation_id"] == where
            and frame.get("user_id", world.own[actor]["me"]) == world.own[actor]["me"]
            for frame in sockets[who].frames
        )

    for who in hearers:
        sockets[who].wait_until(partial(has_heard, who))
    # Those who hear nothing are asked something afterwards: what was on its way has arrived by then.
    for who in sockets.keys() - hearers - {actor}:
        assert sockets[who].ask("ping")["type"] == "pong"
        assert not has_heard(who), who
