"""What a page does when frames and answers get lost between it and the server."""

import json
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route, WebSocketRoute, expect

from tests.browser.conftest import Join, Pair, Person, fill
from tests.installations import PulseProcess

pytestmark = [pytest.mark.browser, pytest.mark.processes]


@dataclass
class Line:
    """A page's socket with somebody on the line, who hears, swallows and puts in frames."""

    swallowed: set[str] = field(default_factory=set)
    """Types of the server's frames that never arrive."""
    sent: list[dict[str, Any]] = field(default_factory=list)
    answer: Callable[[dict[str, Any]], dict[str, Any] | None] = lambda frame: None
    """What the page is answered instead of the server's own answer; None asks the server."""
    page: WebSocketRoute | None = None

    def put_in(self, **frame: Any) -> None:
        assert self.page is not None
        self.page.send(json.dumps(frame))

    def hold(self, page: WebSocketRoute) -> None:
        self.page, server = page, page.connect_to_server()

        def from_page(text: str | bytes) -> None:
            frame = json.loads(text)
            self.sent.append(frame)
            answer = self.answer(frame)
            if answer is None:
                server.send(text)
            else:
                page.send(json.dumps(answer))

        def from_server(text: str | bytes) -> None:
            if json.loads(text)["type"] not in self.swallowed:
                page.send(text)

        page.on_message(from_page)
        server.on_message(from_server)


def on_the_line(page: Page) -> Line:
    """From the next page on."""
    line = Line()
    page.route_web_socket(re.compile("/ws/v1"), line.hold)
    return line


def conversation_of(person: Person) -> str:
    return urlsplit(person.page.url).path.rpartition("/")[2]


def refuse(route: Route) -> None:
    route.abort()


def test_starting_over_waits_for_the_newest_page(pulse: PulseProcess, alice_and_bob: Pair) -> None:
    alice, bob = alice_and_bob
    line = on_the_line(bob.page)
    bob.page.reload()
    expect(bob.message("Hello Bob")).to_be_visible()
    bob.page.wait_for_timeout(500)
    bob.page.route("**/history*", refuse)
    bob.page.route("**/changes*", refuse)
    line.swallowed = {"message.created", "heads"}
    fill(pulse, alice, bob, 1, 60)
    line.put_in(type="reset", conversation_id=conversation_of(bob), version=61)
    bob.page.wait_for_timeout(500)
    line.swallowed = {"heads"}
    alice.write("Behind the gap")
    expect(alice.message("Behind the gap")).to_be_visible()
    bob.page.wait_for_timeout(1_000)
    # It would look as if it followed, and as if what is missing was read.
    assert bob.texts() == ["Hello Bob"]
    expect(alice.tick("Behind the gap")).not_to_have_attribute("data-tick", "read")
    bob.page.unroute("**/history*")
    bob.page.unroute("**/changes*")
    expect(bob.message("Behind the gap")).to_be_visible()
    assert bob.texts()[-50:] == [*(f"Number {number}" for number in range(12, 61)), "Behind the gap"]
    expect(alice.tick("Behind the gap")).to_have_attribute("data-tick", "read")
    bob.write("There I am")
    expect(alice.message("There I am")).to_be_visible()


def test_a_page_that_is_ahead_of_a_restored_server_counts_on_from_there(
    pulse: PulseProcess, alice_and_bob: Pair
) -> None:
    alice, bob = alice_and_bob
    line = on_the_line(bob.page)
    bob.page.reload()
    expect(bob.message("Hello Bob")).to_be_visible()
    bob.page.wait_for_timeout(1_000)
    id = conversation_of(bob)
    with bob.page.expect_response(lambda answer: "/changes" in answer.url and answer.status == 409):
        line.put_in(type="caught_up", conversation_id=id, version=9_999, starred=[], hidden=[], marks=[])
        line.put_in(type="heads", conversations={id: 10_000})
    bob.page.wait_for_timeout(1_000)
    line.swallowed = {"message.created", "heads"}
    alice.write("Lost on the way")
    expect(alice.message("Lost on the way")).to_be_visible()
    bob.page.wait_for_timeout(300)
    line.swallowed = {"heads"}
    alice.write("The next one")
    expect(bob.message("Lost on the way")).to_be_visible()
    assert bob.texts() == ["Hello Bob", "Lost on the way", "The next one"]


@pytest.mark.parametrize("storage", ["keeps", "refuses"])
def test_what_is_sent_too_fast_waits_and_goes_out_once_and_in_order(alice_and_bob: Pair, storage: str) -> None:
    alice, bob = alice_and_bob
    if storage == "refuses":
        alice.page.add_init_script(
            "Storage.prototype.setItem = () => { throw new DOMException('', 'QuotaExceededError'); };"
        )
    line = on_the_line(alice.page)
    refused = iter([True, True])

    def answer(frame: dict[str, Any]) -> dict[str, Any] | None:
        if frame["type"] != "message.send" or not next(refused, False):
            return None
        return {"type": "error", "ref": frame["ref"], "code": "throttled", "detail": "That was too often."}

    line.answer = answer
    alice.page.reload()
    for number in range(1, 4):
        alice.write(f"Quick {number}")
    expect(alice.page.locator("[data-pending] [data-tick=sending]")).to_have_count(3)
    expect(alice.page.locator("textarea[name=content]")).to_have_value("")
    for person in (alice, bob):
        expect(person.message("Quick 3")).to_be_visible()
        assert person.texts() == ["Hello Bob", "Quick 1", "Quick 2", "Quick 3"]
    expect(alice.page.locator("[data-pending] article")).to_have_count(0)
    sent = [frame["content"] for frame in line.sent if frame["type"] == "message.send"]
    assert sent == ["Quick 1", "Quick 1", "Quick 1", "Quick 2", "Quick 3"]


def test_nothing_is_said_of_everybody_where_some_are_not_known(join: Join) -> None:
    alice, bob = join("Alice"), join("Bob")
    line = on_the_line(alice.page)
    alice.open_chat_with(bob.name)
    alice.write("Who has read this?")
    expect(alice.tick("Who has read this?")).not_to_have_attribute("data-tick", "read")
    known = {"user": {"id": str(uuid.uuid4()), "name": "Carol"}, "last_read_seq": 99, "last_delivered_seq": 99}
    answer = {"results": [known], "next": "/api/v1/more", "previous": None}
    alice.page.route("**/participants*", lambda route: route.fulfill(json=answer))
    marks = {"last_read_seq": 99, "last_delivered_seq": 99}
    with alice.page.expect_response("**/participants*"):
        line.put_in(type="receipt", conversation_id=conversation_of(alice), user_id=str(uuid.uuid4()), **marks)
    alice.page.wait_for_timeout(500)
    expect(alice.tick("Who has read this?")).to_have_attribute("data-tick", "sent")
