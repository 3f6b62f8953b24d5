"""What a name, an address and a password must be."""

from typing import Any

import pytest

from accounts.models import User
from tests.accounts.conftest import Program

NORA = {"name": "Nora", "email": "nora@example.org", "password": "a harbour at dawn"}

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "   "),
        ("name", "\u200b\u202e"),
        ("name", "two\nlines"),
        ("name", "nul\x00"),
        ("name", "n" * 101),
        ("name", 5),
        ("email", "nora"),
        ("email", "nora@"),
        ("email", "no ra@example.org"),
        ("email", "nora@example.org\nBcc: x@example.org"),
        ("email", "nora@example.org\x00"),
        ("email", f"{'n' * 60}@{'a' * 63}.{'b' * 63}.{'c' * 63}.example.org"),
        ("email", None),
        ("password", "short"),
        ("password", "1234567890123"),
        ("password", "password123"),
        ("password", "nora@example.org"),
        ("password", "a harbour\x00 at dawn"),
        ("password", "p" * 1025),
    ],
)
def test_what_can_not_be_stored_is_refused_at_its_field(field: str, value: Any) -> None:
    answer = Program().post("auth/register", NORA | {field: value})
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert list(answer.json()["errors"]) == [field]
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "name",
    ["O’Brien", "森 鷗外", "عمر", "Zoë 👩🏽‍🚀", "Robert'); DROP TABLE users;--", "<script>alert(1)</script>", "null"],
)
def test_unusual_names_are_kept_as_they_are(name: str) -> None:
    assert Program().post("auth/register", NORA | {"name": f"  {name} "}).status_code == 202
    assert User.objects.get().name == name


def test_a_lone_surrogate_or_broken_json_is_bad_input() -> None:
    client = Program().client
    for body in (b'{"name": "\\ud800"}', b'{"name":', b"\xff", b"[1]", b'"text"', b"null"):
        answer = client.post("/api/v1/auth/register", body, content_type="application/json")
        assert answer.status_code == 400, body


def test_an_unknown_field_is_refused_by_name() -> None:
    answer = Program().post("auth/register", NORA | {"is_staff": True})
    assert answer.status_code == 400
    assert "is_staff" in answer.json()["errors"]


def test_all_that_is_wrong_is_named_at_once() -> None:
    answer = Program().post("auth/register", {"name": " ", "email": "x", "password": "x"})
    assert set(answer.json()["errors"]) == {"name", "email", "password"}
