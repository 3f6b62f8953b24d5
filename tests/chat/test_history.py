"""Pages of history and what has changed since: every edge of both, for whoever takes part and for nobody else."""

from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from chat.models import Conversation, Hidden, Message, Participant, Star
from tests.accounts.conftest import Program
from tests.chat.conftest import fill, program_for, say

pytestmark = pytest.mark.django_db

LARGEST = 2**63 - 1


@pytest.fixture
def ten(alice: User, group: Conversation) -> list[dict[str, Any]]:
    """Ten messages of Alice's in the group."""
    return fill(alice, group, 10)


@pytest.fixture
def bobs(bob: User) -> Program:
    return program_for(bob)


def page(program: Program, group: Conversation, query: str = "") -> dict[str, Any]:
    answer = program.get(f"conversations/{group.id}/messages?{query}")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    assert set(found) == {"results", "starred", "next", "previous"}
    return found


def seqs(found: dict[str, Any], key: str = "results") -> list[int]:
    return [message["seq"] for message in found[key]]


@pytest.mark.usefixtures("ten")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", range(1, 11)),
        ("limit=3", range(8, 11)),
        ("before=0", []),
        ("before=1", []),
        ("before=4", range(1, 4)),
        ("before=4&limit=2", range(2, 4)),
        ("before=11", range(1, 11)),
        (f"before={LARGEST}", range(1, 11)),
        ("after=0", range(1, 11)),
        ("after=0&limit=2", range(1, 3)),
        ("after=9", [10]),
        ("after=10", []),
        ("after=99", []),
        (f"after={LARGEST}", []),
        ("around=5&limit=4", range(3, 7)),
        ("around=5&limit=1", [5]),
        ("around=1&limit=4", range(1, 3)),
        ("around=0&limit=4", range(1, 3)),
        ("around=10&limit=4", [8, 9, 10]),
        ("around=99&limit=4", [9, 10]),
        (f"around={LARGEST}&limit=100", range(1, 11)),
    ],
)
def test_a_page_ascends_and_ends_where_it_should(
    bobs: Program, group: Conversation, query: str, expected: list[int]
) -> None:
    assert seqs(page(bobs, group, query)) == list(expected)


WRONG = ["-1", "+1", "x", "", "1.5", "1e3", "٣", "0x10", " 1", "1 ", "9" * 40, str(2**63), "%00", "%ff", "null", "[]"]


@pytest.mark.parametrize("name", ["before", "after", "around", "limit"])
@pytest.mark.parametrize("value", WRONG)
def test_what_is_no_number_is_refused(bobs: Program, group: Conversation, name: str, value: str) -> None:
    answer = bobs.get(f"conversations/{group.id}/messages?{name}={value}")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert set(answer.json()["errors"]) == {name}


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "before=1&after=2", "around=1&before=2", "after=1&around=1"])
def test_a_limit_out_of_range_and_two_places_at_once_are_refused(
    bobs: Program, group: Conversation, query: str
) -> None:
    assert bobs.get(f"conversations/{group.id}/messages?{query}").status_code == 400


def test_walking_to_the_beginning_and_back_visits_every_message_once(
    alice: User, bobs: Program, group: Conversation
) -> None:
    fill(alice, group, 25)
    back, found = [], page(bobs, group, "limit=4")
    assert found["next"] is None
    while True:
        back.append(seqs(found))
        if found["previous"] is None:
            break
        found = page(bobs, group, found["previous"].partition("?")[2])
    assert [seq for part in reversed(back) for seq in part] == list(range(1, 26))
    forth = [seqs(found)]
    while found["next"] is not None:
        found = page(bobs, group, found["next"].partition("?")[2])
        forth.append(seqs(found))
    assert [seq for part in forth for seq in part] == list(range(1, 26))


