"""Hostile text, links and code: what people write is shown, never run, and the same wherever it is drawn."""

import re
import uuid

import pytest
from django.test import Client

from accounts.models import User
from chat.models import Conversation
from chat.rendering import message_html
from chat.text import text_html
from tests.chat.conftest import say
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</template></script><script>alert(1)</script>",
    "`<script>alert(1)</script>`",
    "```\n</code></pre><script>alert(1)</script>\n```",
    'https://example.org/"onmouseover="alert(1)',
    "https://example.org/<script>alert(1)</script>",
    "{{ settings.SECRET_KEY }}{% debug %}",
]


@pytest.mark.parametrize("content", HOSTILE)
def test_hostile_text_is_shown_as_it_was_written(
    client: Client, alice: User, bob: User, direct: Conversation, content: str
) -> None:
    User.objects.filter(id=bob.id).update(name=f"Bob {content}"[:100])
    say(bob, direct, content)
    client.post("/login", {"email": alice.email, "password": PASSWORD})
    page = client.get(f"/chats/{direct.id}").content.decode()
    assert 'class="message"' in page
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert 'onmouseover="alert' not in page


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "vbscript:x", "//evil.example", "file:///etc"]
)
def test_other_than_web_and_mail_addresses_are_no_links(link: str) -> None:
    assert "<a " not in text_html(f"see {link} there")


@pytest.mark.parametrize(
    ("content", "address"),
    [
        ("https://example.org.", "https://example.org"),
        ("(see https://example.org/a_(b))", "https://example.org/a_(b)"),
        ("HTTP://EXAMPLE.ORG/?a=1&b=2!", "HTTP://EXAMPLE.ORG/?a=1&amp;b=2"),
        ("mailto:alice@example.org, please", "mailto:alice@example.org"),
        ("https://example.org/\u202egpj.exe", "https://example.org/"),
    ],
)
def test_a_link_ends_where_a_reader_thinks_it_does(content: str, address: str) -> None:
    found = re.search(r'<a href="([^"]*)" target="_blank" rel="noopener noreferrer nofollow">', text_html(content))
    assert found is not None
    assert found[1] == address


def test_paragraphs_lines_and_code_are_kept() -> None:
    assert text_html("One\ntwo\n\nthree") == "<p>One<br>two</p><p>three</p>"
    assert "<code>if a &lt; b:\n    pass</code>" in text_html("```python\nif a < b:\n    pass\n```")
    assert text_html("run `a && b`") == "<p>run <code>a &amp;&amp; b</code></p>"


@pytest.mark.timeout(5)
@pytest.mark.parametrize(
    "piece", ["`", "```", "(", "http://a", "http://a)", "<@", "\n", "mailto:", "\n `", "]", "a.", " "]
)
def test_no_text_takes_long_to_draw(piece: str) -> None:
    text_html((piece * 10_000)[:10_000])
    text_html(("http://a" + piece * 10_000)[:10_000])


def test_the_socket_draws_a_message_as_the_pages_do(alice: User, direct: Conversation) -> None:
    message = {
        "id": str(uuid.uuid4()),
        "conversation_id": str(direct.id),
        "seq": 12_345,
        "version": 12_346,
        "type": "TEXT",
        "sender": {"id": str(alice.id), "name": "Alice", "avatar_url": None},
        "content": "Hi",
        "media": [],
        "location": None,
        "reply_to": None,
        "forwarded": False,
        "reactions": [],
        "mentions": [],
        "system": None,
        "created_at": "2026-11-22T14:05:00.000000Z",
        "edited_at": None,
        "deleted_at": None,
    }
    html = message_html(message)
    assert html.startswith('<article class="message" id="m12345"')
    assert 'data-seq="12345" data-version="12346"' in html
    assert '<time datetime="2026-11-22T14:05:00.000000Z">14:05</time>' in html
    assert "data-own" not in html
    assert "Message deleted" in message_html(message | {"deleted_at": message["created_at"], "content": None})
