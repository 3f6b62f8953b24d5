"""The chat pages as a browser without JavaScript meets them."""

import re
import uuid
from collections.abc import Callable
from html import unescape
from typing import Protocol

import pytest
from django.test import Client

from accounts.models import User
from chat import actions
from chat.models import Conversation, Message, Participant
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser_of() -> Callable[[User], Client]:
    """A browser in which the person has signed in by the page."""

    def sign_in(person: User) -> Client:
        client = Client()
        answer = client.post("/login", {"email": person.email, "password": PASSWORD})
        assert answer.status_code in {302, 303}
        return client

    return sign_in


@pytest.fixture
def chat(alice: User, bob: User) -> Conversation:
    """Alice and Bob have written to each other."""
    conversation, _ = actions.open_direct(actor=alice, peer_id=bob.id)
    say(alice, conversation, "Hello Bob")
    say(bob, conversation, "Hello Alice")
    return conversation


def say(person: User, conversation: Conversation, content: str) -> uuid.UUID:
    id = uuid.uuid4()
    actions.send_message(actor=person, conversation_id=conversation.id, content=content, id=id)
    return id


class Answer(Protocol):
    content: bytes


def texts(answer: Answer) -> list[str]:
    """What the messages of a page say, in order."""
    page = re.sub(r"<template.*?</template>", "", answer.content.decode(), flags=re.DOTALL)
    found = re.findall(r'<div class="text">(.*?)</div>', page, flags=re.DOTALL)
    return [unescape(re.sub(r"<[^>]+>", "", text)).strip() for text in found]


