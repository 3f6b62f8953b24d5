"""A town of people who have signed in, ready to be copied for each test, and the Pulse processes they meet in."""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.clients import Program, SocketClient
from tests.conftest import PASSWORD, RunPulse, running
from tests.environment import ON_POSTGRES
from tests.installations import Database, PulseProcess
from tests.services import RedisServer

# Everybody has a program that is signed in. Alice, Bob and Mia are in the group, Alice and Bob also in a direct chat.
FOUND_TOWN = f"""
import json
from django.db import transaction
from accounts.actions import start_session
from accounts.models import User
from chat import actions
from groups.models import Group

people, tokens = {{}}, {{}}
for name in ("Alice", "Bob", "Charlie", "Mia"):
    people[name] = user = User.objects.create_user(
        email=f"{{name.lower()}}@example.org", name=name, password="{PASSWORD}", verified=True)
    _, tokens[name] = start_session(user=user, device_id="laptop", platform="CLI", name="", address="127.0.0.1")
with transaction.atomic():
    members = [people[name].id for name in ("Alice", "Bob", "Mia")]
    group = Group.objects.create(name="Climbing", created_by=people["Alice"])
    actions.make_group_conversation(group_id=group.id, user_ids=members)
direct = actions.open_direct_between(people["Alice"].id, people["Bob"].id)
print(json.dumps({{
    "ids": {{name: str(user.id) for name, user in people.items()}}, "tokens": tokens,
    "group_id": str(group.id), "direct_id": str(direct.id)}}))
"""


@dataclass(frozen=True)
class Town:
    """One installation and who lives in it."""

    database: Database
    ids: Mapping[str, str]
    tokens: Mapping[str, str]
    group_id: str
    direct_id: str
    stack: ExitStack = field(default_factory=ExitStack)

    def program(self, name: str, pulse: PulseProcess) -> Program:
        program = Program(pulse.url, self.tokens[name])
        self.stack.callback(program.close)
        return program

    def socket(self, name: str, pulse: PulseProcess, query: str = "", *, ready: bool = True) -> SocketClient:
        """An open socket of that person's, which has heard `ready`."""
        client = SocketClient(pulse.url, token=self.tokens[name], query=query)
        self.stack.callback(client.close)
        if ready:
            client.wait_for("ready")
        return client

    def script(self, code: str) -> Any:
        """Runs Python in a process of its own, beside Pulse's; returns what it printed last, which is JSON."""
        return json.loads(self.database.manage("shell", "-v", "0", input=code).strip().splitlines()[-1])

    def remove(self, name: str) -> int:
        """Takes somebody out of the group; returns the group's last seq at that moment."""
        seq: int = self.script(
            f"""
from django.db import transaction
from chat import actions
from chat.models import Conversation
with transaction.atomic():
    assert actions.remove_participant(conversation_id="{self.group_id}", user_id="{self.ids[name]}")
    seq = Conversation.objects.get(id="{self.group_id}").last_seq
print(seq)
"""
        )
        return seq

    def write(self, name: str, content: str, *, count: int = 1, conversation_id: str = "") -> int:
        """Has somebody write in a process of its own; returns the conversation's version then."""
        version: int = self.script(
            f"""
from uuid import UUID
from django.db import transaction
from chat.models import Conversation
from chat.writing import Draft, write_messages
where, who = UUID("{conversation_id or self.group_id}"), UUID("{self.ids[name]}")
with transaction.atomic():
    write_messages([Draft(conversation_id=where, sender_id=who, content={content!r}) for _ in range({count})])
print(Conversation.objects.get(id=where).version)
"""
        )
        return version

    def stored(self, conversation_id: str = "") -> list[tuple[int, str, str]]:
        """Every message of a conversation: its seq, id and content, as the database has them."""
        rows = self.script(
            f"""
import json
from chat.models import Message
rows = Message.objects.filter(conversation_id="{conversation_id or self.group_id}").order_by("seq")
print(json.dumps([(row.seq, str(row.id), row.content) for row in rows]))
"""
        )
        return [(seq, id, content) for seq, id, content in rows]


@pytest.fixture(scope="session")
def founded(installed: Database) -> Iterator[Town]:
    """The town that the others are copies of. Nobody may live in it."""
    database = installed.copy()
    try:
        found = json.loads(database.manage("shell", "-v", "0", input=FOUND_TOWN).strip().splitlines()[-1])
        yield Town(database, **found)
    finally:
        database.drop()


def a_copy(town: Town, env: Mapping[str, str] | None = None) -> Town:
    return Town(town.database.copy(env=env), town.ids, town.tokens, town.group_id, town.direct_id)


@pytest.fixture
def town(founded: Town) -> Iterator[Town]:
    """A town of the test's own."""
    copy = a_copy(founded)
    with copy.stack:
        yield copy
    copy.database.drop()


@pytest.fixture
def pulse(town: Town, running_pulse: RunPulse) -> PulseProcess:
    """The one Pulse process of the town."""
    return running_pulse(database=town.database)


@pytest.fixture(scope="module")
def shared_town(founded: Town) -> Iterator[Town]:
    """One town for all tests of a file, which live with each other's messages."""
    copy = a_copy(founded)
    with copy.stack:
        yield copy
    copy.database.drop()


@pytest.fixture(scope="module")
def shared(request: pytest.FixtureRequest, shared_town: Town, installed: Database) -> Iterator[PulseProcess]:
    """The shared town's one Pulse process."""
    with running(installed, request.node) as run:
        yield run(database=shared_town.database)


@pytest.fixture
def two_processes(town: Town, running_pulse: RunPulse) -> Callable[..., list[PulseProcess]]:
    """Starts two Pulse processes on one database, which hear each other by Redis."""

    def start(redis: RedisServer | None = None) -> list[PulseProcess]:
        env = {"REDIS_URL": redis.url if redis else os.environ["REDIS_URL"]}
        return [running_pulse(database=town.database, env=env) for _ in range(2)]

    assert ON_POSTGRES, "embedded, Pulse is one process"
    return start
