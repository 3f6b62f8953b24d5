"""Signing in where a password isn't enough: by the API, the pages and the admin."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone

from accounts.entering import HALF_KEY
from accounts.models import DeviceSession, User
from tests.accounts.conftest import Program
from tests.accounts.second_factor.conftest import Phone, log_in, password_at_page
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


# --- The API ---


def test_the_right_password_alone_is_answered_that_more_is_wanted(alice: User, phone: Phone) -> None:
    wanted, wrong = log_in(alice), log_in(alice, code=phone.wrong_code())
    assert (wanted.status_code, wanted.json()["code"]) == (401, "second_factor_required")
    assert (wrong.status_code, wrong.json()["code"]) == (401, "invalid_code")
    answer = log_in(alice, code=phone.code()).json()
    assert set(answer) == {"token", "session", "user"}
    assert Program(answer["token"]).get("me").json()["name"] == "Alice"
    assert DeviceSession.objects.get(device_id="another").second_factor_at is not None


def test_who_lacks_the_password_learns_nothing_of_a_second_factor(alice: User, bob: User, phone: Phone) -> None:
    for code in ("", phone.code(), phone.wrong_code(), phone.recovery_codes[0], "nonsense"):
        with_one, without, nobody = (
            log_in(user, password="not the password", code=code) for user in (alice, bob, User(email="no@example.org"))
        )
        assert with_one.status_code == without.status_code == nobody.status_code == 401
        assert with_one.content == without.content == nobody.content
    # And no code was used up by that.
    assert log_in(alice, code=phone.code()).status_code == 200


def test_without_a_second_factor_nothing_is_different(bob: User) -> None:
    asked: list[dict[str, Any]] = [{}, {"code": "123456"}, {"remember": True}, {"trust_token": "made up"}]
    for more in asked:
        answer = log_in(bob, **more)
        assert answer.status_code == 200
        assert set(answer.json()) == {"token", "session", "user"}
    assert DeviceSession.objects.get(user=bob).second_factor_at is None


@pytest.mark.parametrize("more", [{"code": 123456}, {"code": "1" * 101}, {"remember": "yes"}, {"remember": 1}])
def test_a_strange_code_is_bad_input(more: dict[str, Any], alice: User) -> None:
    assert log_in(alice, **more).status_code == 400


@pytest.mark.parametrize("code", ["12345", "1234567", "x" * 100, "１２３４５６", "-----", "' OR 1=1"])
def test_whatever_is_no_code_is_a_wrong_one(code: str, alice: User, phone: Phone) -> None:
    assert log_in(alice, code=code).json()["code"] == "invalid_code"


def test_wrong_codes_are_counted_wherever_they_come_from(rate_limits: None, alice: User, phone: Phone) -> None:
    wrong = phone.wrong_code()
    answers = [
        log_in(alice, code=wrong, program=Program(address=f"198.51.{number}.1")).status_code for number in range(40)
    ]
    assert answers == [401] * 30 + [429] * 10
    # Not even the right one now; but what can't be guessed still opens.
    assert log_in(alice, code=phone.code()).status_code == 429
    assert log_in(alice, code=phone.recovery_codes[0]).status_code == 200


def test_who_does_not_know_the_password_uses_up_no_try_of_alice(rate_limits: None, alice: User, phone: Phone) -> None:
    for number in range(60):
        stranger = Program(address=f"198.51.{number}.1")
        assert log_in(alice, password="a guess, wrong", code="123456", program=stranger).status_code == 401
    assert log_in(alice, code=phone.code()).status_code == 200


# --- The pages ---


def test_alice_signs_in_with_a_code(alice: User, phone: Phone) -> None:
    browser = Client()
    first = browser.post("/login", {"email": alice.email, "password": PASSWORD, "next": "/settings/devices"})
    assert first["Location"] == "/login/second?next=%2Fsettings%2Fdevices"
    # She is not in yet.
    assert browser.get("/settings/devices")["Location"].startswith("/login?")
    page = browser.get(first["Location"])
    assert alice.email in page.text
    assert 'autocomplete="one-time-code"' in page.text

    wrong = browser.post("/login/second", {"code": phone.wrong_code(), "next": "/settings/devices"})
    assert wrong.status_code == 401
    assert "That code isn’t right" in wrong.text
    assert browser.post("/login/second", {"code": ""}).status_code == 400
    key = browser.cookies[django_settings.SESSION_COOKIE_NAME].value
    right = browser.post("/login/second", {"code": phone.code(), "next": "/settings/devices"})
    assert right["Location"] == "/settings/devices"
    assert browser.cookies[django_settings.SESSION_COOKIE_NAME].value != key
    assert browser.get("/settings/devices").status_code == 200
    assert HALF_KEY not in browser.session
    assert browser.get("/login/second?next=/settings")["Location"] == "/settings"


def test_a_recovery_code_fits_the_same_field(alice: User, phone: Phone) -> None:
    browser = password_at_page(alice)
    assert browser.post("/login/second", {"code": phone.recovery_codes[0]}).status_code == 302
    assert browser.get("/settings/devices").status_code == 200


def test_nobody_comes_to_the_second_step_without_the_first(alice: User, phone: Phone) -> None:
    for browser in (Client(), Client()):
        assert browser.get("/login/second?next=/settings")["Location"] == "/login?next=%2Fsettings"
        assert browser.post("/login/second", {"code": phone.code()})["Location"].startswith("/login")
    assert not DeviceSession.objects.filter(platform="WEB").exists()


def test_half_signed_in_lasts_ten_minutes(alice: User, phone: Phone) -> None:
    browser = password_at_page(alice)
    session = browser.session
    session[HALF_KEY] = session[HALF_KEY] | {"since": session[HALF_KEY]["since"] - 601}
    session.save()
    assert browser.post("/login/second", {"code": phone.code()})["Location"].startswith("/login")
    assert browser.get("/settings/devices").status_code == 302


@pytest.mark.parametrize(
    "change",
    [{"is_active": False}, {"verified": False}, {"suspended_until": timezone.now() + timedelta(days=1)}],
)
def test_who_is_shut_out_meanwhile_does_not_get_in(change: dict[str, object], alice: User, phone: Phone) -> None:
    browser = password_at_page(alice)
    User.objects.filter(pk=alice.pk).update(**change)
    assert browser.post("/login/second", {"code": phone.code()})["Location"].startswith("/login")
    assert browser.get("/settings/devices").status_code == 302


def test_a_new_password_ends_what_was_half_done(alice: User, phone: Phone) -> None:
    browser = password_at_page(alice)
    alice.set_password("quite another password")
    alice.save()
    assert browser.post("/login/second", {"code": phone.code()})["Location"].startswith("/login")


def test_half_signed_in_leaves_nobody_else_signed_in(alice: User, bob: User, phone: Phone) -> None:
    browser = password_at_page(bob)
    browser.post("/logout")
    browser.get("/login")
    planted = browser.session
    planted["left"] = "here"
    planted.save()
    browser.post("/login", {"email": alice.email, "password": PASSWORD})
    assert "left" not in browser.session
    # What is kept says who and since when, and no secret.
    assert set(browser.session[HALF_KEY]) == {"user", "since", "hash"}


def test_the_way_back_leads_only_to_pages_of_ours(alice: User, phone: Phone) -> None:
    browser = password_at_page(alice)
    answer = browser.post("/login/second?next=https://evil.example/", {"code": phone.code()})
    assert answer["Location"] == "/"


def test_the_second_step_needs_the_csrf_token(alice: User, phone: Phone) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.get("/login")
    csrf = {"csrfmiddlewaretoken": browser.cookies[django_settings.CSRF_COOKIE_NAME].value}
    assert browser.post("/login", {"email": alice.email, "password": PASSWORD} | csrf).status_code == 302
    code = phone.code()
    assert browser.post("/login/second", {"code": code}).status_code == 403
    assert browser.post("/login/second", {"code": code} | csrf).status_code == 302


# --- The admin, and whatever else signs a browser in ---


def test_the_admin_s_door_leads_through_the_second_step(mia: User, phone: Phone) -> None:
    phone.user.is_staff = True
    phone.user.save()
    browser = Client()
    body = {"username": phone.user.email, "password": PASSWORD}
    first = browser.post("/admin/login/?next=/admin/accounts/", body)
    assert first["Location"] == "/login/second?next=%2Fadmin%2Faccounts%2F"
    assert browser.get("/admin/").status_code == 302
    done = browser.post(first["Location"], {"code": phone.code()})
    assert done["Location"] == "/admin/accounts/"
    assert browser.get("/admin/").status_code == 200
    # Who has none comes in as ever.
    other = Client()
    assert other.post("/admin/login/", {"username": mia.email, "password": PASSWORD})["Location"] == "/admin/"
    assert other.get("/admin/").status_code == 200


def test_a_session_that_pulse_did_not_open_is_no_way_around(alice: User, bob: User, phone: Phone) -> None:
    around, as_bob = Client(), Client()
    around.force_login(alice)
    as_bob.force_login(bob)
    assert around.get("/settings/devices").status_code == 302
    assert as_bob.get("/settings/devices").status_code == 200
