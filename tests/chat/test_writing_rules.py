"""Who may write what where. A draft that breaks a rule fails alone, and takes no seq."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Block, User
from chat import actions
from chat.errors import CannotPost
from chat.models import Conversation, Message, Participant
from chat.writing import Written
from pulse.lib.errors import BadInput, NotThere
from tests.chat.conftest import draft, fill, make_group, say, write
from tests.listening import Listener

pytestmark = pytest.mark.django_db


def block(conversation: Conversation) -> None:
    low, high = User.objects.filter(id__in=[conversation.user_low_id, conversation.user_high_id]).order_by("id")
    Block.objects.create(blocker=low, blocked=high)


def block_back(conversation: Conversation) -> None:
    low, high = User.objects.filter(id__in=[conversation.user_low_id, conversation.user_high_id]).order_by("id")
    Block.objects.create(blocker=high, blocked=low)


def silence(conversation: Conversation) -> None:
    Participant.objects.filter(conversation=conversation).update(read_only=True)


def close(conversation: Conversation) -> None:
    Conversation.objects.filter(id=conversation.id).update(closed_at=timezone.now())


def suspend(conversation: Conversation) -> None:
    User.objects.update(suspended_until=timezone.now() + timedelta(days=1))


def deactivate(conversation: Conversation) -> None:
    User.objects.update(is_active=False)


REASONS = [block, block_back, silence, close, suspend, deactivate]


@pytest.mark.parametrize("refuse", REASONS)
def test_whoever_may_not_write_is_refused_but_a_retry_is_answered(
    alice: User, direct: Conversation, refuse: Callable[[Conversation], None]
) -> None:
    id = UUID(say(alice, direct)["id"])
    refuse(direct)
    new, again = write([draft(alice, direct, "More"), draft(alice, direct, id=id)])
    assert isinstance(new, CannotPost)
    assert isinstance(again, Written)
    assert again.message["seq"] == 1
    assert Message.objects.count() == 1


@pytest.mark.parametrize("refuse", [block, block_back])
def test_a_block_is_about_two_people_and_not_about_their_groups(
    alice: User, bob: User, charlie: User, direct: Conversation, refuse: Callable[[Conversation], None]
) -> None:
    refuse(direct)
    group = make_group(alice, [alice, bob])
    other = actions.open_direct_between(alice.id, charlie.id)
    assert isinstance(write([draft(bob, direct)])[0], CannotPost)
    assert isinstance(write([draft(bob, group)])[0], Written)
    assert isinstance(write([draft(alice, other)])[0], Written)


def test_whose_suspension_is_over_may_write_again(alice: User, direct: Conversation) -> None:
    User.objects.update(suspended_until=timezone.now() - timedelta(seconds=1))
    assert isinstance(write([draft(alice, direct)])[0], Written)


def test_a_system_line_says_what_happened_even_to_a_closed_group_by_somebody_who_left(
    alice: User, charlie: User, group: Conversation
) -> None:
    close(group)
    line = draft(charlie, group, type="SYSTEM", system={"event": "member_left"})
    outcome = write([line])[0]
    assert isinstance(outcome, Written)
    assert outcome.message["sender"]["name"] == "Charlie"
    assert isinstance(write([draft(charlie, group)])[0], NotThere)


def test_charlie_learns_nothing_of_a_chat_he_is_not_in(charlie: User, alice: User, direct: Conversation) -> None:
    known = say(alice, direct)
    drafts = [draft(charlie, direct, id=UUID(known["id"])), draft(charlie, direct), draft(charlie, Conversation())]
    outcomes = write(drafts)
    assert [type(outcome) for outcome in outcomes] == [NotThere] * 3
    assert len({str(outcome) for outcome in outcomes}) == 1


def test_a_draft_that_breaks_a_rule_fails_alone_and_takes_no_seq(
    alice: User, bob: User, charlie: User, direct: Conversation, group: Conversation
) -> None:
    block(direct)
    outcomes = write(
        [
            draft(alice, group, "one"),
            draft(charlie, group, "by a stranger"),
            draft(bob, group, "two"),
            draft(alice, direct, "to somebody who blocked her"),
            draft(bob, group, "an answer to nothing", reply_to_id=uuid4()),
            draft(bob, group, "three"),
        ]
    )
    assert [type(one) for one in outcomes] == [Written, NotThere, Written, CannotPost, BadInput, Written]
    assert list(Message.objects.order_by("seq").values_list("seq", "content")) == [(1, "one"), (2, "two"), (3, "three")]
    group.refresh_from_db()
    direct.refresh_from_db()
    assert (group.last_seq, group.version, direct.last_seq, direct.version) == (3, 3, 0, 0)


# Replies


def test_a_reply_quotes_a_message_of_the_same_conversation_alone(
    alice: User, bob: User, direct: Conversation, group: Conversation
) -> None:
    here, there = say(bob, group, "Shall we\n climb?"), say(bob, direct, "A secret")
    answer = say(alice, group, "Yes", reply_to_id=UUID(here["id"]))
    assert answer["reply_to"] == {
        "id": here["id"],
        "seq": 1,
        "sender_id": str(bob.id),
        "type": "TEXT",
        "excerpt": "Shall we climb?",
    }
    for wrong in (there["id"], str(uuid4())):
        outcome = write([draft(alice, group, "Yes", reply_to_id=UUID(wrong))])[0]
        assert isinstance(outcome, BadInput)
        assert set(outcome.errors) == {"reply_to"}


def test_a_reply_may_answer_a_message_of_the_same_batch(alice: User, bob: User, group: Conversation) -> None:
    first = draft(alice, group, "Shall we?", id=uuid4())
    _, answer = write([first, draft(bob, group, "Yes", reply_to_id=first.id)])
    assert isinstance(answer, Written)
    assert answer.message["reply_to"]["excerpt"] == "Shall we?"


def test_bob_cannot_quote_what_was_said_before_he_came_or_what_he_cleared(
    alice: User, bob: User, group: Conversation
) -> None:
    said = [UUID(message["id"]) for message in fill(alice, group, 3)]
    Participant.objects.filter(user=bob).update(first_seq=2, cleared_seq=2)
    outcomes = [write([draft(bob, group, "?", reply_to_id=id)])[0] for id in said]
    assert [type(outcome) for outcome in outcomes] == [BadInput, BadInput, Written]


def test_a_reply_shows_nothing_of_a_message_that_has_expired(alice: User, bob: User, direct: Conversation) -> None:
    gone = say(alice, direct, "Burn after reading")
    Message.objects.update(expires_at=timezone.now())
    answer = say(bob, direct, "What was it?", reply_to_id=UUID(gone["id"]))
    assert answer["reply_to"]["excerpt"] == ""
    assert Message.objects.get(id=answer["id"]).reply_excerpt == ""


# What writing does beside


def test_sending_reads_all_above_for_the_sender_alone(alice: User, bob: User, group: Conversation) -> None:
    fill(alice, group, 3)
    say(bob, group)
    marks = {row.user_id: (row.last_read_seq, row.last_delivered_seq) for row in Participant.objects.all()}
    assert marks == {alice.id: (3, 3), bob.id: (4, 4)}


def test_the_peer_takes_a_seat_with_the_first_message(alice: User, bob: User, listener: Listener) -> None:
    chat, _ = actions.open_direct(actor=alice, peer_id=bob.id)
    assert list(Participant.objects.values_list("user_id", flat=True)) == [alice.id]
    say(alice, chat)
    assert set(Participant.objects.values_list("user_id", flat=True)) == {alice.id, bob.id}
    say(alice, chat)
    assert Participant.objects.count() == 2


def test_a_note_to_oneself_is_read_by_its_writer(alice: User) -> None:
    notes, _ = actions.open_direct(actor=alice, peer_id=alice.id)
    note = say(alice, notes, "Buy milk")
    assert note["receiver_id"] == str(alice.id)
    assert Participant.objects.get().last_read_seq == 1


@pytest.mark.parametrize("own", [None, 60])
def test_a_message_expires_by_its_own_time_or_the_conversations(
    alice: User, direct: Conversation, own: int | None
) -> None:
    Conversation.objects.update(message_lifetime=3600)
    say(alice, direct, expires_in_seconds=own)
    message = Message.objects.get()
    assert message.expires_at is not None
    assert message.expires_at - message.created_at == timedelta(seconds=own or 3600)


# What it costs


def test_a_batch_of_forty_costs_as_many_queries_as_one_of_two(
    alice: User, bob: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    groups = [make_group(alice, [alice, bob]) for _ in range(4)]
    seen = []
    for count in (2, 40):
        with django_assert_max_num_queries(12) as queries:
            write([draft(alice, groups[number % 4], id=uuid4()) for number in range(count)])
        seen.append(len(queries.captured_queries))
    assert seen[0] == seen[1]
