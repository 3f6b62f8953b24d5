"""Whoever knows the password alone changes no factor of an account that has one."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.actions.trust import remember_device
from accounts.models import Authenticator, Passkey, RecoveryCode, User
from tests.accounts.conftest import Program, browser_of, program_of
from tests.accounts.second_factor.conftest import Phone, log_in
from tests.accounts.second_factor.software_authenticator import Key
from tests.accounts.second_factor.test_passkeys import creation_options, register, request_options, sign_in
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_localhost(settings: Settings) -> None:
    settings.PUBLIC_URL = "http://127.0.0.1:8000"


@pytest.fixture
def key(alice: User) -> Key:
    """Alice's passkey, which is all she has."""
    key = Key()
    assert register(program_of(alice, device_id="first"), key).status_code == 201
    return key


def refusals(program: Program) -> set[tuple[int, str]]:
    """What a session is answered that tries to change factors, by every call there is."""
    body, passkey = {"password": PASSWORD}, Passkey.objects.first()
    credential = Key().create({"challenge": "AAAA", "rp": {"id": "localhost"}, "user": {"id": "AAAA"}})
    calls: list[Any] = [
        program.post("me/totp", body),
        program.post("me/totp/confirm", {"code": "123456"}),
        program.post("me/recovery-codes", body),
        program.call("delete", "me/totp", body),
        program.post("me/passkeys/options", body),
        program.post("me/passkeys", {"credential": credential, "name": "Mine"}),
        program.call("delete", f"me/passkeys/{passkey.pk if passkey else '0' * 32}", body),
    ]
    return {(answer.status_code, answer.json()["code"]) for answer in calls if answer.status_code != 404}


def test_a_session_by_the_password_alone_changes_no_factor_of_an_account_with_an_app(alice: User, phone: Phone) -> None:
    token = remember_device(user=alice, name="Laptop")
    remembered = Program(log_in(alice, trust_token=token).json()["token"])
    assert refusals(remembered) == {(403, "second_factor_not_shown")}
    assert Authenticator.objects.exists()
    assert RecoveryCode.objects.filter(used_at=None).count() == len(phone.recovery_codes)

    shown = Program(log_in(alice, code=phone.code()).json()["token"])
    assert register(shown, Key()).status_code == 201
    assert shown.call("delete", "me/totp", {"password": PASSWORD}).status_code == 204


def test_staff_with_a_passkey_are_not_helped_into_the_admin_by_an_app_of_a_thief(
    alice: User, key: Key, settings: Settings
) -> None:
    settings.STAFF_SECOND_FACTOR = True
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    assert refusals(Program(log_in(alice).json()["token"])) == {(403, "second_factor_not_shown")}

    thief = browser_of(alice)
    passkey = f"/settings/security/passkeys/{Passkey.objects.get().pk}/remove"
    for path in (*PAGES, passkey):
        led = thief.post(path, {"password": PASSWORD, "code": "123456"})["Location"]
        assert led.startswith("/login/second?next=%2Fsettings%2Fsecurity%2F")
    assert thief.get("/admin/").status_code == 302
    assert Passkey.objects.count() == 1
    assert not Authenticator.objects.exists()


PAGES = [
    f"/settings/security/{page}"
    for page in (
        "authenticator", "authenticator/confirm", "authenticator/remove", "recovery-codes", "passkeys/new",
    )
]  # fmt: skip


def test_whoever_shows_their_factor_goes_on_where_they_were_asked(alice: User, phone: Phone) -> None:
    browser = Client()
    browser.cookies["pulse_trust"] = remember_device(user=alice, name="Laptop")
    browser.post("/login", {"email": alice.email, "password": PASSWORD})
    led = browser.get("/settings/security/authenticator/remove")["Location"]
    assert browser.post(led, {"code": phone.code()})["Location"] == "/settings/security/authenticator/remove"
    assert browser.post("/settings/security/authenticator/remove", {"password": PASSWORD}).status_code == 302
    assert not Authenticator.objects.exists()


def test_a_lost_passkey_that_nothing_depends_on_is_removed_by_the_password(alice: User, key: Key) -> None:
    program = Program(log_in(alice).json()["token"])
    assert program.call("delete", f"me/passkeys/{Passkey.objects.get().pk}", {"password": PASSWORD}).status_code == 204
    assert sign_in(key.get(request_options())).status_code == 401
    assert creation_options(program)
