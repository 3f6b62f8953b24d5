"""What the pages' scripts fetch: stretches of history, and what changed."""

import re

import pytest
from django.test import Client

from accounts.models import User
from chat.models import Conversation, Hidden
from tests.chat.conftest import say
from tests.chat.test_pages import texts
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(client: Client, alice: User) -> Client:
    """Alice's, signed in."""
    client.post("/login", {"email": alice.email, "password": PASSWORD})
    return client


def test_changes_are_drawn_with_the_version_they_lead_to(browser: Client, alice: User, direct: Conversation) -> None:
    known = Conversation.objects.get(id=direct.id).version
    say(alice, direct, "After all")
    answer = browser.get(f"/chats/{direct.id}/changes?since={known}")
    assert texts(answer) == ["After all"]
    assert (int(answer["Pulse-Version"]), answer["Pulse-More"]) == (known + 1, "0")
    assert browser.get(f"/chats/{direct.id}/changes?since={known + 9}").status_code == 409


def test_a_page_of_history_names_the_version_from_which_to_go_on(
    browser: Client, alice: User, direct: Conversation
) -> None:
    version = browser.get(f"/chats/{direct.id}/history")["Pulse-Version"]
    say(alice, direct, "After that")
    assert texts(browser.get(f"/chats/{direct.id}/changes?since={version}")) == ["After that"]
    assert int(browser.get(f"/chats/{direct.id}/history")["Pulse-Version"]) == int(version) + 1


def test_any_number_of_hidden_messages_fits_into_an_answer(browser: Client, alice: User, direct: Conversation) -> None:
    hidden = [say(alice, direct, f"Hidden {number}")["id"] for number in range(150)]
    Hidden.objects.bulk_create(Hidden(user=alice, message_id=id) for id in hidden)
    answer = browser.get(f"/chats/{direct.id}/changes?since=0")
    assert set(re.findall(r'data-hidden-id="([^"]*)"', answer.content.decode())) == set(hidden)
    assert sum(len(name) + len(value) for name, value in answer.items()) < 4000
