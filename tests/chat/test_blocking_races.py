"""Blocks amid everything else: two at once, amid messages, amid typing and reading, amid opening."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event as Signal
from typing import Any

import orjson
import pytest
from django.db import connections, transaction

from accounts.models import Block, User
from chat import actions
from chat.actions.blocks import block, unblock
from chat.errors import CannotPost
from chat.models import Conversation, Message, Participant
from chat.writer import Writer
from chat.writing import Outcome, Written
from pulse.lib.errors import DomainError, NotThere
from tests.chat.conftest import draft, fill, write
from tests.chat.test_writing_races import wait_until
from tests.listening import Listener
from tests.together import at_once, meanwhile

pytestmark = pytest.mark.django_db(transaction=True)


def test_twenty_blocks_at_once_are_one_and_two_who_block_each_other_both_do(
    alice: User, bob: User, direct: Conversation
) -> None:
    at_once([partial(block, actor=one, user_id=other.id) for one, other in ((alice, bob), (bob, alice)) * 10])
    pairs = set(Block.objects.values_list("blocker__name", "blocked__name"))
    assert pairs == {("Alice", "Bob"), ("Bob", "Alice")}
    assert Block.objects.count() == 2
    assert Conversation.objects.get().access_version == 2, "each moved the epoch once"
    at_once([partial(unblock, actor=one, user_id=other.id) for one, other in ((alice, bob), (bob, alice)) * 10])
    assert not Block.objects.exists()


def test_blocking_and_unblocking_at_once_leave_one_of_the_two(alice: User, bob: User, direct: Conversation) -> None:
    for _ in range(5):
        at_once([partial(change, actor=alice, user_id=bob.id) for change in (block, unblock, block, unblock)])
        kept = Block.objects.filter(blocker=alice).count()
        assert kept in {0, 1}
        [outcome] = write([draft(bob, direct)])
        assert isinstance(outcome, CannotPost if kept else Written)
        unblock(actor=alice, user_id=bob.id)


def test_after_the_commit_of_a_block_no_message_is_taken(
    alice: User, bob: User, direct: Conversation, writers: Callable[[], Writer]
) -> None:
    def write_on(person: User, over: Signal) -> list[Outcome]:
        own, outcomes = writers(), list[Outcome]()
        while not over.is_set():
            outcomes += [own.write(draft(person, direct)) for _ in range(5)]
            outcomes += write([draft(person, direct), draft(person, direct)])
        return [*outcomes, own.write(draft(person, direct))]

    def both_have_written(after: int) -> bool:
        fresh = Message.objects.filter(seq__gt=after)
        return all(fresh.filter(sender=person).count() >= 5 for person in (alice, bob))

    for blocker, blocked in ((alice, bob), (bob, alice), (alice, bob)):
        before = Conversation.objects.get().last_seq
        with meanwhile(partial(write_on, bob)) as bobs, meanwhile(partial(write_on, alice)) as alices:
            wait_until(partial(both_have_written, before))
            block(actor=blocker, user_id=blocked.id)
            last_seq = Conversation.objects.get().last_seq
            assert len(write([draft(alice, direct), draft(bob, direct)])) == 2
        assert Message.objects.order_by("-seq").values_list("seq", flat=True)[0] == last_seq
        for written in (bobs.result(), alices.result()):
            kinds = [type(outcome) for outcome in written]
            assert kinds == sorted(kinds, key=[Written, CannotPost].index), "refused from one moment on"
            assert {Written, CannotPost} == set(kinds)
        unblock(actor=blocker, user_id=blocked.id)


def test_who_opens_or_writes_while_a_block_is_being_made_waits_for_it_and_is_refused(alice: User, bob: User) -> None:
    def open_it() -> str:
        return tried(lambda: actions.open_direct(actor=bob, peer_id=alice.id))

    def write_it() -> str:
        return tried(lambda: actions.send_message(actor=bob, conversation_id=chat.id, content="Quick"))

    def tried(act: Callable[[], object]) -> str:
        try:
            act()
        except DomainError as error:
            return error.code
        finally:
            connections.close_all()
        return "done"

    actions.open_direct(actor=alice, peer_id=bob.id)
    for attempt, refusal in ((open_it, "not_found"), (write_it, "cannot_post")):
        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic():
                block(actor=alice, user_id=bob.id)
                waiting = pool.submit(attempt)
                with pytest.raises(TimeoutError):
                    waiting.result(0.7)
            assert waiting.result(20) == refusal
        unblock(actor=alice, user_id=bob.id)
        chat, _ = actions.open_direct(actor=bob, peer_id=alice.id)
    assert not Message.objects.exists()


def test_opening_amid_a_block_comes_before_it_or_not_at_all(alice: User, bob: User) -> None:
    def open_it() -> str:
        try:
            actions.open_direct(actor=bob, peer_id=alice.id)
        except NotThere:
            return "refused"
        return "opened"

    for _ in range(10):
        calls: list[Callable[[], Any]] = [open_it, partial(block, actor=alice, user_id=bob.id)]
        opened, _ = at_once(calls)
        assert Participant.objects.filter(user=bob).exists() == (opened == "opened")
        for person in (alice, bob):
            [outcome] = write([draft(person, Conversation.objects.get())])
            assert isinstance(outcome, DomainError)
        Participant.objects.all().delete()
        unblock(actor=alice, user_id=bob.id)


def test_what_is_typed_and_read_amid_a_block_carries_the_epoch_before_it_or_is_not_told(
    alice: User, bob: User, direct: Conversation, listener: Listener
) -> None:
    """A hub that knows the block's epoch drops all that carries an older one: then nothing of after it crosses."""
    fill(alice, direct, 400)

    def type_and_read(over: Signal) -> int:
        told = 0
        for seq in range(1, 401):
            actions.mark_read(user_id=bob.id, conversation_id=direct.id, seq=seq)
            try:
                actions.set_typing(user_id=bob.id, conversation_id=direct.id, active=True)
            except CannotPost:
                told += 1
            if over.is_set() and told > 5:
                break
        return told

    with meanwhile(type_and_read) as refused:
        wait_until(lambda: Participant.objects.get(user=bob).last_read_seq > 10)
        block(actor=alice, user_id=bob.id)
        wait_until(lambda: _frames(listener, "conversation.my", str(alice.id)) != [])
    assert refused.result() > 0
    crossing = [
        event for event in listener.events if orjson.loads(event.text or "{}").get("type") in {"typing", "receipt"}
    ]
    assert len(crossing) > 10
    assert {(event.access_version, event.fleeting) for event in crossing} == {(0, True)}
    assert Conversation.objects.get().access_version == 1


def _frames(listener: Listener, type: str, topic_end: str) -> list[dict[str, Any]]:
    frames = [orjson.loads(event.text) for event in listener.events if event.text and event.topic.endswith(topic_end)]
    return [frame for frame in frames if frame["type"] == type]
