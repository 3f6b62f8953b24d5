"""Strangers learn nothing of who has an account: known and unknown addresses are answered alike."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from tests.accounts.conftest import Program, program_of
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db

ADDRESSES = {
    "known": "alice@example.org",
    "unknown": "nobody@example.org",
    "unverified": "nora@example.org",
    "closed": "gone@example.org",
    "suspended": "loud@example.org",
}


@pytest.fixture(autouse=True)
def people(alice: User) -> None:
    """One of each kind."""
    User.objects.create_user(email=ADDRESSES["unverified"], name="Nora", password=PASSWORD)
    User.objects.create_user(email=ADDRESSES["closed"], name="Gone", password=PASSWORD, verified=True, is_active=False)
    until = timezone.now() + timedelta(days=1)
    User.objects.create_user(
        email=ADDRESSES["suspended"], name="Loud", password=PASSWORD, verified=True, suspended_until=until
    )


def seen(answer: Any) -> tuple[Any, ...]:
    """All that whoever asked has of the answer, but for what is random in every answer, and the time of day."""
    random = {"Content-Security-Policy", "Set-Cookie", "Expires"}
    headers = {name: value for name, value in answer.headers.items() if name not in random}
    cookies = sorted((name, morsel["max-age"], morsel["path"]) for name, morsel in answer.cookies.items())
    return answer.status_code, answer.content, headers, cookies


API: dict[str, Callable[[str], Any]] = {
    "register": lambda email: Program().post(
        "auth/register", {"name": "Mallory", "email": email, "password": "seven herons on the pier"}
    ),
    "resend": lambda email: Program().post("auth/resend-verification", {"email": email}),
    "reset": lambda email: Program().post("auth/password-reset", {"email": email}),
    "sign in": lambda email: Program().sign_in(email, password="guessed wrongly"),
    "sign-up page": lambda email: Client().post(
        "/signup", {"name": "Mallory", "email": email, "password": "seven herons on the pier"}
    ),
    "resend page": lambda email: Client().post("/verify", {"email": email}),
    "reset page": lambda email: Client().post("/password-reset", {"email": email}),
}


@pytest.mark.parametrize("door", API)
def test_every_address_is_answered_alike(door: str) -> None:
    answers = {kind: seen(API[door](email)) for kind, email in ADDRESSES.items()}
    assert {kind: answer for kind, answer in answers.items() if answer != answers["unknown"]} == {}


@pytest.mark.parametrize("kind", sorted(set(ADDRESSES) - {"known"}))
def test_alice_asking_for_an_address_learns_not_whether_it_is_free(kind: str, bob: User) -> None:
    bobs = program_of(bob)

    def ask(email: str) -> Any:
        return seen(bobs.post("auth/email", {"email": email, "password": PASSWORD}))

    assert ask(ADDRESSES[kind]) == ask(ADDRESSES["known"])


@pytest.mark.parametrize("door", ["register", "resend", "reset"])
def test_every_address_is_throttled_alike(door: str, rate_limits: None) -> None:
    for email in ADDRESSES.values():
        statuses = [API[door](email).status_code for _ in range(6)]
        assert statuses == [202] * 5 + [429]


def test_a_wrong_code_or_link_is_a_wrong_one_whoever_s_it_might_be() -> None:
    guesses = [
        Program().post("auth/password-reset/confirm", {"token": token, "password": "seven herons on the pier"})
        for token in ("x", "a" * 43, "ü" * 200)
    ]
    assert len({seen(guess)[:2] for guess in guesses}) == 1
