"""Another address, which counts once the link mailed there is used."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.proofs import issue_reset, issue_verification, secret_to_mail
from tests.accounts.conftest import Program, browser_of, program_of
from tests.accounts.mails import Mails, link_in, sent_to
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db

Work = Callable[[], Any]
NEW = "alice@new.example"


def ask(program: Program, email: str = NEW, password: str = PASSWORD) -> Any:
    return program.post("auth/email", {"email": email, "password": password})


def verify(secret: str) -> Any:
    return Program().post("auth/verify-email", {"token": secret})


def mailed(token: Any) -> str:
    found = secret_to_mail(token.id)
    assert found is not None
    return found[1]


def test_alices_address_changes_when_she_uses_the_link_and_the_old_one_is_told(
    work: Work, mailoutbox: Mails, alice: User
) -> None:
    laptop, phone, old = program_of(alice), program_of(alice, device_id="phone"), alice.email
    with work():
        assert ask(laptop, " Alice@New.example").status_code == 202
    assert [mail.subject for mail in sent_to(mailoutbox, old)] == ["Your address is about to change"]
    (mail,) = sent_to(mailoutbox, NEW)
    assert laptop.get("me").json()["email"] == old
    assert Program().sign_in(old).status_code == 200

    with work():
        assert verify(link_in(mail, "/verify/")).status_code == 204
    assert phone.get("me").json()["email"] == NEW
    assert [mail.subject for mail in sent_to(mailoutbox, old)][1:] == ["Your address was changed"]
    assert Program().sign_in(old).status_code == 401
    assert Program().sign_in(NEW).status_code == 200


def test_a_taken_address_answers_alike_and_its_owner_is_told(
    work: Work, mailoutbox: Mails, alice: User, bob: User
) -> None:
    with work():
        free = ask(program_of(alice), "free@example.org")
    with work():
        taken = ask(program_of(alice), bob.email)
    assert (taken.status_code, taken.content) == (free.status_code, free.content)
    (mail,) = sent_to(mailoutbox, bob.email)
    assert mail.subject.startswith("You already have an account")
    assert "/verify/" not in mail.body


def test_an_address_that_was_taken_meanwhile_fails_like_a_bad_link(alice: User) -> None:
    secret = mailed(issue_verification(user=alice, email=NEW))
    User.objects.create_user(email=NEW, name="Quicker", password=PASSWORD, verified=True)
    assert verify(secret).json()["code"] == "invalid_token"
    alice.refresh_from_db()
    assert alice.email == "alice@example.org"


def test_whoever_only_registered_it_gives_way_to_whoever_proves_it(alice: User) -> None:
    squatter = User.objects.create_user(email=NEW, name="Squatter", password=PASSWORD)
    theirs = mailed(issue_verification(user=squatter))
    assert verify(mailed(issue_verification(user=alice, email=NEW))).status_code == 204
    alice.refresh_from_db()
    assert alice.email == NEW
    assert verify(theirs).status_code == 400
    assert User.objects.get(email=NEW).pk == alice.pk


def test_only_the_newest_link_works_and_only_once(alice: User) -> None:
    first = mailed(issue_verification(user=alice, email="first@example.org"))
    second = mailed(issue_verification(user=alice, email="second@example.org"))
    assert verify(first).status_code == 400
    assert verify(second).status_code == 204
    assert verify(second).status_code == 400
    alice.refresh_from_db()
    assert alice.email == "second@example.org"


def test_after_the_change_nothing_mailed_to_the_old_address_works(alice: User) -> None:
    reset = mailed(issue_reset(user=alice))
    assert verify(mailed(issue_verification(user=alice, email=NEW))).status_code == 204
    body = {"token": reset, "password": "a lighthouse in fog"}
    assert Program().post("auth/password-reset/confirm", body).json()["code"] == "invalid_token"


def test_a_link_that_confirms_a_first_address_never_changes_one() -> None:
    nora = User.objects.create_user(email="nora@example.org", name="Nora", password=PASSWORD)
    secret = mailed(issue_verification(user=nora))
    User.objects.filter(pk=nora.pk).update(email="elsewhere@example.org")
    assert verify(secret).status_code == 400
    nora.refresh_from_db()
    assert (nora.email, nora.verified) == ("elsewhere@example.org", False)


@pytest.mark.parametrize(
    ("email", "password", "code", "field"),
    [
        (NEW, "not my password", "wrong_password", "password"),
        ("alice@", PASSWORD, "invalid", "email"),
        ("a@example.org\nBcc: b@example.org", PASSWORD, "invalid", "email"),
        ("ALICE@example.org", PASSWORD, "invalid", "email"),
    ],
)
def test_what_will_not_do_is_refused_at_its_field(
    email: str, password: str, code: str, field: str, work: Work, mailoutbox: Mails, alice: User
) -> None:
    with work():
        answer = ask(program_of(alice), email, password)
    assert (answer.status_code, answer.json()["code"], list(answer.json()["errors"])) == (400, code, [field])
    assert mailoutbox == []


def test_strangers_ask_for_nothing(alice: User) -> None:
    assert ask(Program()).status_code == 401
    assert Client().post("/settings/account/email", {"email": NEW, "password": PASSWORD}).status_code == 302
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    assert browser.post("/settings/account/email", {"email": NEW, "password": PASSWORD}).status_code == 403


def test_writing_to_strangers_this_way_is_limited(rate_limits: None, alice: User) -> None:
    laptop = program_of(alice)
    assert [ask(laptop, "victim@example.org").status_code for _ in range(6)] == [202] * 5 + [429]


# --- The page ---


def test_alice_asks_sees_what_waits_and_cancels_it(work: Work, mailoutbox: Mails, alice: User) -> None:
    browser = browser_of(alice)
    with work():
        page = browser.post("/settings/account/email", {"email": NEW, "password": PASSWORD}, follow=True)
    assert "Waiting for confirmation of <bdi>alice@new.example</bdi>" in page.text
    (mail,) = sent_to(mailoutbox, NEW)

    page = browser.post("/settings/account/email/cancel", follow=True)
    assert "Your address stays as it is" in page.text
    assert "Waiting for" not in page.text
    assert verify(link_in(mail, "/verify/")).status_code == 400


def test_the_button_behind_the_link_changes_it_and_says_so(work: Work, mailoutbox: Mails, alice: User) -> None:
    browser = browser_of(alice)
    with work():
        browser.post("/settings/account/email", {"email": NEW, "password": PASSWORD})
    link = "/verify/" + link_in(sent_to(mailoutbox, NEW)[0], "/verify/")
    # Somebody who is just registering that address must not take this for their own link.
    assert "if you are creating an account, this isn’t its link" in browser.get(link).text
    alice.refresh_from_db()
    assert alice.email == "alice@example.org"
    page = browser.post(link, follow=True)
    assert "Your address is alice@new.example now" in page.text
    assert page.redirect_chain[-1][0] == "/settings/account"


def test_a_refused_form_keeps_what_was_typed_and_says_what_is_wrong(alice: User) -> None:
    page = browser_of(alice).post("/settings/account/email", {"email": NEW, "password": "wrong"})
    assert page.status_code == 400
    assert "That isn’t your password." in page.text
    assert NEW in page.text
    assert 'value="wrong"' not in page.text
