"""A new password, for whoever knows the one of now."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.actions import start_session
from accounts.errors import WrongCredentials
from accounts.models import TrustedDevice, User
from accounts.proofs import issue_reset, issue_verification, secret_to_mail
from tests.accounts.conftest import Program, browser_of, program_of
from tests.accounts.mails import Mails, sent_to
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db

Work = Callable[[], Any]
NEW = "a lighthouse in fog"


def change(program: Program, current: str = PASSWORD, new: str = NEW) -> Any:
    return program.post("auth/password", {"current_password": current, "new_password": new})


def test_alices_other_devices_end_and_this_one_lives_on(work: Work, mailoutbox: Mails, alice: User, bob: User) -> None:
    laptop, phone, browser, bobs = (
        program_of(alice),
        program_of(alice, device_id="phone"),
        browser_of(alice),
        program_of(bob),
    )
    with work():
        assert change(laptop).status_code == 204
    assert laptop.get("me").status_code == 200
    assert phone.get("me").status_code == 401
    assert browser.get("/settings/account").status_code == 302
    assert bobs.get("me").status_code == 200
    assert Program().sign_in(alice).status_code == 401
    assert Program().sign_in(alice, password=NEW).status_code == 200
    (mail,) = sent_to(mailoutbox, alice.email)
    assert mail.subject == "Your password was changed"


def test_a_browser_that_changes_it_stays_signed_in_under_a_new_key(alice: User) -> None:
    browser, phone = browser_of(alice), program_of(alice)
    before = browser.session.session_key
    answer = browser.post(
        "/settings/account/password", {"current_password": PASSWORD, "new_password": NEW}, follow=True
    )
    assert "Your password is changed" in answer.text
    assert browser.session.session_key != before
    assert browser.get("/settings/account").status_code == 200
    assert browser.get("/api/v1/me").status_code == 200
    assert phone.get("me").status_code == 401
    assert alice.device_sessions.count() == 1


def test_a_browser_may_also_change_it_by_the_api(alice: User) -> None:
    browser = browser_of(alice)
    body = {"current_password": PASSWORD, "new_password": NEW}
    answer = browser.post("/api/v1/auth/password", body, content_type="application/json")
    assert answer.status_code == 204
    assert browser.get("/api/v1/me").status_code == 200


def test_links_and_trusted_devices_of_before_end(alice: User, bob: User) -> None:
    reset, new_address = issue_reset(user=alice), issue_verification(user=alice, email="new@example.org")
    secrets = [mailed[1] for mailed in (secret_to_mail(reset.id), secret_to_mail(new_address.id)) if mailed]
    later = timezone.now() + timedelta(days=30)
    for user, token in ((alice, "a" * 64), (bob, "b" * 64)):
        TrustedDevice.objects.create(user=user, token=token, expires_at=later)
    assert change(program_of(alice)).status_code == 204

    confirm = Program().post("auth/password-reset/confirm", {"token": secrets[0], "password": "yet another one"})
    assert confirm.json()["code"] == "invalid_token"
    assert Program().post("auth/verify-email", {"token": secrets[1]}).json()["code"] == "invalid_token"
    assert list(TrustedDevice.objects.values_list("user__name", flat=True)) == ["Bob"]


@pytest.mark.parametrize(
    ("current", "new", "code", "field"),
    [
        ("not my password", NEW, "wrong_password", "current_password"),
        ("x" * 1500, NEW, "wrong_password", "current_password"),
        (PASSWORD, PASSWORD, "invalid", "new_password"),
        (PASSWORD, "short", "invalid", "new_password"),
        (PASSWORD, "alice@example.org", "invalid", "new_password"),
        (PASSWORD, "x" * 1025, "invalid", "new_password"),
        (PASSWORD, "nul\x00 in the middle", "invalid", "new_password"),
    ],
)
def test_what_will_not_do_is_refused_at_its_field(
    current: str, new: str, code: str, field: str, work: Work, mailoutbox: Mails, alice: User
) -> None:
    laptop, phone = program_of(alice), program_of(alice, device_id="phone")
    with work():
        answer = change(laptop, current, new)
    assert (answer.status_code, answer.json()["code"], list(answer.json()["errors"])) == (400, code, [field])
    assert phone.get("me").status_code == 200
    assert Program().sign_in(alice).status_code == 200
    assert sent_to(mailoutbox, alice.email) == []


def test_nobody_changes_it_without_a_session_or_a_csrf_token(alice: User) -> None:
    assert change(Program()).status_code == 401
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    body = {"current_password": PASSWORD, "new_password": NEW}
    assert browser.post("/settings/account/password", body).status_code == 403
    assert Client().post("/settings/account/password", body)["Location"].startswith("/login")


def test_a_stolen_session_is_no_place_to_guess_from(rate_limits: None, alice: User) -> None:
    laptop = program_of(alice)
    guesses = [change(laptop, f"guess {number}").status_code for number in range(11)]
    assert guesses == [400] * 10 + [429]
    assert change(laptop).status_code == 429


def test_a_password_of_before_opens_no_session_however_late_it_comes(alice: User) -> None:
    """Signing in checks the password first and opens the session after: between the two it may change."""
    checked = User.objects.get(pk=alice.pk)
    assert change(program_of(alice)).status_code == 204
    with pytest.raises(WrongCredentials):
        start_session(user=checked, device_id="thief", platform="CLI", name="", address="")
    assert alice.device_sessions.count() == 1