@pytest.mark.usefixtures("ten")
def test_what_is_beyond_a_page_is_told_truly(bob: User, bobs: Program, group: Conversation) -> None:
    middle = page(bobs, group, "around=5&limit=4")
    assert middle["previous"] == f"/api/v1/conversations/{group.id}/messages?before=3&limit=4"
    assert middle["next"] == f"/api/v1/conversations/{group.id}/messages?after=6&limit=4"
    Hidden.objects.create(user=bob, message=Message.objects.get(seq=10))
    newest = page(bobs, group)
    assert seqs(newest) == list(range(1, 10))
    assert newest["next"] is None, "the one after is hidden"


@pytest.mark.usefixtures("ten")
def test_history_begins_with_the_first_seq_and_ends_above_what_was_cleared(
    bob: User, alice: User, bobs: Program, group: Conversation
) -> None:
    Participant.objects.filter(user=bob).update(first_seq=4)
    assert seqs(page(bobs, group)) == list(range(4, 11))
    assert page(bobs, group)["previous"] is None
    assert seqs(page(bobs, group, "around=2&limit=4")) == [4, 5]
    Participant.objects.filter(user=bob).update(cleared_seq=6)
    assert seqs(page(bobs, group, "after=0")) == [7, 8, 9, 10]
    assert seqs(page(program_for(alice), group)) == list(range(1, 11))


@pytest.mark.usefixtures("alice")
def test_each_sees_single_messages_from_where_their_own_history_begins(
    bob: User, bobs: Program, alice: User, group: Conversation, ten: list[dict[str, Any]]
) -> None:
    Participant.objects.filter(user=bob).update(first_seq=4, cleared_seq=5)
    Hidden.objects.create(user=bob, message_id=UUID(ten[8]["id"]))
    alices = program_for(alice)
    for message in ten:
        seen = message["seq"] > 5 and message["seq"] != 9
        assert bobs.get(f"messages/{message['id']}").status_code == (200 if seen else 404)
        assert alices.get(f"messages/{message['id']}").json() == message


def test_charlie_sees_nothing_of_it(charlie: User, alice: User, group: Conversation) -> None:
    message = say(alice, group)
    program = program_for(charlie)
    for path in (
        f"conversations/{group.id}",
        f"conversations/{group.id}/messages",
        f"conversations/{group.id}/messages?around=1",
        f"conversations/{group.id}/changes?since=0",
        f"conversations/{group.id}/participants",
        f"messages/{message['id']}",
    ):
        refused = program.get(path)
        nowhere = program.get(path.replace(str(group.id), str(uuid4())).replace(message["id"], str(uuid4())))
        assert refused.status_code == 404
        assert refused.content == nowhere.content
        assert program_for(alice).get(path).status_code == 200
        assert Program().get(path).status_code == 401


