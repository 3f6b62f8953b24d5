"""Blocking in two browsers: what each sees of it, at once and without a reload of their own."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Join, Pair, Person, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.processes]


def block(person: Person, other: Person) -> None:
    """By the menu of the open chat, and the page that asks."""
    person.page.get_by_role("button", name="More", exact=True).click()
    person.page.get_by_role("link", name=f"Block {other.name}").click()
    expect(person.page.get_by_text("Neither of you can write to the other")).to_be_visible()
    person.page.get_by_role("button", name=f"Block {other.name}").click()


def unblock_button(page: Page, other: Person) -> None:
    page.locator("#composer").get_by_role("button", name=f"Unblock {other.name}").click()


def test_alice_blocks_bob_and_both_find_out_in_their_way(alice_and_bob: Pair) -> None:
    alice, bob = alice_and_bob
    block(alice, bob)
    expect(alice.page.get_by_text(f"You blocked {bob.name}.")).to_be_visible()
    expect(alice.page.locator("textarea[name=content]")).to_have_count(0)
    expect(alice.message("Hello Bob")).to_be_visible()

    expect(bob.page.locator("textarea[name=content]")).to_be_visible()
    bob.write("Are you there?")
    expect(bob.page.get_by_text("You can’t write in this conversation.")).to_be_visible()
    expect(bob.message("Are you there?")).to_have_count(0)
    bob.page.reload()
    expect(bob.page.get_by_text("You can’t write here.")).to_be_visible()
    expect(alice.page.get_by_text("Are you there?")).to_have_count(0)


def test_unblocking_lets_both_write_again(alice_and_bob: Pair) -> None:
    alice, bob = alice_and_bob
    block(alice, bob)
    unblock_button(alice.page, bob)
    expect(alice.page.locator("textarea[name=content]")).to_be_visible()
    bob.write("Back again")
    expect(alice.message("Back again")).to_be_visible()
    alice.write("Good to see you")
    expect(bob.message("Good to see you")).to_be_visible()


def test_alices_other_device_hears_of_both_at_once(alice_and_bob: Pair) -> None:
    alice, bob = alice_and_bob
    other_tab = alice.page.context.new_page()
    other_tab.goto(alice.page.url)
    expect(other_tab.locator("textarea[name=content]")).to_be_visible()
    block(alice, bob)
    expect(other_tab.get_by_text(f"You blocked {bob.name}.")).to_be_visible()
    unblock_button(other_tab, bob)
    expect(other_tab.locator("textarea[name=content]")).to_be_visible()
    expect(alice.page.locator("textarea[name=content]")).to_be_visible()


def test_what_bob_types_and_reads_shows_no_more(alice_and_bob: Pair) -> None:
    alice, bob = alice_and_bob
    expect(alice.tick("Hello Bob")).to_have_attribute("data-tick", "read")
    typing = alice.page.locator(".typing-line")
    bob.page.locator("textarea[name=content]").press_sequentially("Well")
    expect(typing).to_be_visible()
    block(alice, bob)
    expect(alice.page.get_by_text(f"You blocked {bob.name}.")).to_be_visible()
    bob.page.locator("textarea[name=content]").press_sequentially(" then")
    alice.page.wait_for_timeout(1_000)
    expect(typing).to_be_hidden()


def test_alice_keeps_to_herself_what_she_reads(alice_and_bob: Pair) -> None:
    alice, bob = alice_and_bob
    address = alice.page.url
    alice.page.goto("/settings/privacy")
    alice.page.get_by_role("switch", name="Read receipts").uncheck()
    alice.page.get_by_role("button", name="Save").click()
    expect(alice.page.get_by_text("Your privacy settings are saved.")).to_be_visible()
    alice.page.goto(address)
    bob.write("Have you read this?")
    expect(alice.message("Have you read this?")).to_be_visible()
    expect(bob.tick("Have you read this?")).to_have_attribute("data-tick", "delivered")
    bob.page.wait_for_timeout(1_000)
    expect(bob.tick("Have you read this?")).to_have_attribute("data-tick", "delivered")
    bob.page.reload()
    expect(bob.tick("Have you read this?")).to_have_attribute("data-tick", "delivered")


def test_whom_alice_blocked_is_on_her_list_and_in_no_search(join: Join) -> None:
    alice, bob = join("Alice"), join("Bob")
    alice.open_chat_with(bob.name)
    block(alice, bob)
    expect(alice.page.get_by_text(f"You blocked {bob.name}.")).to_be_visible()
    alice.page.goto(f"/new?q={bob.name}")
    expect(alice.page.get_by_role("button", name=bob.name, exact=True)).to_have_count(0)
    alice.page.goto("/settings/privacy")
    alice.page.get_by_role("button", name=f"Unblock {bob.name}", exact=True).click()
    expect(alice.page.get_by_text(f"You unblocked {bob.name}.")).to_be_visible()
    alice.open_chat_with(bob.name)


def test_without_javascript_a_block_is_made_and_taken_back_all_the_same(join: Join) -> None:
    alice, bob = join("Alice"), join("Bob")
    browser = alice.page.context.browser
    assert browser is not None
    address = alice.page.url.rstrip("/")
    with browser.new_context(base_url=address, java_script_enabled=False) as context:
        plain = Person(alice.name, alice.email, context.new_page())
        sign_in(plain.page, plain.email)
        plain.open_chat_with(bob.name)
        block(plain, bob)
        unblock_button(plain.page, bob)
        expect(plain.page.locator("textarea[name=content]")).to_be_visible()
