"""The authenticator app: set up, confirmed by a first code, taken away; and that no code counts twice."""

import base64
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import Authenticator, TrustedDevice, User
from accounts.second_factor.sealing import seal, unseal
from accounts.second_factor.totp import matching_step
from tests.accounts.conftest import Program, browser_of, program_of
from tests.accounts.second_factor.conftest import Phone, log_in, set_up, subjects
from tests.conftest import PASSWORD
from tests.together import at_once

pytestmark = pytest.mark.django_db

STATE = {"enabled": False, "authenticator": False, "recovery_codes_left": 0, "passkeys": 0}


def test_the_codes_are_those_of_the_standard() -> None:
    # RFC 6238, appendix B, in six digits.
    secret = base64.b32encode(b"12345678901234567890").decode()
    for at, code in ((59, "287082"), (1111111109, "081804"), (2000000000, "279037"), (20000000000, "353130")):
        assert matching_step(secret, code, at=at) == at // 30
    # A clock may be one step off, not two; and what isn't a code is none.
    assert matching_step(secret, "287082", at=59 + 30) == 1
    assert matching_step(secret, "287082", at=59 + 60) is None
    assert [matching_step(secret, text, at=59) for text in ("", "28708", "２８７０８２", "abcdef")] == [None] * 4


def test_alice_sets_an_app_up_and_her_password_alone_is_not_enough_any_more(
    alice: User, work: Callable[[], Any]
) -> None:
    program = program_of(alice)
    assert program.get("me/second-factor").json() == STATE

    setup = program.post("me/totp", {"password": PASSWORD})
    assert setup.status_code == 201
    asked = urlsplit(setup.json()["uri"])
    assert (asked.scheme, asked.netloc) == ("otpauth", "totp")
    assert parse_qs(asked.query)["secret"] == [setup.json()["secret"]]
    assert setup.json()["qr_svg"].startswith("<svg")
    # Nothing counts until the app has shown a code.
    assert program.get("me/second-factor").json() == STATE
    assert log_in(alice).status_code == 200

    phone = Phone(alice, setup.json()["secret"])
    assert program.post("me/totp/confirm", {"code": phone.wrong_code()}).json()["code"] == "invalid_code"
    with work():
        codes = program.post("me/totp/confirm", {"code": phone.code()}).json()["recovery_codes"]
    assert len(set(codes)) == 10
    assert program.get("me/second-factor").json() == STATE | {
        "enabled": True,
        "authenticator": True,
        "recovery_codes_left": 10,
    }
    assert log_in(alice).json()["code"] == "second_factor_required"
    assert "Signing in now takes two steps" in subjects()


def test_a_password_is_asked_before_anything_changes(alice: User, phone: Phone) -> None:
    program = Program(log_in(alice, code=phone.code()).json()["token"])
    for method, path in (("post", "me/totp"), ("delete", "me/totp"), ("post", "me/recovery-codes")):
        refused = program.call(method, path, {"password": "not hers at all"})
        assert (refused.status_code, refused.json()["code"]) == (400, "wrong_password")
        assert program.call(method, path, {"password": PASSWORD, "force": True}).status_code == 400
    assert program.get("me/second-factor").json()["enabled"] is True


def test_a_second_setup_replaces_one_that_waits_and_never_one_that_counts(alice: User) -> None:
    program = program_of(alice)
    first = program.post("me/totp", {"password": PASSWORD}).json()["secret"]
    second = program.post("me/totp", {"password": PASSWORD}).json()["secret"]
    assert program.post("me/totp/confirm", {"code": Phone(alice, first).code()}).status_code == 400
    assert program.post("me/totp/confirm", {"code": Phone(alice, second).code()}).status_code == 200
    for path, body in (("me/totp", {"password": PASSWORD}), ("me/totp/confirm", {"code": Phone(alice, second).code()})):
        refused = program.post(path, body)
        assert (refused.status_code, refused.json()["code"]) == (409, "already_on")


def test_no_first_code_without_a_setup(alice: User, bob: User) -> None:
    begun = program_of(bob).post("me/totp", {"password": PASSWORD}).json()["secret"]
    refused = program_of(alice).post("me/totp/confirm", {"code": Phone(bob, begun).code()})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_begun")