def test_a_page_costs_the_same_however_long_the_history(
    alice: User, bobs: Program, group: Conversation, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    costs = []
    for count in (2, 60):
        fill(alice, group, count)
        with django_assert_max_num_queries(12) as queries:
            page(bobs, group, "limit=50")
        costs.append(len(queries.captured_queries))
    assert costs[0] == costs[1]


def test_what_has_expired_shows_nothing_though_nobody_swept_it(
    alice: User, bob: User, bobs: Program, group: Conversation
) -> None:
    gone = say(alice, group, "Burn after reading")
    answer = say(bob, group, "Done", reply_to_id=UUID(gone["id"]))
    assert answer["reply_to"]["excerpt"] == "Burn after reading"
    Message.objects.filter(id=gone["id"]).update(expires_at=timezone.now())
    tombstone, reply = page(bobs, group)["results"]
    assert (tombstone["content"], reply["reply_to"]["excerpt"]) == (None, "")
    assert tombstone["deleted_at"] == tombstone["expires_at"]
    assert "Burn" not in bobs.get("conversations").content.decode()
    assert "Burn" not in bobs.get(f"conversations/{group.id}/changes?since=0").content.decode()


# Changes


def changes(program: Program, group: Conversation, since: int, limit: int = 50) -> dict[str, Any]:
    answer = program.get(f"conversations/{group.id}/changes?since={since}&limit={limit}")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    assert set(found) == {"messages", "starred", "hidden", "version", "more"}
    return found


def touch(message: dict[str, Any], **fields: Any) -> None:
    """What an edit does: the message takes the conversation's next version."""
    room = Conversation.objects.get(id=message["conversation_id"])
    room.version += 1
    room.save(update_fields=["version"])
    Message.objects.filter(id=message["id"]).update(version=room.version, **fields)


def test_changes_tell_each_message_once_as_it_now_is_in_the_order_of_its_last_change(
    bobs: Program, group: Conversation, ten: list[dict[str, Any]]
) -> None:
    for text in ("a", "b", "c"):
        touch(ten[1], content=text, edited_at=timezone.now())
    touch(ten[4], content=None, deleted_at=timezone.now())
    everything = changes(bobs, group, 0)
    assert seqs(everything, "messages") == [1, 3, 4, 6, 7, 8, 9, 10, 2, 5]
    assert (everything["version"], everything["more"]) == (14, False)
    since = changes(bobs, group, 10)
    assert [(one["seq"], one["version"], one["content"]) for one in since["messages"]] == [(2, 13, "c"), (5, 14, None)]
    assert changes(bobs, group, 14)["messages"] == []


@pytest.mark.usefixtures("ten")
def test_changes_come_in_pages_that_say_there_is_more(bobs: Program, group: Conversation) -> None:
    known, seen, more = 0, [], True
    while more:
        found = changes(bobs, group, known, limit=4)
        seen += seqs(found, "messages")
        assert found["version"] == (known + 4 if found["more"] else 10)
        known, more = found["version"], found["more"]
    assert seen == list(range(1, 11))


@pytest.mark.usefixtures("ten")
@pytest.mark.parametrize("since", [11, 12, LARGEST])
def test_a_version_that_never_was_means_to_start_over(bobs: Program, group: Conversation, since: int) -> None:
    answer = bobs.get(f"conversations/{group.id}/changes?since={since}")
    assert (answer.status_code, answer.json()["code"]) == (409, "reset")
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("query", ["", *(f"since={value}" for value in WRONG), "since=0&limit=0", "since=0&limit=101"])
def test_changes_since_what_is_no_version_are_refused(bobs: Program, group: Conversation, query: str) -> None:
    assert bobs.get(f"conversations/{group.id}/changes?{query}").status_code == 400


def test_what_one_may_not_see_is_passed_over_and_the_version_still_moves_on(
    bob: User, alice: User, bobs: Program, group: Conversation, ten: list[dict[str, Any]]
) -> None:
    Participant.objects.filter(user=bob).update(first_seq=4)
    Hidden.objects.create(user=bob, message_id=UUID(ten[9]["id"]))
    for person, number in ((bob, 5), (alice, 6)):
        Star.objects.create(user=person, message_id=UUID(ten[number]["id"]))
    touch(ten[0], pinned_at=timezone.now())
    found = changes(bobs, group, 0)
    assert seqs(found, "messages") == list(range(4, 10))
    assert (found["starred"], found["hidden"]) == ([ten[5]["id"]], [ten[9]["id"]])
    assert found["version"] == 11
    assert page(bobs, group)["starred"] == [ten[5]["id"]]


def test_old_state_and_changes_make_the_new_state(alice: User, bobs: Program, group: Conversation) -> None:
    """Whoever puts the changes in by id has what a fresh fetch gives."""
    first = fill(alice, group, 6)
    mine = {one["id"]: one for one in page(bobs, group)["results"]}
    known = bobs.get(f"conversations/{group.id}").json()["version"]
    touch(first[2], content="edited", edited_at=timezone.now())
    fill(alice, group, 3)
    touch(first[3], content=None, deleted_at=timezone.now())
    for change in changes(bobs, group, known)["messages"]:
        mine[change["id"]] = change
    fresh = page(bobs, group)["results"]
    assert sorted(mine.values(), key=lambda one: one["seq"]) == fresh
    assert all(one["seq"] < other["seq"] for one, other in pairwise(fresh))
