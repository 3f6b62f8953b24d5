"""Settings in a real browser: pictures, themes, and what an open page does while nobody looks at it."""

import re
import time
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.conftest import Join, Pair, Person
from tests.clients import PATIENCE_SECONDS
from tests.installations import PulseProcess
from tests.media.pictures import picture

pytestmark = pytest.mark.browser

IMAGE: FilePayload = {"name": "me.png", "mimeType": "image/png", "buffer": picture()}
TOO_LARGE: FilePayload = {"name": "me.png", "mimeType": "image/png", "buffer": bytes(8 * 1024 * 1024 + 1)}

# A browser without a screen shows no notification and hides no page: both are noted or said instead.
LOOKED_AWAY = """
window.shown = [];
window.Notification = class {
  static permission = "granted";
  constructor(title, options) { this.title = title; Object.assign(this, options); window.shown.push(this); }
  close() { this.closed = true; }
};
Object.defineProperty(Document.prototype, "hidden", { get: () => window.lookedAway ?? false, configurable: true });
"""


def look(page: Page, *, away: bool) -> None:
    page.evaluate("away => { window.lookedAway = away; document.dispatchEvent(new Event('visibilitychange')); }", away)


def shown(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate(
        "shown.map(({title, body, icon, closed}) => ({title, body, icon: icon ?? '', closed: closed ?? false}))"
    )
    return found


def told(page: Page, count: int) -> list[dict[str, Any]]:
    """What was shown, once it was as many."""
    # Not wait_for_function: it would evaluate text, which our own policy forbids.
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(shown(page)) < count and time.monotonic() < deadline:
        page.wait_for_timeout(50)
    assert len(shown(page)) >= count
    return shown(page)


def wants(person: Person, *names: str) -> None:
    person.page.goto("/settings/notifications")
    for name in ("desktop", "preview", "sound"):
        person.page.locator(f"[name={name}]").set_checked(name in names)
    person.page.get_by_role("button", name="Save").click()
    expect(person.page.get_by_text("Your choice is saved")).to_be_visible()


def test_a_picture_is_seen_before_and_after_it_is_sent(join: Join) -> None:
    alice = join("Alice")
    page = alice.page
    page.goto("/settings/profile")
    image = page.locator("[data-avatar-form] .avatar img")
    expect(image).to_have_count(0)
    page.set_input_files("[name=file]", IMAGE)
    expect(image).to_have_attribute("src", re.compile("^blob:"))
    page.set_input_files("[name=file]", TOO_LARGE)
    expect(page.get_by_text("larger than 8 MB")).to_be_visible()
    expect(image).to_have_count(0)
    page.set_input_files("[name=file]", IMAGE)
    page.get_by_role("button", name="Use this picture").click()
    expect(page.get_by_text("Your picture is saved")).to_be_visible()
    expect(image).to_have_attribute("src", re.compile("^/avatars/[0-9a-f]{32}$"))
    assert image.evaluate("image => image.complete && image.naturalWidth") == 512


def test_a_picture_that_cannot_be_had_leaves_initials(join: Join) -> None:
    alice = join("Alice")
    alice.page.route("**/avatars/**", lambda route: route.fulfill(status=404))
    alice.page.goto("/settings/profile")
    alice.page.set_input_files("[name=file]", IMAGE)
    alice.page.get_by_role("button", name="Use this picture").click()
    expect(alice.page.get_by_text("Your picture is saved")).to_be_visible()
    avatar = alice.page.locator(".side .avatar")
    expect(avatar).to_have_text("A")
    # It lies over the letters, and hides them unless it goes.
    expect(avatar.locator("img")).to_have_count(0)


def test_a_theme_is_on_at_once_and_stays(join: Join) -> None:
    page = join("Alice").page
    page.goto("/settings/appearance")
    page.get_by_label("Dark").check()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your choice is saved")).to_be_visible()
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_the_sections_are_a_page_of_their_own_on_a_phone(join: Join) -> None:
    page = join("Alice").page
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/settings")
    expect(page.get_by_role("heading", name="Profile")).to_be_hidden()
    page.locator(".settings-nav").get_by_text("Devices").click()
    expect(page.get_by_role("heading", name="Devices", exact=True)).to_be_visible()
    page.get_by_label("Back to settings").click()
    expect(page.locator(".settings-nav")).to_be_visible()


def test_bob_is_told_of_what_alice_writes_while_he_looks_away(alice_and_bob: Pair) -> None:
    alice, bob = alice_and_bob
    address = bob.page.url
    bob.page.add_init_script(LOOKED_AWAY)
    wants(bob, "desktop", "preview", "sound")
    bob.open(address)
    alice.write("While you look")
    expect(bob.message("While you look")).to_be_visible()
    look(bob.page, away=True)
    alice.write("While you look away")
    assert told(bob.page, 1)[0] == {"title": alice.name, "body": "While you look away", "icon": "", "closed": False}
    expect(bob.page).to_have_title(re.compile(r"^\(\d+\)"))
    bob.write("I write myself")
    look(bob.page, away=False)
    assert [one["closed"] for one in shown(bob.page)] == [True]

    look(bob.page, away=True)
    for number in range(3):
        alice.write(f"Burst {number}")
    assert told(bob.page, 2)[1]["body"] in {"3 new messages", "2 new messages", "Burst 0"}


MUTE = """
from datetime import datetime, timezone
from chat.models import Participant
seat = Participant.objects.filter(conversation_id="{id}", user__email="{email}")
print(seat.update(muted_until=datetime(9999, 12, 31, tzinfo=timezone.utc)))
"""


def test_without_a_preview_only_who_wrote_is_told_and_muted_chats_are_silent(
    alice_and_bob: Pair, pulse: PulseProcess
) -> None:
    alice, bob = alice_and_bob
    address = bob.page.url
    bob.page.add_init_script(LOOKED_AWAY)
    wants(bob, "desktop")
    bob.open(address)
    look(bob.page, away=True)
    alice.write("A secret")
    assert told(bob.page, 1)[0]["body"] == "New message"

    pulse.manage("shell", "-v0", input=MUTE.format(id=address.rpartition("/")[2], email=bob.email))
    alice.write("Said to a muted chat")
    expect(bob.message("Said to a muted chat")).to_have_count(1)
    bob.page.wait_for_timeout(1_500)
    assert len(shown(bob.page)) == 1
