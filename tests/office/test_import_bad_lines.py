"""A bad line is named by its number, and nothing of its file comes in unless the operator says so."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from accounts.models import User
from chat.models import Message
from pulse.office.importing.identities import group_id, message_id
from tests.office.archives import Say, everything, texts

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (b"{", "It isn’t valid JSON"),
        (b'{"id": 1, "content": "\xff"}', "It isn’t valid JSON"),
        (b"[1]", "It isn’t a JSON object"),
        (b'{"id": 1, "pad": "' + b"x" * (1 << 20) + b'"}', "It is longer than"),
        ({"id": None}, "id: It is missing"),
        ({"id": 1.5}, "id: It isn’t a whole number or a string"),
        ({"id": True}, "id: It isn’t a whole number or a string"),
        ({"id": ""}, "id: From 1 to"),
        ({"id": 1}, "id: An earlier line has it"),
        ({"sender": 5}, "sender: It isn’t a string"),
        ({"sender": " "}, "sender: A name needs something to read"),
        ({"sender": "n" * 101}, "sender: A name is at most"),
        ({"sender": "two\nlines"}, "sender: A name is a single line"),
        ({"conversation": None}, "conversation: It is missing"),
        ({"conversation": "c\x00"}, "conversation: A NUL"),
        ({"source": "a/b"}, "source: It can’t hold a slash"),
        ({"timestamp": None}, "timestamp: It is missing"),
        ({"timestamp": 1_700_000_000}, "timestamp: It isn’t a string"),
        ({"timestamp": "yesterday"}, "timestamp: It isn’t a time"),
        ({"timestamp": "2026-05-01T09:30:00"}, "timestamp: It doesn’t say its time zone"),
        ({"timestamp": "0001-01-01T00:00:00+14:00"}, "timestamp: It isn’t a time"),
        ({"timestamp": "0001-01-01T00:00:00Z"}, "timestamp: It lies before 1970"),
        ({"timestamp": "1970-01-01T00:59:59+01:00"}, "timestamp: It lies before 1970"),
        ({"timestamp": "2999-01-01T00:00:00Z"}, "timestamp: It lies in the future"),
        ({"content": "nul \x00"}, "content: A NUL"),
        ({"content": "x" * 10_001}, "content: A message is at most 10000 characters"),
        ({"content": "🦢" * 10_000 + "x"}, "content: A message is at most"),
        ({"content": " \u200b"}, "content: A message needs something to read"),
        ({"content": {"text": "hi"}}, "content: It isn’t a string"),
        ({"reply_to": [1]}, "reply_to: It isn’t a whole number or a string"),
        ({"reply_to": 99}, "reply_to: No earlier message"),
        ({"reply_to": 3}, "reply_to: No earlier message"),
        ({"reply_to": 2}, "reply_to: No earlier message"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_imported(
    refused: Callable[..., str], say: Say, bad: object, said: str
) -> None:
    good, elsewhere, third = say("nora", "good"), say("ben", "elsewhere", "#other"), say("mo", "mine")
    line = third | bad if isinstance(bad, dict) else bad

    answer = refused([good, elsewhere, line])

    assert f"line 3: {said}" in answer
    assert "Nothing was imported" in answer


def test_a_third_person_in_a_chat_of_two_is_refused(refused: Callable[..., str], say: Say) -> None:
    answer = refused([say("nora", "1", "dm/1"), say("ben", "2", "dm/1"), say("eve", "3", "dm/1")])

    assert "line 3: sender: dm/1 is a chat of two" in answer


def test_many_bad_lines_are_counted_and_the_first_fifty_shown(refused: Callable[..., str], say: Say) -> None:
    answer = refused([say("nora", "good"), *[b"{"] * 70])

    assert answer.count("It isn’t valid JSON") == 50
    assert "and 20 more bad lines" in answer


def test_skipping_bad_lines_imports_the_rest(bring: Callable[..., str], say: Say) -> None:
    lines = [
        say("nora", "one"),
        b"{",
        say("ben", "", reply_to=1),
        say("mo", "words stay", reply_to=2),
        b"",
        say("nora", "four", reply_to=1),
    ]

    said = bring(lines, "--skip-bad")

    assert texts(group_id("irc", "#garden/2026")) == ["one", "words stay", "four"]
    assert list(Message.objects.order_by("seq").values_list("reply_to_id", flat=True)) == [
        None,
        None,
        message_id("irc", "1"),
    ]
    assert "line 2: " in said
    assert "line 3: content" in said
    assert "line 4: reply_to" in said
    # And again it is the same.
    before = everything()
    bring(lines, "--skip-bad")
    assert everything() == before


def test_a_message_the_chat_does_not_take_is_reported(bring: Callable[..., str], say: Say) -> None:
    bring([say("nora", "one"), say("ben", "two")])
    User.objects.filter(name="ben").update(suspended_until=datetime(2999, 1, 1, tzinfo=UTC))

    with pytest.raises(pytest.fail.Exception, match=r"(?s)1 messages were refused.*line 2: "):
        bring([say("nora", "three"), say("ben", "four")])
    assert texts(group_id("irc", "#garden/2026")) == ["one", "two", "three"]
