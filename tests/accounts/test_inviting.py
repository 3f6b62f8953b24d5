"""Making invitations: from a terminal, and in the admin."""

import re
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from accounts.models import Invitation, User
from pulse.lib.tokens import token_hash
from tests.accounts.conftest import Program, browser_of
from tests.accounts.mails import Mails

pytestmark = pytest.mark.django_db

NORA = {"name": "Nora", "email": "nora@example.org", "password": "a harbour at dawn"}


def invite(*arguments: str) -> str:
    out = StringIO()
    call_command("invite", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def secret_in(text: str) -> str:
    found = re.search(r"/signup\?invitation=([\w-]{43})\b", text)
    assert found is not None, text
    return found[1]


@pytest.fixture(autouse=True)
def by_invitation(settings: Settings) -> None:
    settings.REGISTRATION = "invitation"


def test_the_printed_link_lets_somebody_in(mailoutbox: Mails) -> None:
    secret = secret_in(invite())
    assert mailoutbox == []
    assert Program().post("auth/register", NORA | {"invitation": secret}).status_code == 202


def test_with_an_address_the_link_is_mailed_as_well(mailoutbox: Mails) -> None:
    printed = invite("Nora@example.org")
    (mail,) = mailoutbox
    assert mail.to == ["nora@example.org"]
    assert secret_in(str(mail.body)) == secret_in(printed)
    assert Invitation.objects.get().email == "nora@example.org"


def test_it_may_be_for_many_and_for_long() -> None:
    invite("--uses", "20", "--days", "30")
    invitation = Invitation.objects.get()
    assert (invitation.max_uses, (invitation.expires_at - invitation.created_at).days) == (20, 30)


@pytest.mark.parametrize(
    "arguments",
    [["--uses", "0"], ["--uses", "1001"], ["--days", "0"], ["--days", "366"], ["--days", "9" * 12], ["nora@"],
     ["nora@example.org", "--uses", "2"]],
)  # fmt: skip
def test_senseless_terms_are_refused(arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        invite(*arguments)
    assert not Invitation.objects.exists()


def test_mail_that_can_not_be_sent_is_said_and_the_link_still_works(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # nobody listens there
    out = StringIO()
    with pytest.raises(CommandError, match="wasn’t mailed"):
        call_command("invite", "nora@example.org", stdout=out)
    answer = Program().post("auth/register", NORA | {"invitation": secret_in(out.getvalue())})
    assert answer.status_code == 202


# --- The admin ---


def allow(user: User, *names: str) -> None:
    user.user_permissions.set(Permission.objects.filter(codename__in=names))


def add(browser: Client, **fields: Any) -> Any:
    form = {"email": "", "max_uses": 1, "days": 7} | fields
    return browser.post("/admin/accounts/invitation/add/", form, follow=True)


def test_mia_makes_a_link_that_is_shown_once(mia: User) -> None:
    allow(mia, "add_invitation", "view_invitation")
    browser = browser_of(mia)
    assert browser.get("/admin/accounts/invitation/add/").status_code == 200
    secret = secret_in(add(browser, email="Nora@example.org").text)
    invitation = Invitation.objects.get()
    assert (invitation.created_by, invitation.email) == (mia, "nora@example.org")
    assert invitation.token == token_hash(secret)
    for path in ("/admin/accounts/invitation/", f"/admin/accounts/invitation/{invitation.pk}/change/", "/admin/"):
        page = browser.get(path)
        assert page.status_code == 200
        assert secret not in page.text
        assert invitation.token not in page.text


def test_senseless_terms_are_refused_on_the_form(mia: User) -> None:
    allow(mia, "add_invitation", "view_invitation")
    browser = browser_of(mia)
    for fields in ({"email": "nora@"}, {"max_uses": 0}, {"days": 0}, {"days": 10**12}, {"max_uses": "x"}):
        page = add(browser, **fields)
        assert page.status_code == 200
        assert "errorlist" in page.text, fields
    assert not Invitation.objects.exists()


def test_looking_is_not_making_and_making_is_not_revoking(mia: User, alice: User) -> None:
    allow(mia, "view_invitation")
    assert add(browser_of(mia)).status_code == 403
    allow(mia, "view_invitation", "add_invitation")
    browser = browser_of(mia)
    add(browser)
    chosen = {"action": "revoke", "_selected_action": [str(Invitation.objects.get().pk)]}
    browser.post("/admin/accounts/invitation/", chosen)
    assert Invitation.objects.usable().count() == 1

    allow(mia, "view_invitation", "change_invitation")
    page = browser_of(mia).post("/admin/accounts/invitation/", chosen, follow=True)
    assert "let nobody in any more" in page.text
    assert Invitation.objects.usable().count() == 0
    assert browser_of(alice).get("/admin/accounts/invitation/").status_code == 302
