"""Who sees whom, and what one says about oneself."""

from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import Block, User
from tests.accounts.conftest import Program, program_of

pytestmark = pytest.mark.django_db


def names(program: Program, query: str = "") -> list[str]:
    return [person["name"] for person in program.get(f"users{query}").json()["results"]]


def test_alice_finds_people_by_the_start_of_a_word_of_their_name(alice: User) -> None:
    for name in ("Nora Lindqvist", "Lina Berg", "Carolin", "Ål"):
        User.objects.create_user(email=f"{name.split()[0].lower()}@example.org", name=name, verified=True)
    program = program_of(alice)
    assert names(program, "?q=lin") == ["Lina Berg", "Nora Lindqvist"]
    assert names(program, "?q=olin") == []
    assert names(program, "?q=%25") == []


def test_alice_finds_bob_by_his_exact_address_and_never_sees_it(alice: User, bob: User) -> None:
    program = program_of(alice)
    found = program.get("users?email=BOB@example.org").json()["results"]
    assert [person["id"] for person in found] == [str(bob.id)]
    assert set(found[0]) == {"id", "name", "avatar_url", "about", "online", "last_seen"}
    assert names(program, "?email=bob@example") == []
    assert program.get(f"users/{bob.id}").json() == found[0]


def test_the_unverified_and_the_closed_are_absent(alice: User, bob: User, charlie: User) -> None:
    User.objects.filter(pk=bob.pk).update(verified=False)
    User.objects.filter(pk=charlie.pk).update(is_active=False)
    program = program_of(alice)
    assert names(program, "?q=alice") == ["Alice"]
    for person in (bob, charlie):
        assert program.get(f"users/{person.id}").status_code == 404
        assert names(program, f"?email={person.email}") == []
        assert names(program, f"?q={person.name}") == []


def test_a_block_hides_both_from_each_other_and_from_nobody_else(alice: User, bob: User, charlie: User) -> None:
    Block.objects.create(blocker=alice, blocked=bob)
    for one, other in ((alice, bob), (bob, alice)):
        program = program_of(one)
        assert names(program, f"?q={other.name}") == []
        assert names(program, f"?email={other.email}") == []
        assert program.get(f"users/{other.id}").status_code == 404
        assert names(program, "?q=charlie") == ["Charlie"]
    assert [names(program_of(charlie), f"?q={name}") for name in ("alice", "bob")] == [["Alice"], ["Bob"]]


def test_whoever_is_not_there_is_404(alice: User) -> None:
    program = program_of(alice)
    for path in (f"users/{uuid4()}", "users/5", "users/me"):
        answer = program.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_addresses_can_not_be_tried_often(rate_limits: None, alice: User, bob: User) -> None:
    program = program_of(alice)
    answers = [program.get(f"users?email=n{number}@example.org").status_code for number in range(11)]
    assert answers == [200] * 10 + [429]
    assert program.get("users?q=b").status_code == 200
    assert program_of(bob).get("users?email=alice@example.org").status_code == 200


def test_names_can_be_searched_often_but_not_for_ever(rate_limits: None, alice: User, bob: User) -> None:
    program = program_of(alice)
    answers = [program.get(f"users?q=n{number}").status_code for number in range(61)]
    assert answers == [200] * 60 + [429]
    assert program_of(bob).get("users?q=alice").status_code == 200


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("", ["q", "email"]),
        ("?limit=5", ["q", "email"]),
        ("?q=", ["q"]),
        ("?q=%20%E2%80%8B", ["q"]),
        ("?email=", ["email"]),
    ],
)
def test_nobody_lists_everybody(query: str, named: list[str], alice: User) -> None:
    answer = program_of(alice).get(f"users{query}")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, named)


# --- Pages of a list ---


def test_a_list_is_walked_by_cursors_forth_and_back(
    alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    # Two of each name: the id decides between them.
    for number in range(8):
        User.objects.create_user(email=f"p{number}@example.org", name=f"Person {number // 2}", verified=True)
    program = program_of(alice)
    everyone = [person["id"] for person in program.get("users?q=person").json()["results"]]
    url, walked, back = "users?q=person&limit=3", [], ""
    while url:
        with django_assert_num_queries(2):
            page = program.get(url).json()
        walked += [person["id"] for person in page["results"]]
        back = back if page["next"] else page["previous"]
        url = (page["next"] or "").removeprefix("/api/v1/")
    assert walked == everyone
    assert len(walked) == 8

    page = program.get(back.removeprefix("/api/v1/")).json()
    assert [person["id"] for person in page["results"]] == everyone[3:6]
    first = program.get(page["previous"].removeprefix("/api/v1/")).json()
    assert [person["id"] for person in first["results"]] == everyone[:3]
    assert first["previous"] is None


@pytest.mark.parametrize("limit", ["0", "101", "-1", "ten", "1.5", "", "٣", "99999999999999999999"])
def test_a_limit_is_from_1_to_100(limit: str, alice: User) -> None:
    answer = program_of(alice).get(f"users?q=a&limit={limit}")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["limit"])


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "",
        "%00",
        "bnVsbA",
        "W10",
        "WzBd",
        "WzAsIngiXQ",
        "WzAsIngiLCJ5Il0",
        "WzcsIngiLCJ4Il0",
        "W1swXSwieCIsIngiXQ",
        "ü",
    ],
)
def test_a_cursor_that_is_none_is_bad_input(cursor: str, alice: User) -> None:
    answer = program_of(alice).get(f"users?q=a&cursor={cursor}")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["cursor"])


@pytest.mark.parametrize("query", ["q=%00", "email=%00", f"q={'x' * 301}"])
def test_what_can_not_be_a_name_is_bad_input(query: str, alice: User) -> None:
    assert program_of(alice).get(f"users?{query}").status_code == 400


# --- Oneself ---


def test_alice_changes_her_name_and_what_she_says_about_herself(alice: User, bob: User) -> None:
    program = program_of(alice)
    answer = program.patch("me", {"name": " Alice B ", "about": "Sails"})
    assert answer.status_code == 200
    assert (answer.json()["name"], answer.json()["about"]) == ("Alice B", "Sails")
    assert program_of(bob).get(f"users/{alice.id}").json()["about"] == "Sails"
    assert program.patch("me", {"about": ""}).json()["about"] == ""


@pytest.mark.parametrize(
    "change",
    [
        {"email": "eve@example.org"},
        {"is_staff": True},
        {"verified": False},
        {"id": "x"},
        {"avatar_url": "/x"},
        {"name": ""},
        {"name": None},
        {"name": "\u200b"},
        {"about": "x" * 501},
        {"about": "\x00"},
        {"about": []},
    ],
)
def test_nothing_else_of_oneself_can_be_set(change: dict[str, object], alice: User) -> None:
    answer = program_of(alice).patch("me", change)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, list(change))
    alice.refresh_from_db()
    assert (alice.name, alice.is_staff, alice.verified) == ("Alice", False, True)


def test_a_method_that_is_not_there_is_a_problem_too(alice: User) -> None:
    answer = program_of(alice).call("put", "me", {})
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


def test_the_configuration_is_open_to_all(db: None) -> None:
    answer = Program("a stale token").get("config")
    assert answer.status_code == 200
    assert answer.json()["limits"]["message_characters"] == 10_000
    assert answer.json()["push_key"] is None
