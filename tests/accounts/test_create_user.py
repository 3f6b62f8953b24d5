"""An operator makes an account from a terminal: by the rules of registration, without the mail."""

import io
from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command

from accounts.actions import check_credentials
from accounts.errors import EmailNotVerified
from accounts.models import User
from tests.installations import Database

PASSWORD = "herons are patient"
pytestmark = pytest.mark.django_db


@pytest.fixture
def create(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    def run(*arguments: str, stdin: str = f"{PASSWORD}\n") -> str:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        out = io.StringIO()
        call_command("create_user", *arguments, stdout=out)
        return out.getvalue()

    return run


def test_a_verified_person_signs_in(create: Callable[..., str]) -> None:
    said = create("Nora@Example.ORG", "--name", " Nora ", "--verified")

    nora = check_credentials(email="nora@example.org", password=PASSWORD, address="192.0.2.1")
    assert (nora.name, nora.email, nora.verified, nora.is_staff) == ("Nora", "nora@example.org", True, False)
    assert "nora@example.org" in said
    assert PASSWORD not in said


def test_without_a_word_the_address_is_unproved_and_she_is_nobody_special(create: Callable[..., str]) -> None:
    create("nora@example.org", "--name", "Nora")

    with pytest.raises(EmailNotVerified):
        check_credentials(email="nora@example.org", password=PASSWORD, address="192.0.2.1")
    nora = User.objects.get()
    assert not nora.is_staff
    assert not nora.is_superuser


def test_staff_may_open_the_admin_and_no_more(create: Callable[..., str]) -> None:
    create("mia@example.org", "--name", "Mia", "--verified", "--staff")

    mia = User.objects.get()
    assert mia.is_staff
    assert not mia.is_superuser


@pytest.mark.parametrize("stdin", [f"{PASSWORD}\r\n", PASSWORD, f"{PASSWORD}\nmore\n"])
def test_the_password_is_the_first_line_however_it_ends(create: Callable[..., str], stdin: str) -> None:
    create("nora@example.org", "--name", "Nora", "--verified", stdin=stdin)

    assert User.objects.get().check_password(PASSWORD)


@pytest.mark.parametrize(
    ("email", "name", "stdin", "said"),
    [
        ("alice@example.org", "Nora", f"{PASSWORD}\n", "has that address"),
        ("ALICE@example.org", "Nora", f"{PASSWORD}\n", "has that address"),
        ("nonsense", "Nora", f"{PASSWORD}\n", "address"),
        ("nora@example.org", " ", f"{PASSWORD}\n", "name"),
        ("nora@example.org", "Nora", "short\n", "short"),
        ("nora@example.org", "Nora", "nora@example.org\n", "similar"),
        ("nora@example.org", "Nora", "\n", "standard input"),
        ("nora@example.org", "Nora", "", "standard input"),
    ],
)
def test_what_registration_would_refuse_is_refused(
    alice: User, create: Callable[..., str], email: str, name: str, stdin: str, said: str
) -> None:
    with pytest.raises(CommandError, match=said):
        create(email, "--name", name, "--verified", stdin=stdin)

    assert list(User.objects.all()) == [alice]


@pytest.mark.processes
def test_the_command_says_what_was_wrong_and_fails(installed: Database) -> None:
    database = installed.copy()
    try:
        arguments = ("create_user", "nora@example.org", "--name", "Nora", "--verified")
        assert "nora@example.org" in database.manage(*arguments, input=f"{PASSWORD}\n")
        with pytest.raises(RuntimeError, match="Somebody has that address already"):
            database.manage(*arguments, input=f"{PASSWORD}\n")
    finally:
        database.drop()
