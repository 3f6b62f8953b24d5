"""The strings that break programs, said on a real socket and by real HTTP."""

import http.client
import json
from urllib.parse import quote

import pytest

from tests.installations import PulseProcess
from tests.naughty import must_be_accepted, naughty_strings
from tests.processes.conftest import Town

pytestmark = pytest.mark.processes

NAUGHTY = naughty_strings()


def test_what_is_said_on_a_socket_arrives_as_it_was_or_is_refused(shared_town: Town, shared: PulseProcess) -> None:
    alice, bob = shared_town.socket("Alice", shared), shared_town.socket("Bob", shared, "html=1")
    for number, text in enumerate(NAUGHTY):
        alice.say("message.send", ref=number, conversation_id=shared_town.group_id, content=text)
    alice.wait_until(lambda heard: len(heard.of_type("ack", "error")) == len(NAUGHTY), 60)
    said = {}
    for answer in alice.of_type("ack", "error"):
        text = NAUGHTY[answer["ref"]]
        if answer["type"] == "ack":
            assert answer["message"]["content"] == text
            said[answer["message"]["id"]] = text
        else:
            assert answer["code"] == "invalid"
            assert answer["detail"]
            assert not must_be_accepted(text), text
    assert len(said) > len(NAUGHTY) * 0.8
    bob.wait_until(lambda heard: len(heard.of_type("message.created")) == len(said), 60)
    events = bob.of_type("message.created")
    assert {event["message"]["id"]: event["message"]["content"] for event in events} == said
    assert all("<script>alert" not in event["html"] and "<article" in event["html"] for event in events)
    program = shared_town.program("Alice", shared)
    for id, text in list(said.items())[::25]:
        assert program.get(f"messages/{id}").json()["content"] == text


def test_wherever_else_they_are_put_the_socket_lives_on(shared_town: Town, shared: PulseProcess) -> None:
    alice = shared_town.socket("Alice", shared)
    answers = 0
    for text in NAUGHTY:
        for frame in (
            {"type": text},
            {"type": "ping", "ref": text[:100]},
            {"type": "message.send", "conversation_id": text, "content": "x"},
            {"type": "message.send", "conversation_id": shared_town.group_id, "content": "x", "id": text},
            {"type": "message.send", "conversation_id": shared_town.group_id, "content": "x", "reply_to": text},
            {"type": "resume", "conversations": {text: 1}},
            {"type": "read", "conversation_id": shared_town.group_id, "seq": text},
        ):
            alice.say_raw(json.dumps(frame))
            answers += 1
    alice.wait_until(lambda heard: len(heard.of_type("error", "pong", "ack")) == answers, 60)
    assert alice.of_type("ack") == []
    assert {error["code"] for error in alice.of_type("error")} == {"invalid", "unknown_type"}
    assert alice.ask("ping")["type"] == "pong"
    assert "Traceback" not in shared.last_words()


def test_by_http_nothing_of_it_is_a_fault(shared_town: Town, shared: PulseProcess) -> None:
    """What no well-behaved client sends, straight to the server: strange paths, queries, headers and lengths."""
    token = shared_town.tokens["Alice"]
    connection = http.client.HTTPConnection("127.0.0.1", shared.port, timeout=20)
    for text in NAUGHTY[::3]:
        value = quote(text, safe="")[:3000]
        for path in (f"/api/v1/conversations/{value}", f"/api/v1/conversations?cursor={value}", f"/api/v1/{value}"):
            connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
            answer = connection.getresponse()
            body = answer.read()
            assert answer.status in {200, 400, 404}, (path[:100], answer.status, body[:200])
            if answer.status != 200:
                assert answer.headers["Content-Type"] == "application/problem+json", (path[:100], body[:200])
                assert json.loads(body)["status"] == answer.status
    connection.close()


def test_a_body_of_unknown_length_is_refused_and_a_stated_one_is_read(shared_town: Town, shared: PulseProcess) -> None:
    headers = {"Authorization": f"Bearer {shared_town.tokens['Alice']}", "Content-Type": "application/json"}
    path = f"/api/v1/conversations/{shared_town.group_id}/messages"
    body = b'{"content": "In pieces"}'
    connection = http.client.HTTPConnection("127.0.0.1", shared.port, timeout=20)
    connection.request("POST", path, iter([body[:9], body[9:]]), headers, encode_chunked=True)
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())["code"]) == (411, "length_required")
    connection.close()
    connection.request("POST", path, body, headers)
    assert connection.getresponse().status == 201
    connection.close()