def hidden_field(answer: Answer, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', answer.content.decode())
    assert found is not None
    return found[1]


# --- The front page ---


def test_a_stranger_to_an_empty_server_is_told_how_to_begin(client: Client) -> None:
    page = client.get("/").content.decode()
    assert "Create the first account" in page
    assert "manage.py createsuperuser" in page


def test_whoever_is_signed_out_sees_what_pulse_is_and_signs_in(client: Client, alice: User) -> None:
    page = client.get("/").content.decode()
    assert 'href="/login"' in page
    assert "Create the first account" not in page
    assert "Alice" not in page


def test_alice_sees_her_chats(browser_of: Callable[[User], Client], alice: User, chat: Conversation) -> None:
    page = browser_of(alice).get("/").content.decode()
    assert "Hello Alice" in page
    assert f'href="/chats/{chat.id}"' in page


def test_only_unread_chats_are_listed_when_asked_for(
    browser_of: Callable[[User], Client], alice: User, bob: User, chat: Conversation
) -> None:
    assert f"/chats/{chat.id}" in browser_of(alice).get("/?unread=true").content.decode()
    actions.mark_read(user_id=alice.id, conversation_id=chat.id, seq=2)
    assert f"/chats/{chat.id}" not in browser_of(alice).get("/?unread=true").content.decode()


@pytest.mark.parametrize("query", ["cursor=x", "cursor=", "limit=0", "limit=x", "unread=maybe", "archived=%00"])
def test_a_mangled_address_of_the_list_breaks_nothing(
    browser_of: Callable[[User], Client], alice: User, query: str
) -> None:
    assert browser_of(alice).get(f"/?{query}").status_code in {200, 404}


# --- Who may see what ---


@pytest.mark.parametrize("path", ["", "/history", "/changes?since=0"])
def test_charlie_finds_nothing_where_alice_and_bob_talk(
    browser_of: Callable[[User], Client], charlie: User, chat: Conversation, path: str
) -> None:
    answer = browser_of(charlie).get(f"/chats/{chat.id}{path}")
    assert answer.status_code == 404
    assert "Hello" not in answer.content.decode()


def test_charlie_cannot_send_or_mark_what_alice_and_bob_say(
    browser_of: Callable[[User], Client], charlie: User, chat: Conversation
) -> None:
    browser = browser_of(charlie)
    assert browser.post(f"/chats/{chat.id}", {"content": "Hi"}).status_code == 404
    assert browser.post(f"/chats/{chat.id}/read", {"seq": "2"}).status_code == 404
    assert Message.objects.count() == 2


def test_charlie_gets_no_row_of_a_chat_he_is_not_in(
    browser_of: Callable[[User], Client], charlie: User, chat: Conversation
) -> None:
    answer = browser_of(charlie).get(f"/chats/rows?id={chat.id}&id=nonsense")
    assert answer.status_code == 200
    assert str(chat.id) not in answer.content.decode()


@pytest.mark.parametrize("path", ["/new", "/chats/rows", "/chats/{id}", "/chats/{id}/history", "/chats/{id}/changes"])
def test_whoever_is_signed_out_is_asked_to_sign_in(client: Client, chat: Conversation, path: str) -> None:
    answer = client.get(path.format(id=chat.id))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/login?next=")


# --- Sending without JavaScript ---


def test_alice_sends_without_javascript(browser_of: Callable[[User], Client], alice: User, chat: Conversation) -> None:
    browser = browser_of(alice)
    form = browser.get(f"/chats/{chat.id}")
    answer = browser.post(
        f"/chats/{chat.id}", {"content": "One line\r\nand another", "id": hidden_field(form, "id"), "reply_to": ""}
    )
    assert answer.status_code == 303
    assert answer["Location"].startswith(f"/chats/{chat.id}")
    assert Message.objects.latest("seq").content == "One line\nand another"


def test_sending_the_same_form_twice_sends_once(
    browser_of: Callable[[User], Client], alice: User, chat: Conversation
) -> None:
    browser = browser_of(alice)
    fields = {"content": "Once", "id": hidden_field(browser.get(f"/chats/{chat.id}"), "id")}
    assert [browser.post(f"/chats/{chat.id}", fields).status_code for _ in range(2)] == [303, 303]
    assert Message.objects.filter(content="Once").count() == 1


def test_what_was_written_stays_when_it_cannot_be_sent(
    browser_of: Callable[[User], Client], alice: User, chat: Conversation
) -> None:
    answer = browser_of(alice).post(f"/chats/{chat.id}", {"content": "x" * 10_001})
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "10000 characters" in page
    assert "x" * 10_001 in page


def test_an_empty_message_is_not_sent(browser_of: Callable[[User], Client], alice: User, chat: Conversation) -> None:
    assert browser_of(alice).post(f"/chats/{chat.id}", {"content": " \n "}).status_code == 400
    assert Message.objects.count() == 2


def test_alice_replies_without_javascript(
    browser_of: Callable[[User], Client], alice: User, bob: User, chat: Conversation
) -> None:
    browser = browser_of(alice)
    asked = say(bob, chat, "Are you coming?")
    form = browser.get(f"/chats/{chat.id}?reply_to={asked}")
    assert hidden_field(form, "reply_to") == str(asked)
    browser.post(
        f"/chats/{chat.id}",
        {"content": "Yes", "id": hidden_field(form, "id"), "reply_to": hidden_field(form, "reply_to")},
    )
    page = browser.get(f"/chats/{chat.id}").content.decode()
    assert Message.objects.latest("seq").reply_to_id == asked
    assert re.search(r'<a class="quote"[^>]*><b><bdi>Bob</bdi></b><span dir="auto">Are you coming\?', page)


def test_alice_marks_as_read_without_javascript(
    browser_of: Callable[[User], Client], alice: User, bob: User, chat: Conversation
) -> None:
    say(bob, chat, "News")
    assert browser_of(alice).post(f"/chats/{chat.id}/read", {"seq": "3"}).status_code == 303
    assert Participant.objects.get(user=alice, conversation=chat).last_read_seq == 3


# --- History ---


def test_history_is_read_page_by_page_without_javascript(
    browser_of: Callable[[User], Client], alice: User, chat: Conversation
) -> None:
    for number in range(3, 121):
        say(alice, chat, f"Message {number}")
    browser, address, seen = browser_of(alice), f"/chats/{chat.id}", list[str]()
    for _ in range(10):
        page = browser.get(address)
        seen = texts(page) + seen
        earlier = re.search(
            r'<p class="turn" data-earlier><a class="button bare" href="(\?before=\d+)"', page.content.decode()
        )
        if earlier is None:
            break
        address = f"/chats/{chat.id}{earlier[1]}"
    assert seen == ["Hello Bob", "Hello Alice", *(f"Message {number}" for number in range(3, 121))]


def test_a_message_has_an_address(browser_of: Callable[[User], Client], alice: User, chat: Conversation) -> None:
    for number in range(3, 121):
        say(alice, chat, f"Message {number}")
    page = browser_of(alice).get(f"/chats/{chat.id}?at=20")
    assert "Message 20" in texts(page)
    assert "Message 120" not in texts(page)
    assert 'data-at="20"' in page.content.decode()


@pytest.mark.parametrize(
    "query", ["at=x", "before=-1", "after=99999999999999999999999", "around=0", "before=0", "since=²"]
)
def test_a_mangled_address_of_history_breaks_nothing(
    browser_of: Callable[[User], Client], alice: User, chat: Conversation, query: str
) -> None:
    browser = browser_of(alice)
    assert browser.get(f"/chats/{chat.id}?{query}").status_code == 200
    assert browser.get(f"/chats/{chat.id}/history?{query}").status_code == 200
    assert browser.get(f"/chats/{chat.id}/changes?{query}").status_code in {200, 409}


def test_new_messages_are_divided_from_the_read(
    browser_of: Callable[[User], Client], alice: User, bob: User, chat: Conversation
) -> None:
    actions.mark_read(user_id=alice.id, conversation_id=chat.id, seq=2)
    say(bob, chat, "First")
    say(bob, chat, "Second")
    page = browser_of(alice).get(f"/chats/{chat.id}").content.decode()
    assert page.index("Hello Alice") < page.index("2 new messages") < page.index("First")


# --- Starting ---


def test_alice_finds_bob_by_name_and_writes_to_him(
    browser_of: Callable[[User], Client], alice: User, bob: User
) -> None:
    browser = browser_of(alice)
    assert f'value="{bob.id}"' in browser.get("/new?q=bo").content.decode()
    answer = browser.post("/new", {"user_id": str(bob.id)})
    assert answer.status_code == 303
    assert browser.get(answer["Location"]).status_code == 200


def test_alice_keeps_notes_to_herself(browser_of: Callable[[User], Client], alice: User) -> None:
    browser = browser_of(alice)
    address = browser.post("/new", {"user_id": str(alice.id)})["Location"]
    browser.post(address, {"content": "Passport"})
    page = browser.get(address)
    assert texts(page) == ["Passport"]
    assert "Notes to self" in page.content.decode()


@pytest.mark.parametrize("user_id", ["", "x", "6f1a3c0e-5d0f-4b5e-9a52-3c1d4f7b2a90"])
def test_nobody_can_be_written_to_who_is_not_there(
    browser_of: Callable[[User], Client], alice: User, user_id: str
) -> None:
    assert browser_of(alice).post("/new", {"user_id": user_id}).status_code == 404


@pytest.mark.parametrize(("query", "charset"), [("%00", "utf-8"), ("bo%00", "utf-8"), (r"\ud800", "unicode_escape")])
def test_text_that_nothing_can_hold_finds_nobody(
    browser_of: Callable[[User], Client], alice: User, bob: User, query: str, charset: str
) -> None:
    browser = browser_of(alice)
    answer = browser.generic("GET", f"/new?q={query}", content_type=f"text/plain; charset={charset}")
    assert answer.status_code == 200
    assert "Nobody here has a name" in answer.content.decode()
    assert "Bob" not in answer.content.decode()
