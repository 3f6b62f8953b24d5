"""Who may create an account: everybody, whoever was invited, or nobody."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.actions.invitations import make_invitation, revoke_invitation
from accounts.models import Invitation, User
from accounts.proofs import issue_verification, secret_to_mail
from pulse.lib.tokens import token_hash
from tests.accounts.conftest import Program
from tests.accounts.mails import Mails, link_in

pytestmark = pytest.mark.django_db

Work = Callable[[], Any]
NORA = {"name": "Nora", "email": "nora@example.org", "password": "a harbour at dawn"}


@pytest.fixture
def by_invitation(settings: Settings) -> None:
    settings.REGISTRATION = "invitation"


def register(secret: str = "", **fields: str) -> Any:
    return Program().post("auth/register", NORA | fields | ({"invitation": secret} if secret else {}))


def verify(email: str) -> Any:
    mailed = secret_to_mail(issue_verification(user=User.objects.get(email=email)).id)
    assert mailed is not None
    return Program().post("auth/verify-email", {"token": mailed[1]})


def test_an_open_server_asks_for_no_invitation_and_says_so() -> None:
    features = Program().get("config").json()["features"]
    assert (features["registration"], features["registration_mode"]) == (True, "open")
    assert register().status_code == 202
    assert register("any old secret", email="other@example.org").status_code == 202


@pytest.mark.parametrize("mode", ["invitation", "closed"])
def test_others_say_so_too(mode: str, settings: Settings) -> None:
    settings.REGISTRATION = mode
    features = Program().get("config").json()["features"]
    assert (features["registration"], features["registration_mode"]) == (False, mode)


def test_nobody_registers_where_it_is_closed_not_even_by_invitation(settings: Settings) -> None:
    settings.REGISTRATION = "closed"
    _, secret = make_invitation(created_by=None)
    for answer in (register(), register(secret), register(password="short")):
        assert (answer.status_code, answer.json()["code"]) == (403, "registration_closed")
    assert not User.objects.exists()


def test_nora_registers_by_her_invitation_and_confirms(by_invitation: None, work: Work, mailoutbox: Mails) -> None:
    invitation, secret = make_invitation(created_by=None)
    with work():
        assert register(secret).status_code == 202
    invitation.refresh_from_db()
    assert invitation.uses == 0
    verified = Program().post("auth/verify-email", {"token": link_in(mailoutbox[0], "/verify/")})
    assert verified.status_code == 204
    invitation.refresh_from_db()
    assert invitation.uses == 1
    assert list(invitation.people.values_list("name", flat=True)) == ["Nora"]
    assert Program().sign_in(NORA["email"], password=NORA["password"]).status_code == 200
    assert register(secret, email="second@example.org").json()["code"] == "invitation_required"


def test_without_a_usable_invitation_nobody_registers(by_invitation: None) -> None:
    revoked, of_revoked = make_invitation(created_by=None)
    revoke_invitation(invitation=revoked)
    expired, of_expired = make_invitation(created_by=None)
    then = timezone.now() - timedelta(days=8)
    Invitation.objects.filter(pk=expired.pk).update(created_at=then, expires_at=then + timedelta(days=7))
    _, of_somebody_else = make_invitation(created_by=None, email="other@example.org")
    refused = [register(secret) for secret in ("", "made up", "ü\x7f", of_revoked, of_expired, of_somebody_else)]
    assert {(answer.status_code, answer.json()["code"]) for answer in refused} == {(403, "invitation_required")}
    assert len({answer.content for answer in refused}) == 1
    assert not User.objects.exists()


def test_an_invitation_for_an_address_works_for_that_address(by_invitation: None) -> None:
    _, secret = make_invitation(created_by=None, email="Nora@Example.org")
    assert register(secret, email="NORA@example.org").status_code == 202


def test_typing_ones_address_wrong_uses_nothing_up(by_invitation: None) -> None:
    _, secret = make_invitation(created_by=None)
    assert register(secret, email="nroa@example.org").status_code == 202
    assert register(secret).status_code == 202
    assert verify(NORA["email"]).status_code == 204
    refused = verify("nroa@example.org")
    assert (refused.status_code, refused.json()["code"]) == (400, "invitation_used_up")
    assert not User.objects.get(email="nroa@example.org").verified


def test_an_invitation_that_ended_meanwhile_lets_nobody_in_and_another_does(by_invitation: None) -> None:
    invitation, secret = make_invitation(created_by=None)
    register(secret)
    revoke_invitation(invitation=invitation)
    assert verify(NORA["email"]).json()["code"] == "invitation_used_up"
    _, another = make_invitation(created_by=None)
    assert register(another).status_code == 202
    assert verify(NORA["email"]).status_code == 204


def test_it_no_longer_matters_once_all_may_register(by_invitation: None, settings: Settings) -> None:
    invitation, secret = make_invitation(created_by=None)
    register(secret)
    revoke_invitation(invitation=invitation)
    settings.REGISTRATION = "open"
    assert verify(NORA["email"]).status_code == 204


@pytest.mark.parametrize("mode", ["invitation", "closed"])
def test_existing_accounts_are_not_affected(mode: str, alice: User, settings: Settings, mailoutbox: Mails) -> None:
    register()
    settings.REGISTRATION = mode
    assert Program().sign_in(alice).status_code == 200
    assert Program().post("auth/resend-verification", {"email": NORA["email"]}).status_code == 202
    assert Program().post("auth/password-reset", {"email": alice.email}).status_code == 202
    assert verify(NORA["email"]).status_code == 204


def test_only_the_hash_of_the_secret_is_stored() -> None:
    invitation, secret = make_invitation(created_by=None)
    assert len(secret) == 43
    assert invitation.token == token_hash(secret)


# --- The pages ---


def test_the_link_opens_the_form_and_keeps_the_invitation_through_mistakes(by_invitation: None) -> None:
    _, secret = make_invitation(created_by=None)
    browser = Client()
    page = browser.get(f"/signup?invitation={secret}")
    assert "You were invited to <bdi>testserver</bdi>" in page.text
    assert page["Referrer-Policy"] == "strict-origin"
    page = browser.post("/signup", {**NORA, "password": "short", "invitation": secret})
    assert page.status_code == 400
    assert f'value="{secret}"' in page.text
    assert browser.post("/signup", {**NORA, "invitation": secret})["Location"] == "/verify?sent"
    assert User.objects.get().email == NORA["email"]


def test_the_page_says_what_to_do_without_one(by_invitation: None) -> None:
    for page in (
        Client().get("/signup"),
        Client().get("/signup?invitation=made-up"),
        Client().post("/signup", {**NORA, "invitation": "made-up"}),
    ):
        assert page.status_code == 403
        assert "ask for a new one" in page.text
        assert "<input" not in page.text.partition("</main>")[0].partition("<main")[2]
    assert not User.objects.exists()


def test_the_page_says_that_registration_is_closed(settings: Settings) -> None:
    settings.REGISTRATION = "closed"
    page = Client().get("/signup")
    assert page.status_code == 403
    assert "Registration is closed" in page.text


@pytest.mark.parametrize(("mode", "offered"), [("open", True), ("invitation", False), ("closed", False)])
def test_signing_in_offers_an_account_only_where_one_may_have_one(mode: str, offered: bool, settings: Settings) -> None:
    settings.REGISTRATION = mode
    assert ('href="/signup"' in Client().get("/login").text) == offered


def test_a_link_whose_invitation_ended_says_so(by_invitation: None) -> None:
    invitation, secret = make_invitation(created_by=None)
    register(secret)
    mailed = secret_to_mail(issue_verification(user=User.objects.get()).id)
    assert mailed is not None
    revoke_invitation(invitation=invitation)
    page = Client().post(f"/verify/{mailed[1]}")
    assert page.status_code == 400
    assert "This invitation has ended" in page.text
