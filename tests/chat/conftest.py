"""Conversations to write in, and short ways to write in them."""

import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any
from uuid import UUID

import pytest
from django.db import connections, transaction

from accounts.actions import start_session
from accounts.models import User
from chat import actions
from chat.models import Conversation
from chat.writer import Writer, writer
from chat.writing import Draft, Outcome, Written, write_messages
from groups.models import Group
from pulse.lib.ids import uuid7
from tests.accounts.conftest import Program


@pytest.fixture
def direct(alice: User, bob: User) -> Conversation:
    """Alice and Bob's chat, with both in it and nothing said yet."""
    return actions.open_direct_between(alice.id, bob.id)


@pytest.fixture
def group(alice: User, bob: User) -> Conversation:
    """Alice's group, with Bob in it."""
    return make_group(alice, [alice, bob])


def make_group(founder: User, members: Collection[User], *, name: str = "Climbing") -> Conversation:
    with transaction.atomic():
        group = Group.objects.create(name=name, created_by=founder)
        return actions.make_group_conversation(group_id=group.id, user_ids=[member.id for member in members])


def draft(person: User, conversation: Conversation, content: str = "Hello", **fields: Any) -> Draft:
    return Draft(conversation_id=conversation.id, sender_id=person.id, content=content, **fields)


def write(drafts: Sequence[Draft], **options: Any) -> list[Outcome]:
    """Writes in a transaction of its own, as another process would."""
    with transaction.atomic():
        return write_messages(drafts, **options)


def say(person: User, conversation: Conversation, content: str = "Hello", **fields: Any) -> dict[str, Any]:
    """Writes one message that nobody has a reason to refuse; returns it."""
    outcome = write([draft(person, conversation, content, **fields)])[0]
    assert isinstance(outcome, Written), outcome
    return outcome.message


def fill(person: User, conversation: Conversation, count: int) -> list[dict[str, Any]]:
    """Writes messages 1, 2, 3 and so on."""
    outcomes = write([draft(person, conversation, str(number)) for number in range(1, count + 1)])
    return [outcome.message for outcome in outcomes if isinstance(outcome, Written)]


def program_for(person: User) -> Program:
    """A program that is signed in as the person."""
    _, token = start_session(user=person, device_id=str(uuid7()), platform="CLI", name="", address="127.0.0.1")
    return Program(token)


def send(program: Program, conversation_id: UUID | str, content: Any, **fields: Any) -> Any:
    return program.post(f"conversations/{conversation_id}/messages", {"content": content, **fields})


def let_go(writer: Writer) -> None:
    """Has a writer's thread close its database connection, so that the test database can be dropped."""
    closed = threading.Event()

    def close(_: Outcome) -> None:
        connections.close_all()
        closed.set()

    writer.submit(Draft(conversation_id=uuid7(), sender_id=uuid7(), content=""), close)
    assert closed.wait(20)


@pytest.fixture
def writers() -> Iterator[Callable[[], Writer]]:
    """Makes writers: each is what another process would have."""
    made: list[Writer] = []

    def make() -> Writer:
        made.append(Writer())
        return made[-1]

    yield make
    for one in [*made, writer()]:
        let_go(one)
