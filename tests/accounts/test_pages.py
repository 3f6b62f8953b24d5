"""Signing up and in, and devices, as people see them in a browser."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.utils import timezone

from accounts.middleware import zone_named
from accounts.models import DeviceSession, User
from accounts.proofs import issue_verification, secret_to_mail
from tests.accounts.conftest import Program, browser_of, secret_in
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def test_nora_signs_up_confirms_and_signs_in(work: Callable[[], Any], mailoutbox: list[EmailMultiAlternatives]) -> None:
    browser = Client()
    with work():
        answer = browser.post(
            "/signup", {"name": "Nora", "email": "nora@example.org", "password": "a harbour at dawn"}, follow=True
        )
    assert "Check your mail" in answer.text
    link = f"/verify/{secret_in(mailoutbox[0])}"

    # A mail scanner opens the link twice; only the button uses it up.
    for _ in range(2):
        opened = browser.get(link)
        assert opened["Referrer-Policy"] == "strict-origin"
        assert "no-store" in opened["Cache-Control"]
    confirmed = browser.post(link, follow=True)
    assert confirmed.redirect_chain == [("/login", 302)]
    assert "Your address is confirmed" in confirmed.text
    used = browser.post(link)
    assert used.status_code == 400
    assert "This link doesn’t work" in used.text

    answer = browser.post("/login", {"email": "nora@example.org", "password": "a harbour at dawn"})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert "Nora" in browser.get("/settings/devices").text


def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays() -> None:
    answer = Client().post("/signup", {"name": "<b>Nora", "email": "nora@", "password": "short"})
    assert answer.status_code == 400
    assert 'value="&lt;b&gt;Nora"' in answer.text
    assert 'value="nora@"' in answer.text
    assert "short" not in answer.text.replace("A short sentence", "").replace("too short", "")
    assert 'id="id_email_error"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert 'aria-describedby="id_email_helptext id_email_error"' in answer.text
    assert not User.objects.exists()


@pytest.mark.parametrize("value", ["nul\x00", "", "n" * 3000])
def test_no_input_breaks_a_form(value: str, db: None) -> None:
    everything = {"name": value, "email": value, "password": value}
    for path in ("/signup", "/login", "/verify"):
        assert Client().post(path, everything).status_code == 400


def test_a_wrong_password_and_an_unknown_address_show_the_same(alice: User) -> None:
    pages = [
        Client().post("/login", {"email": email, "password": "a wrong one"})
        for email in (alice.email, "aliced@example.org")
    ]
    assert [page.status_code for page in pages] == [401, 401]
    assert all("That address and password don’t match." in page.text for page in pages)


def test_an_unconfirmed_nora_is_offered_a_new_link(
    work: Callable[[], Any], mailoutbox: list[EmailMultiAlternatives]
) -> None:
    User.objects.create_user(email="nora@example.org", name="Nora", password=PASSWORD)
    answer = Client().post("/login", {"email": "nora@example.org", "password": PASSWORD})
    assert answer.status_code == 403
    assert "isn’t confirmed yet" in answer.text
    assert 'action="/verify"' in answer.text
    with work():
        again = Client().post("/verify", {"email": "nora@example.org"}, follow=True)
    assert "Check your mail" in again.text
    assert len(mailoutbox) == 1


@pytest.mark.parametrize(
    ("target", "leads_to"),
    [
        ("/chats/1?at=5", "/chats/1?at=5"),
        ("https://evil.example/", "/"),
        ("//evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("http://testserver/settings", "/"),
        # Not a path: Django would look for a view of that name.
        ("foo", "/"),
        ("devices", "/"),
        ("", "/"),
    ],
)
def test_after_signing_in_only_pages_of_ours_follow(target: str, leads_to: str, alice: User) -> None:
    body = {"email": alice.email, "password": PASSWORD, "next": target}
    assert Client().post("/login", body)["Location"] == leads_to
    assert browser_of(alice).get("/login", {"next": target})["Location"] == leads_to


def test_the_signed_in_have_no_use_for_signing_up(alice: User) -> None:
    browser = browser_of(alice)
    assert browser.get("/signup")["Location"] == "/"
    assert browser.get("/login")["Location"] == "/"


@pytest.mark.parametrize("path", ["/settings/devices", "/settings/profile"])
def test_settings_are_for_the_signed_in(path: str, alice: User) -> None:
    assert Client().get(path)["Location"] == f"/login?next={path}"
    assert browser_of(alice).get(path).status_code == 200


def test_the_settings_say_in_which_section_one_is(alice: User) -> None:
    browser = browser_of(alice)

    def section(page: Any) -> str:
        found = re.findall(r'<a href="/settings/[^"]*" aria-current="page">.*?</svg>([^<]+)</a>', page.text)
        assert len(found) == 1, found
        return str(found[0])

    assert section(browser.get("/settings")) == "Profile"
    assert section(browser.get("/settings/security/passkeys/new")) == "Security"
    assert section(browser.get("/settings/data/close")) == "Your data"
    refused = browser.post("/settings/account/email", {"email": "", "password": ""})
    assert (refused.status_code, section(refused)) == (400, "Account")


def test_a_form_without_its_csrf_token_changes_nothing(alice: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    answer = browser.post("/login", {"email": alice.email, "password": PASSWORD})
    assert answer.status_code == 403
    assert "out of date" in answer.text
    assert not DeviceSession.objects.exists()


# --- Profile ---


def test_alice_changes_her_profile_and_a_blank_name_is_refused(alice: User) -> None:
    browser = browser_of(alice)
    refused = browser.post("/settings/profile", {"name": "\u200b", "about": "Sails"})
    assert refused.status_code == 400
    assert "A name needs something to read." in refused.text
    saved = browser.post("/settings/profile", {"name": "Alice B", "about": "Sails"}, follow=True)
    assert "Your profile is saved." in saved.text
    alice.refresh_from_db()
    assert (alice.name, alice.about) == ("Alice B", "Sails")


# --- Time zones ---


def test_times_are_shown_as_the_readers_clock_shows_them(alice: User) -> None:
    browser = browser_of(alice)
    DeviceSession.objects.update(created_at=timezone.now().replace(month=3, day=9, hour=23, minute=30))
    assert "signed in on 9 March" in browser.get("/settings/devices").text
    browser.cookies["pulse_tz"] = "Asia/Tokyo"
    assert "signed in on 10 March" in browser.get("/settings/devices").text
    browser.cookies["pulse_tz"] = "../../etc/passwd"
    assert "signed in on 9 March" in browser.get("/settings/devices").text


@pytest.mark.parametrize("name", ["", "Nowhere/City", "/etc/localtime", "Europe", "a" * 500, "\x00", "../UTC", "Asia/"])
def test_what_is_no_time_zone_is_none(name: str) -> None:
    assert zone_named(name) is None


# --- Refused ---


def test_csrf_failures_of_the_api_are_problems(alice: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = browser_of(alice).cookies
    answer = Program(client=browser).delete("sessions")
    assert json.loads(answer.content)["code"] == "csrf_failed"
    assert answer["Content-Type"] == "application/problem+json"


def test_a_limited_form_says_so(rate_limits: None, alice: User) -> None:
    answers = [Client().post("/verify", {"email": alice.email}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [302] * 5 + [429]
    assert "too often" in answers[-1].text
    assert int(answers[-1]["Retry-After"]) > 0


def test_an_unconfirmed_link_is_not_used_up_by_head_or_get(alice: User) -> None:
    User.objects.update(verified=False)
    mailed = secret_to_mail(issue_verification(user=alice).id)
    assert mailed is not None
    Client().get(f"/verify/{mailed[1]}")
    Client().head(f"/verify/{mailed[1]}")
    assert Client().post(f"/verify/{mailed[1]}").status_code == 302
