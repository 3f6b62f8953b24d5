"""What people want of Pulse: at the API and on the pages, from several devices at once."""

import re
from functools import partial
from typing import Any

import pytest
from django.test import Client

from accounts.actions import change_profile
from accounts.models import User
from accounts.preferences import DEFAULTS
from tests.accounts.conftest import browser_of, program_of
from tests.together import at_once

pytestmark = pytest.mark.django_db


def test_alice_sees_all_of_them_and_changes_one(alice: User) -> None:
    program = program_of(alice)
    assert program.get("me").json()["preferences"] == DEFAULTS
    changed = program.patch("me", {"preferences": {"theme": "dark", "notifications": {"sound": True}}}).json()
    assert changed["preferences"] == DEFAULTS | {
        "theme": "dark",
        "notifications": {"desktop": False, "sound": True, "preview": True},
    }
    again = program.patch("me", {"name": "Alice B", "preferences": {"language": "ar"}}).json()
    assert (again["name"], again["preferences"]["theme"], again["preferences"]["language"]) == ("Alice B", "dark", "ar")
    back = program.patch("me", {"preferences": {"language": None, "theme": "system"}}).json()["preferences"]
    assert (back["language"], back["theme"], back["notifications"]["sound"]) == (None, "system", True)
    assert program.get("me").json()["preferences"] == back


@pytest.mark.parametrize(
    ("preferences", "field"),
    [
        ({"theme": "pink"}, "preferences.theme"),
        ({"theme": None}, "preferences.theme"),
        ({"language": "tlh"}, "preferences.language"),
        ({"colour": "red"}, "preferences.colour"),
        ({"read_receipts": "yes"}, "preferences.read_receipts"),
        ({"read_receipts": 1}, "preferences.read_receipts"),
        ({"notifications": True}, "preferences.notifications"),
        ({"notifications": {"smell": True}}, "preferences.notifications.smell"),
        ({"notifications": {"sound": None}}, "preferences.notifications.sound"),
        ({"notifications.sound": True}, "preferences.notifications.sound"),
        ({"notifications": {"sound": "x" * 1000}, "notifications.sound": True}, "preferences.notifications.sound"),
        ({"last_seen": ["nobody"]}, "preferences.last_seen"),
        ({"last_seen": {"everyone": True}}, "preferences.last_seen"),
        ([], "preferences"),
        ("dark", "preferences"),
        (None, "preferences"),
    ],
)
def test_what_is_no_preference_is_named_and_nothing_changes(alice: User, preferences: Any, field: str) -> None:
    program = program_of(alice)
    answer = program.patch("me", {"about": "Sails", "preferences": preferences})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    assert program.get("me").json()["about"] == ""


@pytest.mark.django_db(transaction=True)
def test_two_devices_that_change_different_ones_at_once_both_have_their_way(alice: User) -> None:
    changes: list[dict[str, Any]] = [
        {"theme": "dark"}, {"language": "de"}, {"notifications": {"sound": True}}, {"notifications": {"desktop": True}},
    ]  # fmt: skip
    at_once([partial(change_profile, user=alice, preferences=change) for change in changes])
    alice.refresh_from_db()
    assert alice.preferences == {
        "theme": "dark",
        "language": "de",
        "notifications": {"sound": True, "desktop": True},
    }


def test_a_theme_is_on_the_page_that_answers(alice: User) -> None:
    browser = browser_of(alice)
    assert "data-theme" not in browser.get("/settings/appearance").text
    for theme in ("dark", "light"):
        saved = browser.post("/settings/appearance", {"theme": theme, "language": "ja"}, follow=True)
        assert saved.redirect_chain == [("/settings/appearance", 302)]
        assert f'data-theme="{theme}"' in saved.text
        assert re.search(f'value="{theme}"[^>]* checked', saved.text)
    alice.refresh_from_db()
    assert alice.preferences == {"theme": "light", "language": "ja"}
    assert (
        "data-theme" not in browser.post("/settings/appearance", {"theme": "system", "language": ""}, follow=True).text
    )
    alice.refresh_from_db()
    assert alice.preferences["language"] is None


def test_a_page_says_in_which_language_it_is_whatever_its_reader_prefers(alice: User) -> None:
    browser = browser_of(alice)
    browser.post("/settings/appearance", {"theme": "system", "language": "ar"})
    # Pulse's own words are English until they are translated; mail is in the language that was chosen.
    assert '<html lang="en" dir="ltr"' in browser.get("/").text


def test_notifications_are_chosen_by_ticking(alice: User) -> None:
    browser = browser_of(alice)
    assert "data-notify" not in browser.get("/").text
    saved = browser.post("/settings/notifications", {"desktop": "on", "sound": "on"}, follow=True)
    assert "saved" in saved.text
    alice.refresh_from_db()
    assert alice.preferences["notifications"] == {"desktop": True, "sound": True, "preview": False}
    assert 'data-notify="desktop sound"' in browser.get("/").text
    browser.post("/settings/notifications", {"desktop": "on", "preview": "on"})
    assert 'data-notify="desktop preview"' in browser.get("/").text


@pytest.mark.parametrize("path", ["/settings/appearance", "/settings/notifications"])
def test_a_bad_choice_is_refused_and_a_stranger_signs_in_first(alice: User, path: str) -> None:
    assert Client().get(path)["Location"] == f"/login?next={path}"
    browser = browser_of(alice)
    if path.endswith("appearance"):
        for bad in ({"theme": "pink", "language": ""}, {"theme": "dark", "language": "tlh"}, {}):
            assert browser.post(path, bad).status_code == 400
    alice.refresh_from_db()
    assert alice.preferences == {}
