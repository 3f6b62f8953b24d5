"""Passkeys at the pages: what the script puts into the forms, and where they say that passkeys work."""

import json
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import DeviceSession, Passkey, TrustedDevice, User
from tests.accounts.conftest import Program, browser_of, program_of
from tests.accounts.second_factor.conftest import Phone, log_in, password_at_page, set_up
from tests.accounts.second_factor.software_authenticator import Key
from tests.accounts.second_factor.test_passkeys import register, request_options
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_localhost(settings: Settings) -> None:
    settings.PUBLIC_URL = "http://localhost:8000"
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]


@pytest.fixture
def key(alice: User) -> Key:
    """Alice's passkey."""
    key = Key()
    assert register(program_of(alice, device_id="first"), key).status_code == 201
    return key


def second_step_options(browser: Client) -> Any:
    answer = browser.post("/login/second/passkey-options")
    assert answer.status_code == 200, answer.content
    return answer.json()["options"]


def test_a_passkey_signs_a_browser_in_without_a_password(alice: User, key: Key) -> None:
    browser = Client()
    body = {"credential": json.dumps(key.get(request_options())), "next": "/settings/devices"}
    assert browser.post("/login/passkey", body)["Location"] == "/settings/devices"
    assert browser.get("/settings/devices").status_code == 200
    assert DeviceSession.objects.get(platform="WEB").second_factor_at is not None


@pytest.mark.parametrize(
    "credential", ["", "{", "null", "[]", "5", '{"response": {}}', "[" * 20_000, '{"a":' * 5_000, "x" * 40_000, "\0"]
)
def test_a_bad_passkey_shows_the_sign_in_page_again(credential: str, key: Key) -> None:
    browser = Client()
    answer = browser.post("/login/passkey", {"credential": credential})
    assert answer.status_code == 401
    assert "That passkey can’t be used here" in answer.text
    assert 'name="password"' in answer.text
    assert browser.get("/settings/devices").status_code == 302


def test_a_passkey_does_for_the_second_step(alice: User, key: Key) -> None:
    set_up(program_of(alice, device_id="first"), alice)
    browser = password_at_page(alice)
    options = second_step_options(browser)
    assert [one["id"] for one in options["allowCredentials"]] == [Passkey.objects.get().credential_id]
    body = {"credential": json.dumps(key.get(options)), "remember": "on"}
    assert browser.post("/login/second", body).status_code == 302
    assert browser.get("/settings/devices").status_code == 200
    assert TrustedDevice.objects.filter(user=alice).exists()


def test_the_second_step_is_for_one_s_own_passkeys_and_its_own_question(alice: User, bob: User, key: Key) -> None:
    set_up(program_of(alice, device_id="first"), alice)
    bobs = Key()
    register(program_of(bob), bobs)
    browser = password_at_page(alice)
    for credential in (
        bobs.get(second_step_options(browser)),
        bobs.get(request_options()),
        # Hers, but an answer to what anybody was asked.
        key.get(request_options()),
    ):
        assert browser.post("/login/second", {"credential": json.dumps(credential)}).status_code == 401
    # Nor does the second step's answer sign in by itself.
    answer = key.get(second_step_options(browser))
    assert Client().post("/login/passkey", {"credential": json.dumps(answer)}).status_code == 401
    assert browser.get("/settings/devices").status_code == 302


def test_a_passkey_that_was_refused_is_not_in_the_way_of_a_code(alice: User, key: Key) -> None:
    phone = set_up(program_of(alice, device_id="first"), alice)
    browser = password_at_page(alice)
    stale = json.dumps(key.get(request_options()))
    refused = browser.post("/login/second", {"credential": stale})
    assert "That passkey can’t be used here" in refused.text
    assert key.owner not in refused.text
    assert browser.post("/login/second", {"credential": stale, "code": phone.code()}).status_code == 302


def test_nobody_is_asked_for_the_passkeys_of_somebody(alice: User, key: Key) -> None:
    answer = Client().post("/login/second/passkey-options")
    assert (answer.status_code, "options" in answer.json()) == (401, False)


def test_staff_with_a_passkey_alone_step_up_by_it(mia: User, settings: Settings) -> None:
    settings.STAFF_SECOND_FACTOR = True
    key = Key()
    register(program_of(mia, device_id="first"), key)
    browser = browser_of(mia)
    asked = browser.get("/admin/", follow=True)
    assert asked.redirect_chain[-1][0] == "/login/second?next=%2Fadmin%2F"
    assert 'name="code"' not in asked.text
    body = {"credential": json.dumps(key.get(second_step_options(browser))), "next": "/admin/"}
    assert browser.post("/login/second", body)["Location"] == "/admin/"
    assert browser.get("/admin/").status_code == 200
    # Without it there is nothing left that she has shown.
    browser.post(f"/settings/security/passkeys/{Passkey.objects.get().pk}/remove", {"password": PASSWORD})
    assert browser.get("/admin/", follow=True).redirect_chain[-1][0] == "/settings/security"


def test_alice_renames_and_removes_hers_and_nobody_else_s(alice: User, bob: User, key: Key) -> None:
    browser, bobs = browser_of(alice), Key()
    register(program_of(bob), bobs, "Bob's")
    path = f"/settings/security/passkeys/{Passkey.objects.get(user=alice).pk}"
    theirs = f"/settings/security/passkeys/{Passkey.objects.get(user=bob).pk}"
    assert browser.post(path, {"name": "Old phone"}).status_code == 302
    assert browser.post(path, {"name": "two\nlines\u202e"}).status_code == 400
    assert "Old phone" in browser.get("/settings/security").text
    for method in (browser.get, browser.post):
        assert method(theirs).status_code == method(f"{theirs}/remove").status_code == 404
    assert browser.post(f"{path}/remove", {"password": "not hers at all"}).status_code == 400
    assert browser.post(f"{path}/remove", {"password": PASSWORD}).status_code == 302
    assert list(Passkey.objects.values_list("name", flat=True)) == ["Bob's"]


def test_a_page_opened_by_a_bare_address_says_where_passkeys_work(alice: User, phone: Phone) -> None:
    by_name, by_address = Client(headers={"host": "localhost:8000"}), Client(headers={"host": "127.0.0.1:8000"})
    assert "data-passkey-get" in by_name.get("/login").text
    assert "data-passkey-get" not in by_address.get("/login").text
    for browser in (by_name, by_address):
        browser.post("/login", {"email": alice.email, "password": PASSWORD})
        browser.post("/login/second", {"code": phone.recovery_codes.pop()})
    assert "Add a passkey" in by_name.get("/settings/security").text
    page = by_address.get("/settings/security").text
    assert "Add a passkey" not in page
    assert 'href="http://localhost:8000/settings/security"' in page


def test_a_passkey_signs_in_where_the_password_would_want_a_code(alice: User, key: Key) -> None:
    set_up(program_of(alice, device_id="first"), alice)
    assert log_in(alice).json()["code"] == "second_factor_required"
    body = {"credential": key.get(request_options()), "device_id": "new", "platform": "CLI"}
    assert Program().post("auth/passkey", body).status_code == 200
