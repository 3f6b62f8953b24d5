"""A person's page: who finds whom there, and what leads to it."""

from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.actions.avatars import change_avatar
from accounts.models import Block, User
from chat import actions
from tests.accounts.conftest import browser_of
from tests.media.pictures import picture

pytestmark = pytest.mark.django_db


def test_bob_reads_what_alice_says_of_herself_and_writes_to_her(alice: User, bob: User) -> None:
    User.objects.filter(pk=alice.pk).update(about="Sails <b>often</b>", last_seen=timezone.now() - timedelta(days=1))
    change_avatar(user=alice, source=BytesIO(picture()))
    browser = browser_of(bob)
    page = browser.get(f"/people/{alice.id}")
    assert page.status_code == 200
    for shown in ("Alice", "Sails &lt;b&gt;often", "Last seen", 'class="avatar large"', 'src="/avatars/', "Block"):
        assert shown in page.text, shown
    assert alice.email not in page.text
    opened = browser.post("/new", {"user_id": str(alice.id)})
    assert opened.status_code == 303
    assert f'href="/people/{alice.id}"' in browser.get(opened["Location"]).text


def test_alice_sees_herself_as_others_do(alice: User) -> None:
    page = browser_of(alice).get(f"/people/{alice.id}").text
    assert "Edit your profile" in page
    assert "Block" not in page


def test_whoever_is_not_there_or_blocked_has_no_page(alice: User, bob: User, charlie: User, mia: User) -> None:
    browser = browser_of(alice)
    User.objects.filter(pk=charlie.pk).update(verified=False)
    User.objects.filter(pk=mia.pk).update(is_active=False)
    for one in (charlie.pk, mia.pk, uuid4()):
        assert browser.get(f"/people/{one}").status_code == 404
    assert Client().get(f"/people/{bob.pk}")["Location"] == f"/login?next=/people/{bob.pk}"
    block = Block.objects.create(blocker=bob, blocked=alice)
    assert browser.get(f"/people/{bob.pk}").status_code == 404
    block.delete()
    assert browser.get(f"/people/{bob.pk}").status_code == 200
    Block.objects.create(blocker=alice, blocked=bob)
    assert browser.get(f"/people/{bob.pk}").status_code == 404
    assert browser_of(bob).get(f"/people/{alice.pk}").status_code == 404


def test_a_chat_with_somebody_one_blocked_leads_to_no_page(alice: User, bob: User) -> None:
    chat, _ = actions.open_direct(actor=alice, peer_id=bob.id)
    actions.send_message(actor=alice, conversation_id=chat.id, content="Hello")
    browser = browser_of(alice)
    assert f'href="/people/{bob.id}"' in browser.get(f"/chats/{chat.id}").text
    Block.objects.create(blocker=alice, blocked=bob)
    assert f'href="/people/{bob.id}"' not in browser.get(f"/chats/{chat.id}").text


def test_who_looks_for_everybody_is_stopped_on_the_page_too(alice: User, bob: User, rate_limits: None) -> None:
    browser = browser_of(alice)
    assert [browser.get("/new?q=bo").status_code for _ in range(60)] == [200] * 60
    stopped = browser.get("/new?q=bo")
    assert stopped.status_code == 429
    assert "Wait a moment" in stopped.text
    assert "Bob" not in stopped.text
    assert browser.get("/new").status_code == 200
