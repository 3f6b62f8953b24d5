"""Sending is idempotent: the same id makes one message, however often and from wherever it comes."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from accounts.models import User
from chat import actions
from chat.errors import IdConflict
from chat.models import Conversation, Message
from chat.writer import Writer
from chat.writing import Outcome, Written
from pulse.lib.errors import NotThere
from tests.chat.conftest import draft, make_group, program_for, say, send, write
from tests.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def messages_of(outcomes: list[Outcome]) -> list[dict[str, Any]]:
    return [outcome.message for outcome in outcomes if isinstance(outcome, Written)]


def test_twenty_retries_at_once_through_one_process_make_one_message(
    alice: User, direct: Conversation, writers: Callable[[], Writer]
) -> None:
    retry = partial(actions.send_message, actor=alice, conversation_id=direct.id, content="Hello", id=uuid4())
    sent = at_once([retry] * 20)
    assert [one.message for one in sent] == [sent[0].message] * 20
    assert sum(one.created for one in sent) == 1
    assert Message.objects.get().seq == 1


def test_twenty_retries_at_once_through_twenty_processes_make_one_message(alice: User, direct: Conversation) -> None:
    retry = partial(write, [draft(alice, direct, id=uuid4())])
    outcomes = [outcome for [outcome] in at_once([retry] * 20)]
    assert len(messages_of(outcomes)) == 20
    assert messages_of(outcomes) == [messages_of(outcomes)[0]] * 20
    assert sum(outcome.created for outcome in outcomes if isinstance(outcome, Written)) == 1
    direct.refresh_from_db()
    assert (direct.last_seq, direct.version, Message.objects.count()) == (1, 1, 1)


def test_one_id_in_two_conversations_at_once_is_one_message_and_one_conflict(
    alice: User, bob: User, direct: Conversation, group: Conversation, writers: Callable[[], Writer]
) -> None:
    first, second = writers(), writers()
    for _ in range(10):
        id = uuid4()
        company = [draft(bob, group, "In the same batch")]
        outcomes = at_once(
            [
                partial(write_through, first, [draft(alice, direct, id=id), *company]),
                partial(write_through, second, [draft(alice, group, id=id), *company]),
            ]
        )
        (in_direct, beside), (in_group, beside_too) = outcomes
        assert {type(in_direct), type(in_group)} == {Written, IdConflict}
        assert {type(beside), type(beside_too)} == {Written}
        assert Message.objects.filter(id=id).count() == 1


def write_through(writer: Writer, drafts: list[Any]) -> list[Outcome]:
    return [writer.write(one) for one in drafts]


@pytest.fixture
def stored(alice: User, direct: Conversation) -> UUID:
    """The id of a message that Alice sent to Bob."""
    return UUID(say(alice, direct, "Hello")["id"])


def test_a_retry_gets_the_stored_message_and_changes_nothing(alice: User, direct: Conversation, stored: UUID) -> None:
    say(alice, direct, "Another")
    direct.refresh_from_db()
    [again] = write([draft(alice, direct, "Hello", id=stored)])
    assert isinstance(again, Written)
    assert not again.created
    assert (again.message["id"], again.message["seq"]) == (str(stored), 1)
    before = (direct.last_seq, direct.version, direct.updated_at)
    direct.refresh_from_db()
    assert (direct.last_seq, direct.version, direct.updated_at) == before


@pytest.mark.usefixtures("stored")
def test_an_id_means_one_message_only(
    alice: User, bob: User, charlie: User, direct: Conversation, group: Conversation, stored: UUID
) -> None:
    [other_text] = write([draft(alice, direct, "Goodbye", id=stored)])
    [other_sender] = write([draft(bob, direct, "Hello", id=stored)])
    [other_place] = write([draft(alice, group, "Hello", id=stored)])
    [stranger] = write([draft(charlie, direct, "Hello", id=stored)])
    assert [type(one) for one in (other_text, other_sender, other_place)] == [IdConflict] * 3
    assert isinstance(stranger, NotThere)
    [same] = write([draft(alice, direct, "Hello", id=stored)])
    assert isinstance(same, Written)
    direct.refresh_from_db()
    group.refresh_from_db()
    assert (direct.last_seq, group.last_seq) == (1, 0)


def test_a_retry_of_an_edited_message_gets_it_as_it_now_is(alice: User, direct: Conversation, stored: UUID) -> None:
    Message.objects.filter(id=stored).update(content="Hello, Bob", edited_at=timezone.now())
    [again] = write([draft(alice, direct, "Hello", id=stored)])
    assert messages_of([again])[0]["content"] == "Hello, Bob"


def test_a_retry_of_a_deleted_message_gets_its_tombstone(alice: User, direct: Conversation, stored: UUID) -> None:
    Message.objects.filter(id=stored).update(content=None, deleted_at=timezone.now())
    [again] = write([draft(alice, direct, "Hello", id=stored)])
    [message] = messages_of([again])
    assert message["content"] is None
    assert message["deleted_at"] is not None


def test_a_retry_of_an_expired_message_gets_its_tombstone(alice: User, direct: Conversation, stored: UUID) -> None:
    Message.objects.filter(id=stored).update(expires_at=timezone.now())
    [again] = write([draft(alice, direct, "Hello", id=stored)])
    [message] = messages_of([again])
    assert message["content"] is None
    assert message["deleted_at"] == message["expires_at"]


def test_a_retry_within_one_batch_is_a_retry(alice: User, direct: Conversation) -> None:
    first, other = draft(alice, direct, id=uuid4()), draft(alice, direct, "Between", id=uuid4())
    contrary = draft(alice, direct, "Something else", id=first.id)
    outcomes = write([first, other, first, contrary])
    assert [getattr(one, "created", None) for one in outcomes] == [True, True, False, None]
    assert messages_of(outcomes)[2] == messages_of(outcomes)[0]
    assert isinstance(outcomes[3], IdConflict)
    direct.refresh_from_db()
    assert direct.last_seq == 2


def test_by_rest_a_message_is_created_once_and_found_after(
    alice: User, bob: User, direct: Conversation, writers: Callable[[], Writer]
) -> None:
    program, id = program_for(alice), str(uuid4())
    first, again = send(program, direct.id, "Hello", id=id), send(program, direct.id, "Hello", id=id)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.content == again.content
    assert program.get(f"messages/{id}").json() == first.json()
    assert program_for(bob).get(f"messages/{id}").json() == first.json()
    other = send(program, direct.id, "Goodbye", id=id)
    assert (other.status_code, other.json()["code"]) == (409, "id_conflict")


def test_by_rest_the_id_is_written_in_capitals_or_not(
    alice: User, direct: Conversation, writers: Callable[[], Writer]
) -> None:
    program, id = program_for(alice), str(uuid4())
    assert send(program, direct.id, "Hello", id=id.upper()).json()["id"] == id
    assert send(program, direct.id, "Hello", id=id).status_code == 200


def test_messages_without_an_id_are_never_the_same(alice: User, group: Conversation) -> None:
    assert say(alice, group, "Hello")["id"] != say(alice, group, "Hello")["id"]


def test_one_id_for_one_person_in_two_batches_of_many_conversations(alice: User, bob: User) -> None:
    """Retries of whole batches, at once and in opposite order: each message is there once."""
    groups = [make_group(alice, [alice, bob]) for _ in range(5)]
    batch = [draft(alice, one, id=uuid4()) for one in groups]
    results = at_once([partial(write, batch), partial(write, batch[::-1])] * 4)
    assert all(isinstance(outcome, Written) for outcomes in results for outcome in outcomes)
    assert Message.objects.count() == 5
