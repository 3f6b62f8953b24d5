"""Guessing from many addresses at once, devices that an account knows, and mail about those it doesn't."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from pytest_django import Settings

from accounts.actions.trust import remember_device
from accounts.limits import SIGN_IN_ACCOUNT, SIGN_IN_DEVICE
from accounts.models import DeviceSession, User
from tests.accounts.conftest import Program, browser_of, program_of
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db

NEW_DEVICE = "A new device signed in"
WRONG = "a wrong guess"


def address(number: int) -> str:
    return f"198.{18 + number // 250}.{number % 250}.7"


def guess_from_everywhere(user: User, *, tries: int = SIGN_IN_ACCOUNT.tries) -> None:
    """Somebody with as many addresses as tries."""
    for number in range(tries):
        assert Program(address=address(number)).sign_in(user, password=WRONG, device_id=f"d{number}").status_code == 401


def test_many_addresses_do_not_give_many_guesses(rate_limits: None, alice: User, bob: User) -> None:
    guess_from_everywhere(alice)
    late = Program(address="203.0.113.77").sign_in(alice, password=WRONG, device_id="x")
    assert late.status_code == 429
    assert int(late["Retry-After"]) > 0
    page = Client().post("/login", {"email": alice.email, "password": PASSWORD})
    assert page.status_code == 429
    assert Program(address="203.0.113.77").sign_in(bob).status_code == 200


def test_an_address_without_an_account_is_counted_alike(rate_limits: None, db: None) -> None:
    nobody = User(email="nobody@example.org")
    guess_from_everywhere(nobody)
    assert Program(address="203.0.113.77").sign_in(nobody, password=WRONG).status_code == 429


def test_alice_still_signs_in_on_the_devices_she_signed_in_on(rate_limits: None, alice: User) -> None:
    browser, signed_out = browser_of(alice), browser_of(alice)
    signed_out.post("/logout")
    program_of(alice, device_id="phone")
    trust_token = remember_device(user=alice, name="Tablet")
    guess_from_everywhere(alice)

    body = {"email": alice.email, "password": PASSWORD}
    # Its session is gone; that she once signed in there, the browser can prove.
    assert signed_out.post("/login", body)["Location"] == "/"
    browser.cookies.pop("pulse_session")
    assert browser.post("/login", body)["Location"] == "/"
    assert Program().sign_in(alice, device_id="phone").status_code == 200
    known = {**body, "device_id": "tablet", "platform": "IOS"}
    assert Program().post("auth/login", known | {"trust_token": trust_token}).status_code == 200
    assert Program().post("auth/login", known | {"device_id": "new"}).status_code == 429


def test_a_proof_that_is_made_up_or_another_browser_s_is_none(rate_limits: None, alice: User, bob: User) -> None:
    of_bob, of_alice, made_up = browser_of(bob), browser_of(alice), Client()
    stolen = Client()
    stolen.cookies["pulse_known"] = of_alice.cookies["pulse_known"].value
    made_up.cookies["pulse_known"] = "0" * 64
    of_bob.post("/logout")
    guess_from_everywhere(alice)
    for browser in (of_bob, stolen, made_up):
        assert browser.post("/login", {"email": alice.email, "password": PASSWORD}).status_code == 429


def test_on_a_known_device_guesses_are_counted_too(rate_limits: None, alice: User) -> None:
    program_of(alice, device_id="phone")
    for number in range(SIGN_IN_DEVICE.tries):
        assert Program(address=address(number)).sign_in(alice, password=WRONG, device_id="phone").status_code == 401
    assert Program(address="203.0.113.77").sign_in(alice, password=WRONG, device_id="phone").status_code == 429
    # Who knows or guesses the name of her device locks her out on that one at most.
    assert Program(address="203.0.113.78").sign_in(alice, device_id="laptop").status_code == 200


def test_a_forwarded_address_is_believed_of_a_trusted_proxy_alone(
    rate_limits: None, alice: User, settings: Settings
) -> None:
    def guesses(tries: int) -> list[int]:
        body = {"email": alice.email, "password": WRONG, "device_id": "d", "platform": "CLI"}
        return [
            Program(address="203.0.113.9").post("auth/login", body, **{"x-forwarded-for": address(number)}).status_code
            for number in range(tries)
        ]

    assert guesses(11) == [401] * 10 + [429]
    settings.TRUSTED_PROXIES = ["203.0.113.9"]
    assert guesses(11) == [401] * 11


# --- Mail about new devices ---


def test_alice_is_told_of_a_device_she_never_signed_in_on(alice: User, work: Callable[[], Any]) -> None:
    with work():
        program_of(alice, device_id="laptop")
    # There was nobody to warn before the first one.
    assert mail.outbox == []
    with work():
        program_of(alice, device_id="laptop")
        browser = browser_of(alice)
    assert [message.subject for message in mail.outbox] == [NEW_DEVICE]
    assert "Browser" in str(mail.outbox[0].body)
    with work():
        browser.post("/logout")
        browser.post("/login", {"email": alice.email, "password": PASSWORD})
    assert len(mail.outbox) == 1


def test_signing_out_everywhere_does_not_make_the_next_device_the_first(alice: User, work: Callable[[], Any]) -> None:
    program_of(alice, device_id="laptop").post("auth/logout")
    assert not DeviceSession.objects.exists()
    with work():
        program_of(alice, device_id="phone")
    assert [message.subject for message in mail.outbox] == [NEW_DEVICE]
