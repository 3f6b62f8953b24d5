"""What the API makes of requests that aren't as they should be: a problem document that says why, never a 500."""

from typing import Any
from uuid import uuid4

import orjson
import pytest
from django.http import HttpResponse
from pytest_django import Settings

from accounts.models import User
from chat import api
from chat.models import Conversation, Message
from pulse.lib.throttling import Limit
from tests.accounts.conftest import Program
from tests.chat.conftest import program_for, send

pytestmark = pytest.mark.django_db

UNKNOWN_PATHS = ["", "nothing", "conversations/", "conversations/1", "messages", "conversations/%00", "%ff", "..%2f.."]


@pytest.fixture
def alices(alice: User) -> Program:
    return program_for(alice)


def ask(
    program: Program, method: str, path: str, body: bytes = b"", type: str = "application/json", **meta: Any
) -> Any:
    headers = {"authorization": f"Bearer {program.token}"} if program.token else {}
    return program.client.generic(method, f"/api/v1/{path}", body, content_type=type, headers=headers, **meta)


def check(answer: HttpResponse, status: int, code: str = "") -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = orjson.loads(answer.content)
    assert {"type", "title", "status", "detail", "code"} <= set(body)
    assert (body["status"], body["code"]) == (status, code or body["code"])
    assert body["title"]
    assert "Traceback" not in str(body)
    return body


def test_a_field_that_is_not_known_is_named_and_nothing_is_sent(alices: Program, group: Conversation) -> None:
    for field in ("seq", "sender", "type", "created_at", "contents", "Content", "__proto__", "\u202e", "x" * 1000):
        body = check(send(alices, group.id, "Hello", **{field: 1}), 400)
        assert set(body["errors"]) == {field}
    several = check(send(alices, group.id, "Hello", a=1, b=2, content_type="x"), 400)
    assert set(several["errors"]) == {"a", "b", "content_type"}
    assert not Message.objects.exists()
    assert send(alices, group.id, "Hello").status_code == 201


def test_fields_of_the_wrong_kind_are_named(alices: Program, group: Conversation) -> None:
    for field, values in {
        "id": [
            5,
            "x",
            "",
            [],
            {},
            True,
            None,
            str(uuid4()) + "x",
            str(uuid4()).replace("-", ""),
            "{" + str(uuid4())[1:],
        ],
        "reply_to": [5, "x", [], True],
    }.items():
        for value in values:
            body = check(send(alices, group.id, "Hello", **{field: value}), 400)
            assert set(body["errors"]) == {field}, value
    assert not Message.objects.exists()
    assert send(alices, group.id, "Hello", reply_to=None).status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b"{'content': 'Hello'}",
        b'{"content": "Hello",}',
        b'{"content": NaN}',
        b"\xff\xfe{\x00}\x00",
        b'\xef\xbb\xbf{"content": "Hello"}',
        b'{"content": "a\nb"}',
        b"null",
        b"[]",
        b'"Hello"',
        b"5",
        b"true",
        b"[" * 100_000,
        b'{"content":' * 5_000 + b"1" + b"}" * 5_000,
    ],
)
def test_a_body_that_is_no_object_is_refused(alices: Program, group: Conversation, body: bytes) -> None:
    for path in (f"conversations/{group.id}/messages", "conversations", f"conversations/{group.id}/read"):
        check(ask(alices, "POST", path, body), 400)
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    "type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml", "x"],
)
def test_only_json_is_understood(alices: Program, group: Conversation, type: str) -> None:
    path = f"conversations/{group.id}/messages"
    check(ask(alices, "POST", path, b'{"content": "Hello"}', type), 415, "unsupported_media_type")
    assert ask(alices, "POST", path, b'{"content": "Hello"}', "application/json; charset=utf-8").status_code == 201


def test_a_method_that_a_path_does_not_know_is_refused_with_those_it_does(alices: Program, group: Conversation) -> None:
    for path, wrong in {
        f"conversations/{group.id}/messages": ("PUT", "PATCH", "DELETE"),
        f"conversations/{group.id}/changes": ("POST", "PUT", "DELETE"),
        f"conversations/{group.id}/read": ("GET", "PUT", "DELETE"),
        "conversations": ("PUT", "PATCH", "DELETE"),
    }.items():
        for method in wrong:
            answer = ask(alices, method, path, b"{}")
            check(answer, 405, "method_not_allowed")
            assert method not in answer["Allow"]


@pytest.mark.parametrize("path", UNKNOWN_PATHS)
def test_a_path_that_is_not_there_says_so_to_everybody(alices: Program, path: str) -> None:
    for program in (alices, Program()):
        check(ask(program, "GET", path), 404, "not_found")


def test_whoever_is_not_signed_in_is_told_how_one_does(group: Conversation) -> None:
    for program in (Program(), Program("wrong"), Program("x" * 500)):
        answer = program.get(f"conversations/{group.id}")
        check(answer, 401, "not_authenticated")
        assert answer["WWW-Authenticate"].startswith("Bearer")
    for header in ("Bearer", "Bearer a b", "Basic xyz", "Bearer \x7f", "bearer"):
        check(Program().get(f"conversations/{group.id}", authorization=header), 401)


def test_a_body_without_a_length_is_not_read(alices: Program, group: Conversation) -> None:
    path = f"conversations/{group.id}/messages"
    check(ask(alices, "POST", path, HTTP_TRANSFER_ENCODING="chunked"), 411, "length_required")


@pytest.mark.parametrize(
    ("query", "meta"),
    [
        ("&".join(f"a{number}=1" for number in range(1500)), {}),
        ("", {"HTTP_HOST": "evil.example"}),
        ("", {"HTTP_HOST": "127.0.0.1:80:80"}),
        ("", {"HTTP_HOST": "a b"}),
    ],
)
def test_what_django_itself_refuses_is_a_problem_document_too(
    alices: Program, query: str, meta: dict[str, Any]
) -> None:
    check(ask(alices, "GET", f"conversations?{query}", **meta), 400, "malformed")


@pytest.mark.parametrize(
    ("query", "meta"),
    [
        ("", {"HTTP_ACCEPT": "text/html;q=x, \x7f"}),
        ("", {"HTTP_ACCEPT": "application/xml"}),
        ("", {"HTTP_COOKIE": "=;\x7f" * 100}),
        ("", {"HTTP_X_FORWARDED_FOR": "'; DROP TABLE"}),
        ("format=xml&x=%00&\ufffd=%ff", {}),
    ],
)
def test_what_the_api_does_not_ask_about_is_ignored(alices: Program, query: str, meta: dict[str, Any]) -> None:
    answer = ask(alices, "GET", f"conversations?{query}", **meta)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")


def test_whoever_writes_too_often_is_told_when_to_try_again(
    alices: Program, bob: User, group: Conversation, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.RATE_LIMITS = True
    monkeypatch.setattr(api, "SEND", Limit(f"send-{uuid4()}", tries=3, seconds=60))
    answers = [send(alices, group.id, "Hello") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [201, 201, 201, 429]
    check(answers[3], 429, "throttled")
    assert 1 <= int(answers[3]["Retry-After"]) <= 61
    assert send(program_for(bob), group.id, "Hello").status_code == 201, "it is hers alone"
