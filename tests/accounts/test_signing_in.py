"""Signing in, devices and the ends of their sessions, as programs see them."""

from datetime import timedelta
from typing import ClassVar

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import DeviceSession, User
from pulse.lib.tokens import token_hash
from tests.accounts.conftest import Program, browser_of, program_of
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def test_alice_signs_in_and_is_known_by_her_token(alice: User) -> None:
    program = Program()
    answer = program.sign_in(alice, device_id="phone-1", platform="IOS").json()

    assert set(answer) == {"token", "session", "user"}
    assert answer["session"] | {"id": "", "created_at": "", "last_active": ""} == {
        "id": "",
        "device_id": "phone-1",
        "platform": "IOS",
        "name": "",
        "created_at": "",
        "last_active": "",
        "last_address": "127.0.0.1",
        "current": True,
        "push": False,
    }
    me = program.get("me").json()
    assert me == answer["user"]
    assert set(me) == {
        *("id", "name", "avatar_url", "about", "online", "last_seen"),
        *("email", "verified", "created_at", "updated_at", "is_staff", "preferences"),
    }
    assert me["created_at"].endswith("Z")
    assert DeviceSession.objects.get().token == token_hash(program.token)


def test_a_wrong_password_and_an_unknown_address_look_alike(alice: User) -> None:
    wrong = Program().sign_in(alice, password="not her password")
    unknown = Program().sign_in("nobody@example.org")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.content == unknown.content
    assert wrong.json()["code"] == "invalid_credentials"


class CountingHasher(MD5PasswordHasher):
    encoded: ClassVar[list[str]] = []

    def encode(self, password: str, salt: str) -> str:
        self.encoded.append(password)
        return super().encode(password, salt)


def test_an_unknown_address_costs_as_much_work_as_a_known_one(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    known = User.objects.create_user(email="nora@example.org", name="Nora", password=PASSWORD, verified=True)
    closed = User.objects.create_user(email="x@example.org", name="X", password=PASSWORD, is_active=False)
    unverified = User.objects.create_user(email="y@example.org", name="Y", password="the right one")
    registration = {"name": "Mallory", "email": known.email, "password": "seven herons on the pier"}
    assert Program().post("auth/register", registration).status_code == 202
    costs = []
    for email, password, status in (
        (known.email, "a wrong password", 401),
        (known.email, "seven herons on the pier", 403),
        (unverified.email, "a wrong password", 401),
        (unverified.email, "the right one", 403),
        (closed.email, "a wrong password", 401),
        ("nobody@example.org", "a wrong password", 401),
        ("nul\x01@example.org", "a wrong password", 401),
    ):
        CountingHasher.encoded.clear()
        assert Program().sign_in(email, password=password).status_code == status
        costs.append(len(CountingHasher.encoded))
    assert costs == [2] * 7


def test_an_unverified_account_is_only_told_so_with_its_password(alice: User) -> None:
    User.objects.update(verified=False)
    right, wrong = Program().sign_in(alice), Program().sign_in(alice, password="a wrong one")
    assert (right.status_code, right.json()["code"]) == (403, "email_not_verified")
    assert (wrong.status_code, wrong.json()["code"]) == (401, "invalid_credentials")


def test_a_suspended_account_and_a_closed_one_can_not_sign_in(alice: User, bob: User) -> None:
    User.objects.filter(pk=alice.pk).update(suspended_until=timezone.now() + timedelta(days=1))
    User.objects.filter(pk=bob.pk).update(is_active=False)
    assert Program().sign_in(alice).json()["code"] == "account_suspended"
    assert Program().sign_in(bob).json()["code"] == "invalid_credentials"


def test_a_suspension_ends_what_is_open_and_its_end_gives_it_back(alice: User) -> None:
    program = program_of(alice)
    User.objects.update(suspended_until=timezone.now() + timedelta(days=1))
    assert program.get("me").status_code == 401
    User.objects.update(suspended_until=timezone.now() - timedelta(seconds=1))
    assert program.get("me").status_code == 200


def test_signing_in_again_on_a_device_replaces_its_token(alice: User, bob: User) -> None:
    before, other_device, bobs = program_of(alice), program_of(alice, device_id="phone"), program_of(bob)
    after = program_of(alice)
    assert before.get("me").status_code == 401
    assert [program.get("me").status_code for program in (after, other_device, bobs)] == [200, 200, 200]


@pytest.mark.parametrize(("word", "kept"), [("DESKTOP", "DESKTOP"), ("TOASTER", "OTHER"), ("ios", "OTHER")])
def test_any_other_platform_is_other(word: str, kept: str, alice: User) -> None:
    assert Program().sign_in(alice, platform=word).json()["session"]["platform"] == kept


@pytest.mark.parametrize(
    "change",
    [
        {"device_id": ""},
        {"device_id": "d" * 201},
        {"device_id": "nul\x00"},
        {"platform": 5},
        {"password": "p" * 1025},
        {"name": "two\nlines"},
        {"name": "n" * 101},
        {"admin": True},
    ],
)
def test_a_strange_sign_in_is_bad_input(change: dict[str, object], alice: User) -> None:
    body = {"email": alice.email, "password": PASSWORD, "device_id": "d", "platform": "CLI"} | change
    answer = Program().post("auth/login", body)
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == list(change)


# --- Bearer and cookie ---


@pytest.mark.parametrize("path", ["me", "sessions", "users", "users/01a203b4-e50b-7195-84c7-3f4613c5617b"])
def test_who_is_not_signed_in_gets_401(path: str, db: None) -> None:
    for headers in (
        {},
        {"authorization": "Bearer wrong"},
        {"authorization": "Bearer"},
        {"authorization": "Basic YTpi"},
    ):
        answer = Program().get(path, **headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
        assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("token", ["\x00", "a b", "ü" * 43, "x" * 5000, "cookie:abc", "'; --"])
def test_a_strange_token_is_just_refused(token: str, db: None) -> None:
    assert Program().get("me", authorization=f"Bearer {token}").status_code == 401


def test_bearer_wins_over_the_cookie_and_a_bad_one_never_falls_back(alice: User, bob: User) -> None:
    browser, bobs_token = browser_of(alice), program_of(bob).token
    assert Program(client=browser).get("me").json()["name"] == "Alice"
    assert Program(bobs_token, client=browser).get("me").json()["name"] == "Bob"
    assert Program("wrong", client=browser).get("me").status_code == 401


def test_a_browser_needs_a_csrf_token_and_a_program_none(alice: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.get("/login")
    csrf = browser.cookies[django_settings.CSRF_COOKIE_NAME].value
    assert (
        browser.post("/login", {"email": alice.email, "password": PASSWORD}, headers={"x-csrftoken": csrf}).status_code
        == 302
    )

    program = Program(client=browser)
    refused = program.patch("me", {"name": "Eve"})
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf_failed")
    csrf = browser.cookies[django_settings.CSRF_COOKIE_NAME].value
    assert program.patch("me", {"name": "Alice B"}, **{"x-csrftoken": csrf}).status_code == 200
    assert program_of(alice).patch("me", {"name": "Alice C"}).status_code == 200


def test_the_cookie_does_not_pass_for_a_bearer_token(alice: User) -> None:
    key = browser_of(alice).cookies[django_settings.SESSION_COOKIE_NAME].value
    assert Program(key).get("me").status_code == 401
    assert Program(f"cookie:{key}").get("me").status_code == 401
