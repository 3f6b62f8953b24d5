"""Passkeys in a real browser, with an authenticator inside: made, used to sign in, and for the second step."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

import pyotp
import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.conftest import PASSWORD
from tests.installations import PulseProcess

MAKE_PERSON = """
from accounts.models import User
User.objects.create_user(email={email!r}, name={name!r}, password={password!r}, verified=True)
"""
numbers = count(1)


@dataclass
class Owner:
    """Somebody whose browser can keep passkeys. ``home`` is Pulse by its name, since passkeys know no addresses."""

    email: str
    page: Page
    devtools: CDPSession
    authenticator: str
    home: str

    def open(self, path: str) -> None:
        self.page.goto(f"{self.home}{path}")

    def type_password(self) -> None:
        self.open("/login")
        self.page.fill("[name=email]", self.email)
        self.page.fill("[name=password]", PASSWORD)
        self.page.get_by_role("button", name="Sign in", exact=True).click()

    def press_sign_out(self) -> None:
        self.open("/settings/devices")
        self.page.locator("form[action='/logout'] button").click()

    def sign_out(self) -> None:
        self.press_sign_out()
        expect(self.page).to_have_url(re.compile("/login$"))
        expect(self.page.get_by_role("heading", level=1)).to_be_visible()

    def add_passkey(self, name: str) -> None:
        self.open("/settings/security")
        self.page.get_by_role("link", name="Add a passkey").click()
        self.page.fill("[name=name]", name)
        self.page.fill("[name=password]", PASSWORD)
        self.page.get_by_role("button", name="Add a passkey").click()

    def is_there(self, *, verified: bool) -> None:
        """Whether the authenticator recognises its owner the next time."""
        self.devtools.send(
            "WebAuthn.setUserVerified", {"authenticatorId": self.authenticator, "isUserVerified": verified}
        )

    def has_to_press_the_button(self) -> None:
        """From the next page on: as in browsers that don't offer passkeys by themselves."""
        self.page.add_init_script("PublicKeyCredential.isConditionalMediationAvailable = async () => false")

    def is_in(self) -> None:
        expect(self.page.locator("body[data-user-id]")).to_be_attached()

    def sees_passkey(self, name: str) -> None:
        expect(self.page.locator(".row bdi").get_by_text(name, exact=True)).to_be_visible()

    def passkeys(self) -> list[Any]:
        kept = self.devtools.send("WebAuthn.getCredentials", {"authenticatorId": self.authenticator})
        return list(kept["credentials"])


@pytest.fixture
def alice(pulse: PulseProcess, new_person_page: Callable[[PulseProcess], Page]) -> Owner:
    expect.set_options(timeout=15_000)
    email = f"alice{next(numbers)}@example.org"
    pulse.manage("shell", "-v0", input=MAKE_PERSON.format(email=email, name="Alice", password=PASSWORD))
    page = new_person_page(pulse)
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    owner = Owner(email, page, devtools, made["authenticatorId"], f"http://localhost:{pulse.port}")
    owner.type_password()
    owner.is_in()
    return owner


def test_alice_makes_a_passkey_and_signs_in_by_it(alice: Owner) -> None:
    alice.add_passkey("Laptop")
    alice.sees_passkey("Laptop")
    (kept,) = alice.passkeys()
    assert (kept["rpId"], kept["isResidentCredential"]) == ("localhost", True)

    alice.has_to_press_the_button()
    alice.sign_out()
    alice.page.get_by_role("button", name="Sign in with a passkey").click()
    alice.is_in()
    alice.open("/settings/security")
    expect(alice.page.get_by_text("used now")).to_be_visible()


def test_the_browser_offers_the_passkey_by_itself(alice: Owner) -> None:
    alice.add_passkey("Laptop")
    alice.sees_passkey("Laptop")
    # The virtual authenticator's owner takes what is offered under the field for the address, and is in again.
    alice.press_sign_out()
    expect(alice.page).to_have_url(f"{alice.home}/")
    alice.is_in()


def test_a_second_passkey_on_the_same_device_is_not_made(alice: Owner) -> None:
    alice.add_passkey("Laptop")
    alice.sees_passkey("Laptop")
    alice.add_passkey("Laptop again")
    expect(alice.page.get_by_role("alert")).to_contain_text("has a passkey for you already")
    assert len(alice.passkeys()) == 1


def test_whoever_the_device_does_not_recognise_stays_outside(alice: Owner) -> None:
    alice.add_passkey("Laptop")
    alice.sees_passkey("Laptop")
    alice.has_to_press_the_button()
    alice.sign_out()
    alice.is_there(verified=False)
    alice.page.get_by_role("button", name="Sign in with a passkey").click()
    expect(alice.page.get_by_role("alert")).to_contain_text("No passkey was used")
    alice.is_there(verified=True)
    alice.page.get_by_role("button", name="Sign in with a passkey").click()
    alice.is_in()


def test_a_passkey_does_for_the_code_of_the_app(alice: Owner) -> None:
    alice.add_passkey("Laptop")
    alice.sees_passkey("Laptop")
    alice.page.get_by_role("link", name="Set up").click()
    alice.page.fill("[name=password]", PASSWORD)
    alice.page.get_by_role("button", name="Continue").click()
    key = alice.page.locator("code.secret").inner_text().replace(" ", "")
    alice.page.fill("[name=code]", pyotp.TOTP(key).now())
    alice.page.get_by_role("button", name="Turn it on").click()
    expect(alice.page.locator(".recovery-codes code")).to_have_count(10)

    alice.has_to_press_the_button()
    alice.sign_out()
    alice.type_password()
    expect(alice.page.get_by_role("heading", name="One more step")).to_be_visible()
    alice.page.get_by_label("Remember this browser").check()
    alice.page.get_by_role("button", name="Use a passkey").click()
    alice.is_in()
    # Remembered: the next time the password is enough.
    alice.sign_out()
    alice.type_password()
    alice.is_in()


def test_a_wrong_password_makes_no_passkey_and_says_so(alice: Owner) -> None:
    alice.open("/settings/security/passkeys/new")
    alice.page.fill("[name=password]", "not hers at all")
    alice.page.get_by_role("button", name="Add a passkey").click()
    expect(alice.page.get_by_role("alert")).to_contain_text("That isn’t your password")
    assert alice.passkeys() == []


def test_by_a_bare_address_the_pages_say_where_passkeys_work(alice: Owner, pulse: PulseProcess) -> None:
    page = alice.page
    page.goto(f"{pulse.url}/login")
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_have_count(0)
    page.fill("[name=email]", alice.email)
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    alice.is_in()
    page.goto(f"{pulse.url}/settings/security")
    page.get_by_role("link", name=alice.home).click()
    # A name is another place than an address: cookies don't go along.
    expect(page).to_have_url(f"{alice.home}/settings/security")
