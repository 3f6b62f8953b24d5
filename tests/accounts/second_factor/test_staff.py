"""A second factor that staff must have, by setting; and operators who take one away."""

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import Authenticator, DeviceSession, Passkey, RecoveryCode, User
from tests.accounts.conftest import browser_of
from tests.accounts.second_factor.conftest import Phone, log_in, password_at_page, subjects
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def required(settings: Settings) -> None:
    settings.STAFF_SECOND_FACTOR = True


@pytest.fixture
def mod(alice: User, phone: Phone) -> Phone:
    """Alice is staff, and has an app."""
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    phone.user.refresh_from_db()
    return phone


def test_where_it_is_not_required_a_password_opens_the_admin(mia: User) -> None:
    assert browser_of(mia).get("/admin/").status_code == 200


def test_staff_without_one_are_led_to_where_they_set_it_up(required: None, mia: User) -> None:
    browser = browser_of(mia)
    answer = browser.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0] == "/settings/security"
    assert "The admin needs a second factor" in answer.text
    # Who signs in at the admin's own door comes the same way.
    there = Client().post("/admin/login/", {"username": mia.email, "password": PASSWORD}, follow=True)
    assert there.redirect_chain[-1][0] == "/settings/security"

    browser.post("/settings/security/authenticator", {"password": PASSWORD})
    key = browser.get("/settings/security/authenticator/confirm").context["key"]
    phone = Phone(mia, key.replace(" ", ""))
    browser.post("/settings/security/authenticator/confirm", {"code": phone.code()})
    assert browser.get("/admin/").status_code == 200


def test_a_session_without_it_is_asked_and_then_opens_the_admin(required: None, mod: Phone) -> None:
    browser = password_at_page(mod.user)
    browser.post("/login/second", {"code": mod.code(), "remember": "on"})
    assert browser.get("/admin/").status_code == 200
    browser.post("/logout")
    # On a remembered browser the password was enough; for the admin it isn't.
    assert browser.post("/login", {"email": mod.user.email, "password": PASSWORD})["Location"] == "/"
    asked = browser.get("/admin/accounts/user/", follow=True)
    assert asked.redirect_chain[-1][0] == "/login/second?next=%2Fadmin%2Faccounts%2Fuser%2F"
    assert browser.post("/login/second", {"code": mod.wrong_code()}).status_code == 401
    assert browser.get("/admin/").status_code == 302
    key = browser.session.session_key
    done = browser.post(asked.redirect_chain[-1][0], {"code": mod.code(steps=1)})
    assert done["Location"] == "/admin/accounts/user/"
    assert browser.session.session_key != key
    assert browser.get("/admin/").status_code == 200


def test_who_is_no_staff_is_led_to_the_admin_s_door_as_ever(required: None, alice: User, phone: Phone) -> None:
    browser = password_at_page(alice)
    browser.post("/login/second", {"code": phone.code()})
    assert browser.get("/admin/")["Location"].startswith("/admin/login/")
    assert browser.get("/admin/login/").status_code == 200


def test_who_turns_it_off_is_out_of_the_admin(required: None, mod: Phone) -> None:
    browser = password_at_page(mod.user)
    browser.post("/login/second", {"code": mod.code()})
    browser.post("/settings/security/authenticator/remove", {"password": PASSWORD})
    assert browser.get("/admin/", follow=True).redirect_chain[-1][0] == "/settings/security"


# --- Operators ---


def test_an_operator_takes_a_lost_second_factor_away(mod: Phone, work: Callable[[], Any]) -> None:
    out = StringIO()
    with work():
        call_command("reset_second_factor", mod.user.email.upper(), stdout=out)
    assert "password alone" in out.getvalue()
    assert "Signing in takes one step again" in subjects()
    assert log_in(mod.user).status_code == 200
    assert [model.objects.exists() for model in (Authenticator, RecoveryCode, Passkey)] == [False] * 3
    assert not DeviceSession.objects.exclude(second_factor_at=None).exists()
    call_command("reset_second_factor", mod.user.email, stdout=out)
    assert "had no second factor" in out.getvalue()
    with pytest.raises(CommandError, match="Nobody here"):
        call_command("reset_second_factor", "nobody@example.org")


def test_in_the_admin_only_a_superuser_takes_one_away(mia: User, phone: Phone) -> None:
    body = {"action": "reset_second_factors", "_selected_action": str(phone.user.pk)}
    path = reverse("admin:accounts_user_changelist")
    User.objects.filter(pk=mia.pk).update(is_superuser=True)
    as_superuser, moderator = browser_of(mia), Client()
    rosa = User.objects.create_user(
        email="rosa@example.org", name="Rosa", password=PASSWORD, verified=True, is_staff=True
    )
    rosa.user_permissions.set(list(permissions_on_people()))
    moderator.force_login(rosa)
    moderator.post(path, body)
    assert Authenticator.objects.exists()
    as_superuser.post(path, body)
    assert not Authenticator.objects.exists()


def permissions_on_people() -> Any:
    return Permission.objects.filter(content_type__app_label="accounts", codename__endswith="_user")
