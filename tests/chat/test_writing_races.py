"""Many write at once: order, gaps, removals and locks."""

import threading
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from accounts.models import User
from chat import actions, queries
from chat.models import Conversation, Message, Participant
from chat.writer import Writer
from chat.writing import Outcome, Written, write_messages
from pulse.lib.errors import NotThere
from tests.chat.conftest import draft, make_group, say, write
from tests.together import at_once, meanwhile

pytestmark = pytest.mark.django_db(transaction=True)

WRITERS = 8
EACH = 12


def test_eight_writers_leave_no_gap_and_no_reader_sees_a_later_message_first(
    alice: User, bob: User, group: Conversation, writers: Callable[[], Writer]
) -> None:
    def write_batches() -> int:
        return sum(len(write([draft(alice, group), draft(bob, group)])) for _ in range(EACH // 2))

    def write_through(writer: Writer) -> int:
        return sum(isinstance(writer.write(draft(bob, group)), Written) for _ in range(EACH))

    def read(over: threading.Event) -> list[list[int]]:
        """Asks for what is new, over and over, until nothing more will come."""
        seen: list[list[int]] = []
        known, ended = 0, False
        while not ended:
            ended = over.is_set()
            found = queries.changes(alice.id, group.id, since=known, limit=100)
            assert [one["version"] for one in found.messages] == sorted(one["version"] for one in found.messages)
            assert found.version >= max((one["version"] for one in found.messages), default=0)
            known = found.version
            seen.append([one["seq"] for one in found.messages])
        return seen

    with meanwhile(read) as reading:
        writing: list[Callable[[], int]] = [partial(write_through, writers()) for _ in range(WRITERS // 2)]
        writing += [write_batches] * (WRITERS // 2)
        assert sum(at_once(writing)) == WRITERS * EACH
    seen = reading.result()
    total = WRITERS * EACH
    assert [seq for page in seen for seq in page] == list(range(1, total + 1))
    assert sum(bool(page) for page in seen) > 3, "the reader must have looked while they wrote"
    group.refresh_from_db()
    assert (group.last_seq, group.version) == (total, total)
    rows = Message.objects.order_by("seq").values_list("seq", "version")
    assert all(version >= seq for seq, version in rows)
    assert group.last_message_id == Message.objects.get(seq=total).id


def test_batches_over_the_same_conversations_in_opposite_order_do_not_wait_for_each_other_for_ever(
    alice: User, bob: User
) -> None:
    rooms = [make_group(alice, [alice, bob]) for _ in range(4)]

    def write_often(person: User, order: list[Conversation]) -> list[Outcome]:
        return [outcome for _ in range(15) for outcome in write([draft(person, room) for room in order])]

    results = at_once([partial(write_often, alice, rooms), partial(write_often, bob, rooms[::-1])])
    assert all(isinstance(outcome, Written) for outcomes in results for outcome in outcomes)
    assert list(Conversation.objects.values_list("last_seq", flat=True)) == [30] * 4


def test_nothing_is_written_by_bob_once_his_removal_has_committed(alice: User, bob: User, group: Conversation) -> None:
    def write_on(person: User, over: threading.Event) -> list[Outcome]:
        outcomes: list[Outcome] = []
        for number in count():
            if over.is_set():
                return outcomes
            # Also within one transaction after others, as imports and forwards do.
            outcomes += write([draft(person, group, f"{person.name} {number}")])
        raise AssertionError

    for _ in range(4):
        before = Message.objects.filter(sender=bob).count()
        with meanwhile(partial(write_on, bob)) as bobs, meanwhile(partial(write_on, alice)) as alices:
            wait_until(lambda n=before: Message.objects.filter(sender=bob).count() >= n + 3)  # type: ignore[misc]  # a lambda in a loop
            last_seq = remove(group, bob)
            wait_until(lambda n=last_seq: Message.objects.filter(seq__gt=n).count() >= 3)  # type: ignore[misc]  # see above
        assert not Message.objects.filter(sender=bob, seq__gt=last_seq).exists()
        kinds = [type(outcome) for outcome in bobs.result()]
        assert kinds == sorted(kinds, key=[Written, NotThere].index), "he is refused from one moment on"
        assert {Written, NotThere} == set(kinds)
        assert {type(outcome) for outcome in alices.result()} == {Written}
        with transaction.atomic():
            actions.add_participants(conversation_id=group.id, user_ids=[bob.id])
    seqs = Message.objects.order_by("seq").values_list("seq", flat=True)
    assert list(seqs) == list(range(1, len(seqs) + 1))


def remove(conversation: Conversation, person: User) -> int:
    """Removes a participant; returns the last seq at the moment of the commit."""
    with transaction.atomic():
        assert actions.remove_participant(conversation_id=conversation.id, user_id=person.id)
        return Conversation.objects.get(id=conversation.id).last_seq


def wait_until(true: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(3000):
        if true():
            return
        pause.wait(0.01)
    raise AssertionError("it never came to pass")


def test_two_people_who_write_first_at_one_moment_are_both_seated_once(alice: User, bob: User) -> None:
    for _ in range(5):
        Participant.objects.all().delete()
        Conversation.objects.update(last_message=None)
        Message.objects.all().delete()
        Conversation.objects.all().delete()
        chat, _ = actions.open_direct(actor=alice, peer_id=bob.id)
        actions.open_direct(actor=bob, peer_id=alice.id)
        at_once([partial(say, alice, chat), partial(say, bob, chat)])
        assert Participant.objects.count() == 2
        assert set(Message.objects.values_list("seq", flat=True)) == {1, 2}


def test_twenty_openings_at_once_make_one_chat(alice: User, bob: User) -> None:
    def open_it(actor: User, peer: User) -> tuple[Any, bool]:
        conversation, new = actions.open_direct(actor=actor, peer_id=peer.id)
        return conversation.id, new

    opened = at_once([partial(open_it, alice, bob), partial(open_it, bob, alice)] * 10)
    assert {id for id, _ in opened} == {Conversation.objects.get().id}
    assert sum(new for _, new in opened) == 2, "new once to each of them"
    assert Participant.objects.count() == 2


def test_marks_set_at_once_never_go_back(alice: User, bob: User, group: Conversation) -> None:
    write([draft(alice, group) for _ in range(30)])
    moves = [
        partial(action, user_id=bob.id, conversation_id=group.id, seq=seq)
        for action in (actions.mark_read, actions.mark_delivered)
        for seq in (30, 3, 17, 29, 8)
    ]
    at_once(moves)
    seat = Participant.objects.get(user=bob)
    assert (seat.last_read_seq, seat.last_delivered_seq) == (30, 30)


def test_the_write_core_refuses_to_run_outside_a_transaction(alice: User, group: Conversation) -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        write_messages([draft(alice, group, id=uuid4())])
    assert not Message.objects.exists()
