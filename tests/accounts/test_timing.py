"""The clock tells strangers nothing either: with real hashing, known and unknown addresses take equally long.

Samples are interleaved, so that what else the machine does falls on both. They are compared by ranks: how often one of
the first is slower than one of the second. Of two distributions that are the same it is half of the pairs, give or take
0.11 (one standard deviation, for 15 each); of two that don't overlap, all or none. One hash more or less shows at once.
"""

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password

from accounts.models import User
from accounts.tasks import mail_reset_to
from tests.accounts.conftest import Program, program_of
from tests.conftest import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("real_password_hashing")]

SAMPLES = 15
# More than two standard deviations: by chance outside once in 50 times, and three times in a row once in 100,000.
TOLERANCE = 0.25
ATTEMPTS = 3
# A difference below this is lost in any network, and its ranks only tell how quiet the machine is.
UNNOTICED_SECONDS = 0.003

Ask = Callable[[str], Any]


def taken(ask: Ask, email: str) -> float:
    before = time.perf_counter()
    ask(email)
    return time.perf_counter() - before


def sampled(ask: Ask, one: Callable[[], str], other: Callable[[], str]) -> tuple[list[float], list[float]]:
    ask(one()), ask(other())  # the first of each warms up what is made once
    pairs = [(taken(ask, one()), taken(ask, other())) for _ in range(SAMPLES)]
    return [first for first, _ in pairs], [second for _, second in pairs]


def slower(these: list[float], those: list[float]) -> float:
    """How many of all pairs have the slower one in ``these``: Mann and Whitney's U, as a share."""
    return sum((a > b) + (a == b) / 2 for a in these for b in those) / (len(these) * len(those))


def tells_apart(
    label: str, ask: Ask, one: Callable[[], str], other: Callable[[], str], *, attempts: int = ATTEMPTS
) -> bool:
    """Whether the two take differently long, each time one looks."""
    for _ in range(attempts):
        these, those = sampled(ask, one, other)
        share, apart = slower(these, those), abs(median(these) - median(those))
        print(f"{label}: {median(these) * 1000:.1f} ms and {median(those) * 1000:.1f} ms, {share:.0%} slower")
        if abs(share - 0.5) <= TOLERANCE or apart < UNNOTICED_SECONDS:
            return False
    return True


def always(email: str) -> Callable[[], str]:
    return lambda: email


def never_seen() -> Callable[[], str]:
    numbers = iter(range(10_000))
    return lambda: f"nobody{next(numbers)}@example.org"


@pytest.fixture(params=["known", "unverified", "closed"])
def somebody(request: pytest.FixtureRequest, db: None) -> User:
    state = {"known": {"verified": True}, "unverified": {}, "closed": {"verified": True, "is_active": False}}
    return User.objects.create_user(
        email=f"{request.param}@example.org", name="Somebody", password=PASSWORD, **state[request.param]
    )


def register(email: str) -> Any:
    body = {"name": "Mallory", "email": email, "password": "seven herons on the pier"}
    assert Program().post("auth/register", body).status_code == 202


def test_registering_takes_equally_long(somebody: User) -> None:
    assert not tells_apart(f"register, {somebody.email}", register, always(somebody.email), never_seen())


def test_signing_in_takes_equally_long(somebody: User) -> None:
    def sign_in(email: str) -> None:
        assert Program().sign_in(email, password="guessed wrongly").status_code == 401

    assert not tells_apart(f"sign in, {somebody.email}", sign_in, always(somebody.email), never_seen())


def test_signing_in_as_one_registered_takes_equally_long(alice: User) -> None:
    """By the password that one has just registered somebody's address with, or a free one."""
    for email in (alice.email, "free@example.org"):
        register(email)

    def sign_in(email: str) -> None:
        assert Program().sign_in(email, password="seven herons on the pier").status_code == 403

    assert not tells_apart("sign in as registered", sign_in, always(alice.email), always("free@example.org"))


@pytest.mark.parametrize("path", ["auth/resend-verification", "auth/password-reset"])
def test_asking_for_a_link_takes_equally_long(path: str, somebody: User) -> None:
    def ask(email: str) -> None:
        assert Program().post(path, {"email": email}).status_code == 202

    assert not tells_apart(f"{path}, {somebody.email}", ask, always(somebody.email), never_seen())


def test_asking_for_another_address_takes_equally_long(alice: User) -> None:
    asking = User.objects.create_user(email="mallory@example.org", name="M", password=PASSWORD, verified=True)
    program = program_of(asking)

    def ask(email: str) -> None:
        assert program.post("auth/email", {"email": email, "password": PASSWORD}).status_code == 202

    assert not tells_apart(f"auth/email, {alice.email}", ask, always(alice.email), never_seen())


# --- It can fail ---


def test_a_door_that_hashes_only_for_new_addresses_is_found_out(alice: User) -> None:
    def leaky(email: str) -> None:
        if not User.objects.filter(email=email).exists():
            make_password("seven herons on the pier")

    assert tells_apart("leaky registration", leaky, always(alice.email), never_seen(), attempts=1)


def test_a_door_that_hashes_once_more_is_found_out(alice: User) -> None:
    def leaky(email: str) -> None:
        for _ in range(2 if email == alice.email else 1):
            make_password("seven herons on the pier")

    assert tells_apart("leaky by one hash", leaky, always(alice.email), never_seen(), attempts=1)


def test_a_job_looks_up_what_the_door_must_not(alice: User) -> None:
    """What the timing rests on: the request only puts an address into the queue."""
    Program().post("auth/password-reset", {"email": alice.email})
    assert not alice.verification_tokens.exists()
    mail_reset_to.call(email=alice.email)
    assert alice.verification_tokens.count() == 1
