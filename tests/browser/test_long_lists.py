"""Somebody with many chats: what their page asks and tells, and what it counts."""

import json
import re
import time

import pytest
from playwright.sync_api import WebSocket, expect

from tests.browser.conftest import Join, Person
from tests.installations import PulseProcess

pytestmark = [pytest.mark.browser, pytest.mark.processes]

ACQUAINT = """
from accounts.models import User
from chat import actions
person = User.objects.get(email={email!r})
for number in range({count}):
    other = User.objects.create(email=f"other{{number}}.{email}", name=f"Other {{number}}", verified=True)
    sender, receiver = {order}
    chat, _ = actions.open_direct(actor=sender, peer_id=receiver.id)
    actions.send_message(actor=sender, conversation_id=chat.id, content="Hello")
"""


def acquaint(pulse: PulseProcess, person: Person, count: int, *, order: str) -> None:
    """So many chats, with one message each: in ``order`` the sender and the receiver."""
    pulse.manage("shell", "-v0", input=ACQUAINT.format(email=person.email, count=count, order=order))


def test_chats_far_down_the_list_are_not_fetched(pulse: PulseProcess, join: Join) -> None:
    alice = join("Alice")
    acquaint(pulse, alice, 80, order="person, other")
    asked: list[str] = []
    alice.page.on("request", lambda request: asked.append(request.url) if "/chats/rows" in request.url else None)
    alice.page.goto("/")
    expect(alice.page.locator("[data-chat-list] li")).to_have_count(50)
    alice.page.wait_for_timeout(2_000)
    assert asked == []
    expect(alice.page.locator("[data-chat-list] li")).to_have_count(50)
    # What moves there comes up all the same.
    alice.page.context.new_page().goto("/")
    alice.page.context.pages[1].get_by_role("link", name="Older chats").click()
    alice.page.context.pages[1].locator(".chat", has_text=re.compile(r"Other 3\b")).click()
    alice.page.context.pages[1].locator("textarea[name=content]").fill("Long time")
    alice.page.context.pages[1].keyboard.press("Enter")
    expect(alice.page.locator("[data-chat-list] li").first).to_contain_text("Long time")


def test_many_unread_chats_are_told_of_little_by_little(pulse: PulseProcess, join: Join) -> None:
    alice = join("Alice")
    acquaint(pulse, alice, 70, order="other, person")
    told: list[tuple[float, str]] = []

    def listen(socket: WebSocket) -> None:
        def note(text: str | bytes) -> None:
            frame = json.loads(text)
            if frame["type"] == "delivered":
                told.append((time.monotonic(), frame["conversation_id"]))

        socket.on("framesent", note)

    alice.page.on("websocket", listen)
    alice.page.goto("/")
    expect(alice.page.locator("[data-unread-total]")).to_have_text("70")
    for _ in range(100):
        if len(told) == 70:
            break
        alice.page.wait_for_timeout(100)
    assert len({conversation_id for _, conversation_id in told}) == 70
    moments = [moment for moment, _ in told]
    assert max(sum(start <= moment < start + 0.5 for moment in moments) for start in moments) <= 40


ARCHIVE = """
from chat.models import Participant
from django.utils import timezone
Participant.objects.filter(user__email={email!r}).update(archived_at=timezone.now())
"""


def test_what_rests_in_the_archive_is_not_counted(pulse: PulseProcess, join: Join) -> None:
    alice, bob = join("Alice"), join("Bob")
    address = alice.open_chat_with(bob.name)
    alice.write("Hello Bob")
    expect(alice.message("Hello Bob")).to_be_visible()
    pulse.manage("shell", "-v0", input=ARCHIVE.format(email=bob.email))
    bob.page.goto("/?archived=true")
    expect(bob.page.locator(".chat .badge")).to_contain_text("1")
    alice.open(address)
    alice.write("Hello again")
    expect(bob.page.locator(".chat .badge")).to_contain_text("2")
    bob.page.wait_for_timeout(300)
    expect(bob.page.locator("[data-unread-total]")).to_be_hidden()
    expect(bob.page).to_have_title("Chats · Pulse")
