"""Blocking and privacy at the pages, without JavaScript."""

from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import Block, User
from chat.actions.blocks import block
from chat.limits import BLOCK
from chat.models import Conversation
from tests.accounts.conftest import browser_of
from tests.chat.conftest import say

pytestmark = pytest.mark.django_db(transaction=True)


def page(browser: Client, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_page_says_what_a_block_does_before_its_button_does_it(alice: User, bob: User, direct: Conversation) -> None:
    browser, chat = browser_of(alice), f"/chats/{direct.id}"
    say(bob, direct, "Hello Alice")
    assert f'href="/people/{bob.id}/block?next={chat}"' in page(browser, chat)
    asked = page(browser, f"/people/{bob.id}/block?next={chat}")
    assert "Neither of you can write to the other" in asked
    assert not Block.objects.exists(), "looking blocks nobody"
    answer = browser.post(f"/people/{bob.id}/block", {"next": chat})
    assert (answer.status_code, answer["Location"]) == (303, chat)
    assert Block.objects.get().blocked == bob


def test_the_blocker_can_unblock_where_they_would_write_and_the_other_sees_no_reason(
    alice: User, bob: User, direct: Conversation
) -> None:
    say(bob, direct, "Hello Alice")
    block(actor=alice, user_id=bob.id)
    browser, chat = browser_of(alice), f"/chats/{direct.id}"
    mine, theirs = page(browser, chat), page(browser_of(bob), chat)
    for drawn in (mine, theirs):
        assert "Hello Alice" in drawn
        assert "<textarea" not in drawn
    assert "You blocked <bdi>Bob</bdi>" in mine
    assert "You can’t write here." in theirs
    assert "blocked" not in theirs.lower()
    answer = browser.post(f"/people/{bob.id}/unblock", {"next": chat})
    assert (answer.status_code, answer["Location"]) == (303, chat)
    assert "<textarea" in page(browser, chat)
    assert "<textarea" in page(browser_of(bob), chat)


def test_alice_sees_whom_she_blocked_and_takes_it_back(alice: User, bob: User, charlie: User) -> None:
    browser = browser_of(alice)
    assert "You haven’t blocked anyone" in page(browser, "/settings/privacy")
    block(actor=charlie, user_id=alice.id)
    answer = browser.post(f"/people/{bob.id}/block")
    assert answer["Location"] == "/settings/privacy"
    shown = page(browser, "/settings/privacy")
    assert "You blocked Bob." in shown
    assert f'data-blocked-id="{bob.id}"' in shown
    assert "Charlie" not in shown
    browser.post(f"/people/{bob.id}/unblock")
    assert "You haven’t blocked anyone" in page(browser, "/settings/privacy")


def test_from_a_persons_own_page_one_comes_to_the_list_since_that_page_is_gone(alice: User, bob: User) -> None:
    answer = browser_of(alice).post(f"/people/{bob.id}/block", {"next": f"/people/{bob.id}"})
    assert answer["Location"] == "/settings/privacy"


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "javascript:alert(1)", "elsewhere"])
def test_nobody_is_led_elsewhere(alice: User, bob: User, target: str) -> None:
    browser = browser_of(alice)
    for change in ("block", "unblock"):
        assert browser.post(f"/people/{bob.id}/{change}", {"next": target})["Location"] == "/settings/privacy"
    assert target not in page(browser, f"/people/{bob.id}/block?next={target}")


def test_who_can_not_be_seen_can_not_be_blocked_by_a_page(alice: User, bob: User, charlie: User) -> None:
    block(actor=bob, user_id=alice.id)
    browser = browser_of(alice)
    for id in (uuid4(), alice.id, bob.id):
        for method in (browser.get, browser.post):
            assert method(f"/people/{id}/block").status_code == 404
        assert browser.post(f"/people/{id}/unblock").status_code == 404
    assert browser.get(f"/people/{charlie.id}/unblock").status_code == 405
    assert not Block.objects.filter(blocker=alice).exists()


def test_a_block_wants_a_form_of_ours(alice: User, bob: User) -> None:
    browser = browser_of(alice)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser.cookies
    for change in ("block", "unblock"):
        assert strict.post(f"/people/{bob.id}/{change}").status_code == 403
    assert strict.post("/settings/privacy", {"last_seen": "nobody"}).status_code == 403
    assert Client().post(f"/people/{bob.id}/block")["Location"].startswith("/login")
    assert not Block.objects.exists()


def test_the_pages_count_what_the_api_counts(alice: User, bob: User, rate_limits: None) -> None:
    browser = browser_of(alice)
    for _ in range(BLOCK.tries - 1):
        BLOCK.count(str(alice.id))
    assert browser.post(f"/people/{bob.id}/block")["Location"] == "/settings/privacy"
    refused = browser.post(f"/people/{bob.id}/block")
    assert (refused.status_code, int(refused["Retry-After"]) > 0) == (429, True)
    browser.post(f"/people/{bob.id}/unblock", {"next": "/settings/privacy"})
    assert "Wait a moment" in page(browser, "/settings/privacy")
    assert Block.objects.get().blocked == bob, "unblocking counts too"


def test_privacy_settings_are_kept_and_shown(alice: User) -> None:
    browser = browser_of(alice)
    shown = page(browser, "/settings/privacy")
    assert '<option value="everyone" selected>' in shown
    assert "Groups always show it" in shown
    assert browser.post("/settings/privacy", {"last_seen": "nobody"}).status_code == 302
    alice.refresh_from_db()
    assert (alice.preferences["last_seen"], alice.preferences["read_receipts"]) == ("nobody", False)
    shown = page(browser, "/settings/privacy")
    assert "are saved" in shown
    assert '<option value="nobody" selected>' in shown
    refused = browser.post("/settings/privacy", {"last_seen": "friends", "read_receipts": "on"})
    assert refused.status_code == 400
    alice.refresh_from_db()
    assert alice.preferences["last_seen"] == "nobody"
