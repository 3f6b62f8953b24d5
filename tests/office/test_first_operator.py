"""Whoever installed Pulse makes themselves its operator, by their e-mail address, and is let in everywhere."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def password_in_environment(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    return PASSWORD


def createsuperuser(**options: str) -> str:
    out = StringIO()
    call_command("createsuperuser", interactive=False, stdout=out, stderr=out, **options)
    return out.getvalue()


def test_the_first_operator_opens_the_admin_and_the_chats(client: Client, password_in_environment: str) -> None:
    createsuperuser(email="Rosa@Example.org", name="Rosa")
    # However they write their address.
    signed_in = client.post("/login", {"email": "ROSA@example.ORG", "password": password_in_environment})
    assert signed_in.status_code == 302
    assert "This server is new" not in client.get("/").content.decode()
    assert client.get("/admin/").status_code == 200
    assert "Rosa" in client.get("/admin/accounts/user/").content.decode()


def test_an_address_makes_one_operator(password_in_environment: str) -> None:
    createsuperuser(email="rosa@example.org", name="Rosa")
    with pytest.raises(CommandError, match="already taken"):
        createsuperuser(email="ROSA@example.org", name="Rosa")
    assert User.objects.count() == 1


def test_an_operator_needs_an_address_and_a_name(password_in_environment: str) -> None:
    with pytest.raises(CommandError, match="--email"):
        createsuperuser(name="Rosa")
    with pytest.raises(CommandError, match="--name"):
        createsuperuser(email="rosa@example.org")
    with pytest.raises(CommandError, match="valid email"):
        createsuperuser(email="rosa", name="Rosa")
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("registration", "command"),
    [("open", "Create the first account"), ("invitation", "manage.py invite"), ("closed", "manage.py create_user")],
)
def test_an_empty_installation_says_how_people_get_in(
    client: Client, settings: Settings, registration: str, command: str
) -> None:
    settings.REGISTRATION = registration
    page = client.get("/").content.decode()
    assert "manage.py createsuperuser" in page
    assert command in page
    assert ('href="/signup"' in page) == (registration == "open")


@pytest.mark.parametrize("registration", ["open", "invitation", "closed"])
def test_only_where_all_may_register_a_stranger_is_asked_to(
    client: Client, alice: User, settings: Settings, registration: str
) -> None:
    settings.REGISTRATION = registration
    page = client.get("/").content.decode()
    assert 'href="/login"' in page
    assert ('href="/signup"' in page) == (registration == "open")