def test_removing_the_app_makes_the_password_enough_and_tells_its_owner(
    alice: User, phone: Phone, work: Callable[[], Any]
) -> None:
    program = Program(log_in(alice, code=phone.code(), remember=True).json()["token"])
    with work():
        assert program.call("delete", "me/totp", {"password": PASSWORD}).status_code == 204
    assert subjects()[-1] == "Signing in takes one step again"
    assert program.get("me/second-factor").json() == STATE
    assert log_in(alice, device_id="third").status_code == 200
    assert not TrustedDevice.objects.exists()
    assert program.call("delete", "me/totp", {"password": PASSWORD}).status_code == 404


def test_a_code_is_taken_once(alice: User, phone: Phone) -> None:
    code = phone.code()
    assert log_in(alice, code=code).status_code == 200
    assert log_in(alice, code=code).json()["code"] == "invalid_code"
    # Nor is an older one after it, though its half minute isn't over.
    assert log_in(alice, code=phone.code(steps=-1)).json()["code"] == "invalid_code"
    assert log_in(alice, code=phone.code(steps=1)).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_of_twenty_who_show_the_same_code_at_once_one_gets_in(alice: User, phone: Phone) -> None:
    code = phone.code()
    answers = at_once([partial(log_in, alice, code=code, device_id=f"d{number}") for number in range(20)])
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 19


def test_the_secret_is_sealed_and_opens_under_a_key_of_before(alice: User, phone: Phone, settings: Settings) -> None:
    stored = Authenticator.objects.get(user=alice).secret
    assert phone.secret not in stored
    old = settings.SECRET_KEY
    settings.SECRET_KEY = "another key that is long enough to be one, really"
    # Whoever has the table alone has nothing; and the recovery codes still open.
    assert unseal(stored) is None
    assert log_in(alice, code=phone.code()).json()["code"] == "invalid_code"
    assert log_in(alice, code=phone.recovery_codes[0]).status_code == 200
    settings.SECRET_KEY_FALLBACKS = [old]
    assert log_in(alice, code=phone.code()).status_code == 200
    assert unseal(seal("x")) == "x"


# --- The pages ---


def test_alice_sets_the_app_up_by_the_pages_without_a_script(alice: User) -> None:
    browser = browser_of(alice)
    assert "Off" in browser.get("/settings/security").text
    assert "your password" in browser.post("/settings/security/authenticator", {"password": "wrong one"}).text
    # Nothing to see before the password.
    assert browser.get("/settings/security/authenticator/confirm")["Location"] == "/settings/security"

    assert browser.post("/settings/security/authenticator", {"password": PASSWORD}).status_code == 302
    page = browser.get("/settings/security/authenticator/confirm")
    assert "data:image/svg+xml;base64," in page.text
    secret = page.context["key"].replace(" ", "")
    # Nor on a browser that wasn't asked for it.
    assert browser_of(alice).get("/settings/security/authenticator/confirm").status_code == 302

    phone = Phone(alice, secret)
    assert browser.post("/settings/security/authenticator/confirm", {"code": phone.wrong_code()}).status_code == 400
    shown = browser.post("/settings/security/authenticator/confirm", {"code": phone.code()})
    codes = shown.context["codes"]
    assert len(codes) == 10
    assert all(code in shown.text for code in codes)
    assert "no-store" in shown["Cache-Control"]
    after = browser.get("/settings/security").text
    assert "10 recovery codes left" in after
    assert codes[0] not in after


def test_alice_removes_the_app_and_makes_new_codes_by_the_pages(alice: User) -> None:
    browser = browser_of(alice)
    phone = set_up(Program(program_of(alice).token), alice)
    asked = browser.post("/settings/security/recovery-codes", {"password": PASSWORD})["Location"]
    assert browser.post(asked, {"code": phone.code()})["Location"] == "/settings/security/recovery-codes"
    shown = browser.post("/settings/security/recovery-codes", {"password": PASSWORD})
    assert shown.status_code == 200
    assert not set(shown.context["codes"]) & set(phone.recovery_codes)
    assert browser.post("/settings/security/authenticator/remove", {"password": "nope, not it"}).status_code == 400
    assert browser.post("/settings/security/authenticator/remove", {"password": PASSWORD}).status_code == 302
    assert "None yet" in browser.get("/settings/security").text
    assert browser.post("/settings/security/recovery-codes", {"password": PASSWORD}).status_code == 302


def test_the_settings_are_for_whoever_is_signed_in(db: None) -> None:
    for path in ("", "/authenticator", "/authenticator/confirm", "/authenticator/remove", "/recovery-codes"):
        assert Client().get(f"/settings/security{path}")["Location"].startswith("/login")
