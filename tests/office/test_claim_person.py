"""Somebody who was imported becomes somebody who signs in, by an operator's word."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.actions import check_credentials
from accounts.models import User

PASSWORD = "herons are patient"


@pytest.fixture
def nora(db: None, tmp_path: Path) -> User:
    """She was imported, and has said one thing."""
    line = {"id": 1, "conversation": "#a", "sender": "nora", "timestamp": "2026-05-01T09:30:00Z", "content": "Hi"}
    (tmp_path / "archive.jsonl").write_text(json.dumps(line))
    call_command("import_conversations", str(tmp_path / "archive.jsonl"), source="irc", stdout=io.StringIO())
    nora: User = User.objects.get(name="nora")
    return nora


@pytest.fixture
def claim(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    def run(person: str, email: str, password: str = PASSWORD) -> str:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
        out = io.StringIO()
        call_command("claim_person", person, email, stdout=out)
        return out.getvalue()

    return run


def test_nora_signs_in_as_who_she_was(nora: User, claim: Callable[..., str]) -> None:
    said = claim("irc/nora", "Nora@Example.org")

    assert "nora@example.org" in said
    assert PASSWORD not in said
    signed_in = check_credentials(email="nora@example.org", password=PASSWORD, address="192.0.2.1")
    assert signed_in.id == nora.id
    assert signed_in.verified
    assert nora.messages_sent.count() == 1


def test_her_id_will_do(nora: User, claim: Callable[..., str]) -> None:
    claim(str(nora.id), "nora@example.org")

    assert User.objects.get(id=nora.id).email == "nora@example.org"


@pytest.mark.parametrize(
    ("person", "email", "password", "said"),
    [
        ("irc/nobody", "nora@example.org", PASSWORD, "No such person"),
        ("nora", "nora@example.org", PASSWORD, "SOURCE/NAME"),
        ("irc/nora", "alice@example.org", PASSWORD, "has that address"),
        ("irc/nora", "nonsense", PASSWORD, "address"),
        ("irc/nora", "nora@example.org", "short", "short"),
        ("irc/nora", "nora@example.org", "", "standard input"),
    ],
)
def test_a_claim_that_cannot_be_is_refused(
    nora: User, alice: User, claim: Callable[..., str], person: str, email: str, password: str, said: str
) -> None:
    with pytest.raises(CommandError, match=said):
        claim(person, email, password)

    assert User.objects.get(id=nora.id).email == nora.email


def test_nobody_is_claimed_twice_nor_who_signed_up_themselves(
    nora: User, alice: User, claim: Callable[..., str]
) -> None:
    claim("irc/nora", "nora@example.org")

    with pytest.raises(CommandError, match="has an account already"):
        claim("irc/nora", "eve@example.org")
    with pytest.raises(CommandError, match="has an account already"):
        claim(str(alice.id), "eve@example.org")
    assert not User.objects.filter(email="eve@example.org").exists()
