"""Devices that are remembered: a password is enough there, for thirty days, and nowhere else."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.actions.trust import MOST_TRUSTED, forget_trusted_devices, remember_device
from accounts.models import DeviceSession, TrustedDevice, User
from pulse.lib.tokens import token_hash
from tests.accounts.conftest import Program
from tests.accounts.second_factor.conftest import Phone, log_in, password_at_page
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def remembered_browser(phone: Phone) -> Client:
    browser = password_at_page(phone.user)
    assert browser.post("/login/second", {"code": phone.code(), "remember": "on"}).status_code == 302
    return browser


def sign_in_again(browser: Client, user: User) -> str:
    """Where it leads to sign out and to type the password in again."""
    browser.post("/logout")
    return browser.post("/login", {"email": user.email, "password": PASSWORD})["Location"]


def test_a_remembered_browser_asks_for_no_code(alice: User, phone: Phone) -> None:
    browser = remembered_browser(phone)
    cookie = browser.cookies["pulse_trust"]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 30 * 24 * 3600)
    device = TrustedDevice.objects.get()
    assert device.token == token_hash(cookie.value)
    assert sign_in_again(browser, alice) == "/"
    # It counts as the password it was: a second factor was not shown.
    assert DeviceSession.objects.get(platform="WEB").second_factor_at is None
    assert sign_in_again(Client(), alice).startswith("/login/second")


def test_a_program_that_asks_is_given_a_token_instead_of_the_next_code(alice: User, phone: Phone) -> None:
    answer = log_in(alice, code=phone.code(), remember=True).json()
    assert set(answer) == {"token", "session", "user", "trust_token"}
    again = log_in(alice, trust_token=answer["trust_token"], remember=True)
    assert again.status_code == 200
    # Nothing was shown, so it isn't made to last longer.
    assert "trust_token" not in again.json()
    assert log_in(alice, trust_token="x" + answer["trust_token"]).json()["code"] == "second_factor_required"
    wrong = log_in(alice, password="not hers at all", trust_token=answer["trust_token"])
    assert wrong.json()["code"] == "invalid_credentials"


def test_trust_is_one_account_s_and_ends_after_thirty_days(alice: User, bob: User, phone: Phone) -> None:
    bobs = remember_device(user=bob, name="Bob's")
    assert log_in(alice, trust_token=bobs).json()["code"] == "second_factor_required"
    token = remember_device(user=alice, name="Laptop")
    assert log_in(alice, trust_token=token).status_code == 200
    now = timezone.now()
    TrustedDevice.objects.filter(user=alice).update(created_at=now - timedelta(days=30), expires_at=now)
    assert log_in(alice, trust_token=token).json()["code"] == "second_factor_required"


def test_alice_forgets_one_browser_or_all_and_nobody_else_s(alice: User, bob: User, phone: Phone) -> None:
    browser = remembered_browser(phone)
    device = TrustedDevice.objects.get()
    bobs_token = remember_device(user=bob, name="Bob's")
    bobs = TrustedDevice.objects.get(user=bob)
    assert "Remembered browsers" in browser.get("/settings/security").text
    for path in (f"{bobs.pk}/forget", f"{device.pk}/forget"):
        assert browser.post(f"/settings/security/browsers/{path}").status_code == 302
    assert list(TrustedDevice.objects.all()) == [bobs]
    assert sign_in_again(browser, alice).startswith("/login/second")

    remember_device(user=alice, name="Laptop")
    browser.post("/login/second", {"code": phone.recovery_codes[0]})
    assert browser.post("/settings/security/browsers/forget").status_code == 302
    assert list(TrustedDevice.objects.values_list("token", flat=True)) == [token_hash(bobs_token)]


def test_programs_see_and_forget_them_too(alice: User, bob: User, phone: Phone) -> None:
    program = Program(log_in(alice, code=phone.code(), remember=True).json()["token"])
    remember_device(user=bob, name="Bob's")
    (shown,) = program.get("me/trusted-devices").json()["results"]
    assert set(shown) == {"id", "name", "created_at", "expires_at"}
    assert program.delete(f"me/trusted-devices/{TrustedDevice.objects.get(user=bob).pk}").status_code == 404
    assert program.delete(f"me/trusted-devices/{shown['id']}").status_code == 204
    assert program.delete("me/trusted-devices").status_code == 204
    assert TrustedDevice.objects.get().user == bob


def test_a_new_password_forgets_them(alice: User, phone: Phone) -> None:
    answer = log_in(alice, code=phone.code(), remember=True).json()
    program = Program(answer["token"])
    new = {"current_password": PASSWORD, "new_password": "seven herons on the pier"}
    assert program.post("auth/password", new).status_code == 204
    assert not TrustedDevice.objects.exists()
    again = log_in(alice, password="seven herons on the pier", trust_token=answer["trust_token"])
    assert again.json()["code"] == "second_factor_required"


def test_no_more_are_kept_than_anybody_looks_through(alice: User) -> None:
    first = remember_device(user=alice, name="First")
    tokens = [remember_device(user=alice, name=f"Device {number}") for number in range(MOST_TRUSTED)]
    kept = set(TrustedDevice.objects.values_list("token", flat=True))
    assert kept == {token_hash(token) for token in tokens}
    assert token_hash(first) not in kept
    forget_trusted_devices(user=alice)
    assert not TrustedDevice.objects.exists()
