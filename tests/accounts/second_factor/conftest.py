"""People with an authenticator app on their phone, and the codes it shows."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import pyotp
import pytest
from django.core import mail
from django.test import Client

from accounts.models import User
from accounts.second_factor.totp import STEP_SECONDS
from tests.accounts.conftest import Program, program_of
from tests.conftest import PASSWORD

# A code read at the very end of its half minute would be one of before when it arrives.
MARGIN_SECONDS = 2


@dataclass
class Phone:
    """Somebody's authenticator app. ``recovery_codes`` are what they printed when they set it up."""

    user: User
    secret: str
    recovery_codes: list[str] = field(default_factory=list)

    def code(self, *, steps: int = 0) -> str:
        """What it shows now, or that many half minutes later."""
        left = STEP_SECONDS - time.time() % STEP_SECONDS
        if left < MARGIN_SECONDS:
            time.sleep(left)
        return pyotp.TOTP(self.secret).at(int(time.time()) + steps * STEP_SECONDS)

    def wrong_code(self) -> str:
        near = {self.code(steps=steps) for steps in range(-3, 4)}
        return next(
            code
            for code in ("000000", "111111", "222222", "333333", "444444", "555555", "666666", "777777")
            if code not in near
        )


def set_up(program: Program, user: User) -> Phone:
    """Turns the second factor on, by the API."""
    secret = program.post("me/totp", {"password": PASSWORD}).json()["secret"]
    phone = Phone(user, secret)
    # The one before: so that the one it shows now is still good for signing in.
    answer = program.post("me/totp/confirm", {"code": phone.code(steps=-1)})
    assert answer.status_code == 200, answer.content
    phone.recovery_codes = answer.json()["recovery_codes"]
    return phone


@pytest.fixture
def phone(alice: User) -> Phone:
    """Alice's, which counts."""
    return set_up(program_of(alice, device_id="first"), alice)


def log_in(user: User, *, program: Program | None = None, password: str = PASSWORD, **more: Any) -> Any:
    """Asks for a session by the API, as a device that the account doesn't know."""
    body = {"email": user.email, "password": password, "device_id": "another", "platform": "CLI"} | more
    return (program or Program()).post("auth/login", body)


def password_at_page(user: User, *, path: str = "/login", **cookies: str) -> Client:
    """A browser where the right password was just typed in."""
    browser = Client()
    for name, value in cookies.items():
        browser.cookies[name] = value
    answer = browser.post(path, {"email": user.email, "password": PASSWORD})
    assert answer.status_code == 302
    return browser


def subjects() -> list[str]:
    return [str(message.subject) for message in mail.outbox]
