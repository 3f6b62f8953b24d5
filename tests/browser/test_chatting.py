"""Two people chat in two real browsers against a real server."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Join, Pair, fill, sign_in
from tests.installations import PulseProcess

pytestmark = [pytest.mark.browser, pytest.mark.processes]


def test_two_people_chat_live_both_ways(alice_and_bob: Pair) -> None:
    alice, bob = alice_and_bob
    alice.write("How are you?")
    expect(bob.message("How are you?")).to_be_visible()
    bob.write("Well, and you?")
    expect(alice.message("Well, and you?")).to_be_visible()
    alice.write("<b>Fine</b> https://example.org/x.")
    expect(bob.page.get_by_role("link", name="https://example.org/x", exact=True)).to_have_attribute(
        "href", "https://example.org/x"
    )
    assert alice.texts() == bob.texts()
    assert bob.message("Well, and you?").get_attribute("data-own") == ""
    assert alice.message("Well, and you?").get_attribute("data-own") is None
    # A live page is what a fresh one is.
    live = alice.texts()
    alice.page.reload()
    assert alice.texts() == live


def test_alice_sees_that_bob_types_and_that_he_has_read(alice_and_bob: Pair) -> None:
    alice, bob = alice_and_bob
    expect(alice.tick("Hello Bob")).to_have_attribute("data-tick", "read")
    bob.page.locator("textarea[name=content]").press_sequentially("Wait")
    expect(alice.page.get_by_text(f"{bob.name} is typing")).to_be_visible()
    bob.write("Wait a moment")
    expect(alice.message("Wait a moment")).to_be_visible()
    expect(alice.page.get_by_text(f"{bob.name} is typing")).to_be_hidden()


def test_what_bob_does_not_look_at_is_delivered_and_counted(alice_and_bob: Pair) -> None:
    alice, bob = alice_and_bob
    expect(alice.tick("Hello Bob")).to_have_attribute("data-tick", "read")
    bob.page.goto("/")
    alice.write("Are you there?")
    expect(alice.tick("Are you there?")).to_have_attribute("data-tick", "delivered")
    row = bob.page.locator(".chat", has_text=alice.name)
    expect(row).to_contain_text("Are you there?")
    expect(row.locator(".badge")).to_contain_text("1")
    expect(bob.page.locator("[data-unread-total]")).to_have_text("1")
    expect(bob.page).to_have_title("(1) Chats · Pulse")
    row.click()
    expect(bob.page.get_by_role("separator", name="1 new message")).to_be_visible()
    expect(alice.tick("Are you there?")).to_have_attribute("data-tick", "read")
    expect(bob.page.locator("[data-unread-total]")).to_be_hidden()


def test_a_new_chat_appears_in_the_list_by_itself(join: Join) -> None:
    alice, bob = join("Alice"), join("Bob")
    expect(bob.page.get_by_text("No chats yet")).to_be_visible()
    alice.open_chat_with(bob.name)
    alice.write("Surprise")
    expect(bob.page.locator(".chat", has_text=alice.name)).to_contain_text("Surprise")
    expect(bob.page.get_by_text("No chats yet")).to_be_hidden()


def test_alice_replies_and_changes_her_mind(alice_and_bob: Pair) -> None:
    alice, bob = alice_and_bob
    bob.write("Shall we go?")
    alice.message("Shall we go?").hover()
    alice.message("Shall we go?").get_by_label("Reply").click()
    quote = alice.page.locator(".composer-quote")
    expect(quote).to_contain_text("Shall we go?")
    alice.page.keyboard.press("Escape")
    expect(quote).to_be_hidden()
    alice.message("Shall we go?").hover()
    alice.message("Shall we go?").get_by_label("Reply").click()
    alice.write("Yes")
    expect(quote).to_be_hidden()
    expect(bob.message("Yes").locator(".quote")).to_contain_text("Shall we go?")
    expect(bob.message("Yes").locator(".quote bdi")).to_have_text(bob.name)


def test_bob_catches_up_on_what_he_missed(alice_and_bob: Pair) -> None:
    alice, bob = alice_and_bob
    bob.page.context.set_offline(True)
    for number in range(5):
        alice.write(f"Missed {number}")
    expect(alice.message("Missed 4")).to_be_visible()
    bob.page.context.set_offline(False)
    expect(bob.message("Missed 4")).to_be_visible(timeout=40_000)
    assert bob.texts() == alice.texts()


def test_a_message_that_cannot_be_sent_says_so(pulse: PulseProcess, alice_and_bob: Pair) -> None:
    alice, _ = alice_and_bob
    alice.write("x" * 10_001)
    failed = alice.page.locator("[data-pending] article[data-state=failed]")
    expect(failed).to_contain_text("Not sent.")
    alice.write("This one can")
    expect(alice.message("This one can")).to_be_visible()
    failed.get_by_role("button", name="Discard").click()
    expect(failed).to_have_count(0)


def test_history_scrolls_back_in_order_without_a_jump(pulse: PulseProcess, join: Join) -> None:
    alice, bob = join("Alice"), join("Bob")
    fill(pulse, alice, bob, 1, 300)
    alice.open_chat_with(bob.name)
    page = alice.page
    expect(alice.message("Number 300")).to_be_in_viewport()
    log = page.locator(".scroll:has(.log)")
    for _ in range(60):
        if page.get_by_text("The conversation begins here.").is_visible():
            break
        before = page.evaluate(FIRST_VISIBLE)
        earlier = alice.page.locator(".log article").count()
        log.evaluate("scroll => { scroll.scrollTop = Math.max(0, scroll.scrollTop - 400); }")
        page.wait_for_timeout(150)
        assert alice.page.locator(".log article").count() >= earlier
        assert page.evaluate(FIRST_VISIBLE) <= before
    expect(page.get_by_text("The conversation begins here.")).to_be_visible()
    assert alice.texts() == [f"Number {number}" for number in range(1, 301)]


FIRST_VISIBLE = """() => {
    const top = document.querySelector(".scroll:has(.log)").getBoundingClientRect().top;
    const visible = [...document.querySelectorAll(".log article")].find((e) => e.getBoundingClientRect().bottom > top);
    return Number(visible.dataset.seq);
}"""


def test_loading_history_does_not_move_what_is_read(pulse: PulseProcess, join: Join) -> None:
    alice, bob = join("Alice"), join("Bob")
    fill(pulse, alice, bob, 1, 120)
    address = alice.open_chat_with(bob.name)
    alice.open(f"{address}?at=60")
    middle = alice.message("Number 60")
    expect(middle).to_be_in_viewport()
    alice.page.wait_for_timeout(1_000)
    place = middle.bounding_box()
    bob.open(address)
    bob.write("Something new")
    expect(alice.page.locator(".jump")).to_be_visible()
    alice.page.wait_for_timeout(500)
    assert place is not None
    assert middle.bounding_box() == pytest.approx(place, abs=2)
    alice.page.get_by_role("link", name="To the latest messages").click()
    expect(alice.message("Something new")).to_be_in_viewport()


def test_a_long_day_of_chat_leaves_a_small_page(pulse: PulseProcess, join: Join) -> None:
    alice, bob = join("Alice"), join("Bob")
    address = alice.open_chat_with(bob.name)
    alice.write("Begin")
    expect(alice.message("Begin")).to_be_visible()
    fill(pulse, alice, bob, 1, 450)
    expect(alice.message("Number 450")).to_be_visible(timeout=30_000)
    bob.open(address)
    expect(alice.page.locator(".log article")).to_have_count(400)
    assert alice.texts() == [f"Number {number}" for number in range(51, 451)]


def test_without_javascript_one_can_read_and_write(pulse: PulseProcess, browser: Browser, alice_and_bob: Pair) -> None:
    alice, bob = alice_and_bob
    context = browser.new_context(base_url=pulse.url, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, alice.email)
    page.get_by_role("link", name=bob.name).click()
    page.locator("textarea[name=content]").fill("By hand")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("article .text", has_text="By hand")).to_be_visible()
    expect(bob.message("By hand")).to_be_visible()
    context.close()


def test_signing_out_elsewhere_ends_the_open_page(alice_and_bob: Pair) -> None:
    alice, _ = alice_and_bob
    other = alice.page.context.new_page()
    other.goto("/settings/devices")
    other.get_by_role("button", name="Sign out").first.click()
    expect(alice.page).to_have_url(re.compile("/login"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_scrolls_sideways_on_a_phone(alice_and_bob: Pair, scheme: str) -> None:
    alice, bob = alice_and_bob
    bob.write("A long word: " + "x" * 300 + " https://example.org/" + "y" * 300 + " ```" + "z" * 300 + "```")
    expect(alice.page.locator("article .code")).to_be_visible()
    alice.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    alice.page.set_viewport_size({"width": 390, "height": 844})
    for address in (urlsplit(alice.page.url).path, "/", "/new"):
        alice.page.goto(address)
        assert alice.page.evaluate("document.documentElement.scrollWidth") <= 390
        assert alice.page.evaluate("[...document.querySelectorAll('.log, .scroll')].every((e) => e.scrollWidth <= 390)")
