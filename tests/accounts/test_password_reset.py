"""A new password by mail."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.actions.invitations import make_invitation, revoke_invitation
from accounts.models import DeviceSession, TrustedDevice, User, VerificationToken
from accounts.proofs import issue_reset, issue_verification, secret_to_mail
from tests.accounts.conftest import Program, browser_of, program_of
from tests.accounts.mails import Mails, html_of, link_in, sent_to
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db

Work = Callable[[], Any]
NEW = "a lighthouse in fog"
LINK = "/password-reset/"


def secret_for(user: User) -> str:
    """What the newest mail to ``user`` would carry."""
    mailed = secret_to_mail(issue_reset(user=user).id)
    assert mailed is not None
    return mailed[1]


def reset(token: str, password: str = NEW) -> Any:
    return Program().post("auth/password-reset/confirm", {"token": token, "password": password})


def test_alice_gets_a_new_password_and_signs_in_with_it(work: Work, mailoutbox: Mails, alice: User) -> None:
    with work():
        assert Program().post("auth/password-reset", {"email": " Alice@Example.org"}).status_code == 202
    (mail,) = mailoutbox
    assert mail.to == [alice.email]
    secret = link_in(mail, LINK)
    assert secret in html_of(mail)

    assert reset(secret).status_code == 204
    assert Program().sign_in(alice).status_code == 401
    assert Program().sign_in(alice, password=NEW).status_code == 200


def test_every_session_link_and_trusted_device_of_hers_ends_and_nobody_elses(
    work: Work, mailoutbox: Mails, alice: User, bob: User
) -> None:
    phone, browser, bobs = program_of(alice, device_id="phone"), browser_of(alice), program_of(bob)
    later = timezone.now() + timedelta(days=30)
    for user, token in ((alice, "a" * 64), (bob, "b" * 64)):
        TrustedDevice.objects.create(user=user, token=token, expires_at=later)
    change = secret_to_mail(issue_verification(user=alice, email="new@example.org").id)
    assert change is not None
    secret = secret_for(alice)
    with work():
        assert reset(secret).status_code == 204

    assert phone.get("me").status_code == 401
    assert browser.get("/settings/account").status_code == 302
    assert bobs.get("me").status_code == 200
    assert list(DeviceSession.objects.values_list("user__name", flat=True)) == ["Bob"]
    assert list(TrustedDevice.objects.values_list("user__name", flat=True)) == ["Bob"]
    assert Program().post("auth/verify-email", {"token": change[1]}).status_code == 400
    assert [mail.subject for mail in sent_to(mailoutbox, alice.email)] == ["Your password was set anew"]


def test_a_link_works_once_for_an_hour_and_only_the_newest(alice: User) -> None:
    old, newest = secret_for(alice), secret_for(alice)
    assert reset(old).json()["code"] == "invalid_token"
    assert reset(newest).status_code == 204
    assert reset(newest, "another password").json()["code"] == "invalid_token"

    expired = secret_for(alice)
    then = timezone.now() - timedelta(minutes=61)
    VerificationToken.objects.filter(used_at=None).update(created_at=then, expires_at=then + timedelta(hours=1))
    assert reset(expired).json()["code"] == "invalid_token"
    assert Program().sign_in(alice, password=NEW).status_code == 200


def test_a_weak_password_is_refused_before_the_link_is_used(alice: User) -> None:
    secret = secret_for(alice)
    for weak in ("short", "1234567890123", "alice@example.org", "nul\x00 in the middle"):
        answer = reset(secret, weak)
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["password"])
    assert reset(secret).status_code == 204


def test_a_link_for_another_purpose_sets_no_password(alice: User) -> None:
    change = secret_to_mail(issue_verification(user=alice, email="new@example.org").id)
    assert change is not None
    assert reset(change[1]).json()["code"] == "invalid_token"
    assert Program().post("auth/verify-email", {"token": secret_for(alice)}).json()["code"] == "invalid_token"
    assert Program().sign_in(alice).status_code == 200


def test_a_link_to_an_address_of_before_sets_no_password(alice: User) -> None:
    secret = secret_for(alice)
    User.objects.filter(pk=alice.pk).update(email="elsewhere@example.org")
    assert reset(secret).json()["code"] == "invalid_token"


@pytest.mark.parametrize("change", [{"is_active": False}, {"suspended_until": timezone.now() + timedelta(days=1)}])
def test_whoever_is_closed_or_suspended_gets_nothing_and_sets_nothing(
    change: dict[str, Any], work: Work, mailoutbox: Mails, alice: User
) -> None:
    secret = secret_for(alice)
    User.objects.filter(pk=alice.pk).update(**change)
    with work():
        assert Program().post("auth/password-reset", {"email": alice.email}).status_code == 202
    assert mailoutbox == []
    assert reset(secret).json()["code"] == "invalid_token"
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


def test_who_registered_a_stranger_s_address_is_not_let_in_by_their_reset(work: Work, mailoutbox: Mails) -> None:
    nora = User.objects.create_user(email="nora@example.org", name="Mallory's choice", password=PASSWORD)
    by_registering = secret_to_mail(issue_verification(user=nora).id)
    assert by_registering is not None
    with work():
        Program().post("auth/password-reset", {"email": nora.email})
    (mail,) = mailoutbox
    assert reset(link_in(mail, LINK)).status_code == 204
    # The link proved the address, with the password that its owner chose.
    assert Program().sign_in(nora, password=NEW).status_code == 200
    assert Program().sign_in(nora).status_code == 401
    assert Program().post("auth/verify-email", {"token": by_registering[1]}).status_code == 400


def test_a_reset_lets_nobody_in_whose_invitation_has_ended(settings: Settings) -> None:
    settings.REGISTRATION = "invitation"
    invitation, _ = make_invitation(created_by=None)
    nora = User.objects.create_user(email="nora@example.org", name="Nora", password=PASSWORD, invitation=invitation)
    revoke_invitation(invitation=invitation)
    assert reset(secret_for(nora)).json()["code"] == "invitation_used_up"
    nora.refresh_from_db()
    assert not nora.verified
    assert nora.check_password(PASSWORD)


def test_asking_is_limited_as_all_mail_is(rate_limits: None, alice: User) -> None:
    asked = [Program().post("auth/password-reset", {"email": alice.email}) for _ in range(6)]
    assert [answer.status_code for answer in asked] == [202] * 5 + [429]
    assert int(asked[-1]["Retry-After"]) > 0


def test_who_asks_for_somebody_s_mail_again_and_again_does_not_keep_them_from_it(
    rate_limits: None, alice: User
) -> None:
    def ask(address: str) -> int:
        status: int = Program(address=address).post("auth/password-reset", {"email": alice.email}).status_code
        return status

    assert [ask("203.0.113.9") for _ in range(8)] == [202] * 5 + [429] * 3
    assert ask("198.51.100.7") == 202
    # Nor is anybody's mailbox filled from everywhere.
    assert [ask(f"198.51.100.{number}") for number in range(20, 40)].count(202) == 14


# --- The pages ---


def test_alice_chooses_a_new_password_on_the_page(work: Work, mailoutbox: Mails, alice: User) -> None:
    browser = Client()
    assert 'href="/password-reset"' in browser.get("/login").text
    with work():
        page = browser.post("/password-reset", {"email": alice.email}, follow=True)
    assert "Check your mail" in page.text
    link = LINK + link_in(mailoutbox[0], LINK)

    page = browser.get(link)
    assert "Choose a new password" in page.text
    assert page["Referrer-Policy"] == "strict-origin"
    page = browser.post(link, {"password": "short"})
    assert page.status_code == 400
    assert "too short" in page.text
    assert "Your password is set" in browser.post(link, {"password": NEW}, follow=True).text
    browser_of(alice, password=NEW)


def test_opening_the_link_uses_nothing_up_and_a_bad_one_says_so(alice: User) -> None:
    secret = secret_for(alice)
    for _ in range(2):
        assert Client().get(LINK + secret).status_code == 200
    assert reset(secret).status_code == 204
    for answer in (Client().get(LINK + secret), Client().post(LINK + secret, {"password": NEW})):
        assert answer.status_code == 400
        assert "This link doesn’t work" in answer.text


def test_the_page_needs_a_csrf_token(alice: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    assert browser.post("/password-reset", {"email": alice.email}).status_code == 403
    assert browser.post(LINK + secret_for(alice), {"password": NEW}).status_code == 403
