"""Whatever people write comes back as it was, or is refused with a reason; wherever programs put it, nothing breaks."""

import base64
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import orjson
import pytest

from accounts.models import User
from chat.models import Conversation, Message
from pulse.lib.text import MESSAGE_MAX_BYTES, MESSAGE_MAX_CHARACTERS
from tests.accounts.conftest import Program
from tests.chat.conftest import fill, program_for, send
from tests.naughty import must_be_accepted, naughty_strings

pytestmark = pytest.mark.django_db

NAUGHTY, FEWER = naughty_strings(), naughty_strings(every=8)


@pytest.fixture
def alices(alice: User) -> Program:
    return program_for(alice)


def is_refusal(answer: Any, *statuses: int) -> bool:
    """Whether this is a problem document with one of these statuses, and says what is wrong."""
    body = orjson.loads(answer.content)
    assert answer["Content-Type"] == "application/problem+json", answer.content
    assert {"type", "title", "status", "detail", "code"} <= set(body)
    assert body["status"] == answer.status_code
    assert body["detail"]
    return answer.status_code in statuses


def test_what_is_written_comes_back_as_it_was_or_is_refused(alices: Program, group: Conversation) -> None:
    accepted = {}
    for text in NAUGHTY:
        answer = send(alices, group.id, text)
        if answer.status_code == 201:
            assert answer.json()["content"] == text
            accepted[answer.json()["id"]] = text
        else:
            assert is_refusal(answer, 400)
            assert answer.json()["errors"]["content"]
            assert not must_be_accepted(text), text
    assert len(accepted) > len(NAUGHTY) * 0.8
    assert {str(row.id): row.content for row in Message.objects.all()} == accepted
    read: dict[str, str] = {}
    path: str | None = f"/api/v1/conversations/{group.id}/messages?after=0&limit=100"
    while path:
        found = alices.get(path.removeprefix("/api/v1/")).json()
        read |= {message["id"]: message["content"] for message in found["results"]}
        path = found["next"]
    assert read == accepted


def test_nothing_breaks_where_an_id_is_expected(alices: Program, group: Conversation) -> None:
    for text in FEWER:
        path = quote(text, safe="")
        for where in (f"conversations/{path}", f"messages/{path}", f"conversations/{path}/messages"):
            assert is_refusal(alices.get(where), 404)
        assert is_refusal(send(alices, group.id, "Hello", id=text), 400)
        assert is_refusal(send(alices, group.id, "Hello", reply_to=text), 400)
        assert is_refusal(alices.post("conversations", {"user_id": text}), 400)
    assert not Message.objects.exists()


def test_nothing_breaks_where_a_number_a_flag_or_a_cursor_is_expected(alices: Program, group: Conversation) -> None:
    messages, chats = f"conversations/{group.id}/messages", "conversations"
    for text in FEWER:
        if text.isascii() and text.isdigit():
            continue
        value = quote(text, safe="")[:4000]
        for name in ("before", "after", "around", "limit"):
            assert is_refusal(alices.get(f"{messages}?{name}={value}"), 400)
        assert is_refusal(alices.get(f"conversations/{group.id}/changes?since={value}"), 400)
        assert is_refusal(alices.get(f"{chats}?cursor={value}"), 400)
        for name in ("unread", "archived"):
            if text.lower() not in {"true", "false", "0", "1"}:
                assert is_refusal(alices.get(f"{chats}?{name}={value}"), 400)
        assert alices.get(f"{chats}?{value}={value}").status_code in {200, 400}


STRANGE_VALUES: list[Any] = [
    *(None, True, False, 0, -1, 2**63, -(2**63), 1.5, 1e300, "", "x", "null", [], {}, [[]], "\x00", "\ud7ff"),
    *("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59-23:59"),
    *("2026-02-30T00:00:00Z", "2026-01-01T00:00:00", "2026-01-01", str(uuid4()), "x" * 3000),
]


def cursor_of(values: list[Any]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(values)).decode().rstrip("=")


def test_a_made_up_cursor_is_a_place_in_the_list_or_no_cursor(
    alices: Program, alice: User, group: Conversation
) -> None:
    fill(alice, group, 3)
    good = [0, True, "2026-01-01T00:00:00.000000Z", str(group.id)]
    assert alices.get(f"conversations?cursor={cursor_of(good)}").status_code == 200
    for place in range(4):
        for strange in STRANGE_VALUES:
            values = [*good[:place], strange, *good[place + 1 :]]
            answer = alices.get(f"conversations?cursor={cursor_of(values)}")
            assert answer.status_code == 200 or is_refusal(answer, 400), values
    for values in ([], [0], good[:3], [*good, 1], [*good] * 200):
        assert is_refusal(alices.get(f"conversations?cursor={cursor_of(values)}"), 400)
    for raw in (b"\xff\xfe", b"null", b'{"a": 1}', b'"abcd"', b"5", b"[" * 5000, b"[0, NaN, 1, 2]", b""):
        encoded = base64.urlsafe_b64encode(raw).decode()
        assert is_refusal(alices.get(f"conversations?cursor={encoded}"), 400)
    assert is_refusal(alices.get(f"conversations/{group.id}/participants?cursor={cursor_of(good)}"), 400)


def test_a_message_is_as_long_as_it_may_be_and_no_longer(alices: Program, group: Conversation) -> None:
    for text, status in (
        ("x" * MESSAGE_MAX_CHARACTERS, 201),
        ("x" * (MESSAGE_MAX_CHARACTERS + 1), 400),
        ("\U0001f600" * (MESSAGE_MAX_BYTES // 4), 201),
        ("\U0001f600" * (MESSAGE_MAX_BYTES // 4) + "x", 400),
        ("x" * 200_000, 400),
        ("x" * 300_000, 413),
    ):
        answer = send(alices, group.id, text)
        assert answer.status_code == status, len(text)
        assert status == 201 or is_refusal(answer, status)


@pytest.mark.parametrize("content", [None, 5, 1.5, True, [], {}, ["Hello"], {"text": "Hello"}])
def test_what_is_no_text_is_refused(alices: Program, group: Conversation, content: Any) -> None:
    answer = send(alices, group.id, content)
    assert is_refusal(answer, 400)
    assert set(answer.json()["errors"]) == {"content"}


def test_lone_surrogates_are_refused_however_they_are_written(alices: Program, group: Conversation) -> None:
    path = f"/api/v1/conversations/{group.id}/messages"
    for body in (
        b'{"content": "\\ud800"}',
        b'{"content": "\\udc00\\ud800"}',
        b'{"content": "\xed\xa0\x80"}',
        b'{"content": "\xff"}',
        b'{"content": "\xc0\x80"}',
        b'{"\\ud800": "Hello"}',
    ):
        headers = {"authorization": f"Bearer {alices.token}"}
        answer = alices.client.post(path, body, content_type="application/json", headers=headers)
        assert is_refusal(answer, 400)
    assert send(alices, group.id, "\U0001f600").json()["content"] == "\U0001f600"
