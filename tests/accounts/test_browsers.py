"""Browsers as devices: how each is known, and how it is signed out."""

from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts.browsers import name_of_browser
from accounts.models import DeviceSession, User
from tests.accounts.conftest import browser_of, program_of
from tests.conftest import PASSWORD

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

pytestmark = pytest.mark.django_db


def test_a_browser_is_a_device_with_a_name(alice: User) -> None:
    browser = Client(headers={"user-agent": FIREFOX})
    browser.post("/login", {"email": alice.email, "password": PASSWORD})
    session = DeviceSession.objects.get()
    cookie = browser.cookies["pulse_device"]
    assert (session.platform, session.name, session.device_id) == ("WEB", "Firefox on Linux", cookie.value)
    assert cookie["httponly"]
    assert "Firefox on Linux" in browser.get("/settings/devices").text


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (FIREFOX, "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit Chrome/140 Safari/537.36 Edg/140", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Linux; Android 16) Chrome/140 Mobile Safari/537.36", "Chrome on Android"),
        ("curl/8", "Browser"),
        ("", "Browser"),
    ],
)
def test_browsers_are_named_as_people_would(user_agent: str, name: str) -> None:
    assert name_of_browser(user_agent) == name


def test_signing_in_again_in_the_same_browser_is_the_same_device(alice: User) -> None:
    browser = browser_of(alice)
    browser.post("/logout")
    browser.post("/login", {"email": alice.email, "password": PASSWORD})
    browser.cookies.pop(django_settings.SESSION_COOKIE_NAME)
    browser.post("/login", {"email": alice.email, "password": PASSWORD})
    assert DeviceSession.objects.count() == 1


def test_signing_in_gives_the_browser_a_new_session_key(alice: User, bob: User) -> None:
    browser = Client()
    keys = []
    for user in (alice, bob):
        browser.post("/login", {"email": user.email, "password": PASSWORD})
        keys.append(browser.cookies[django_settings.SESSION_COOKIE_NAME].value)
        browser.post("/logout")
    assert keys[0] != keys[1]
    assert not Session.objects.exists()


def test_signing_out_needs_a_post_and_ends_the_session(alice: User) -> None:
    browser = browser_of(alice)
    assert browser.get("/logout").status_code == 405
    assert browser.get("/settings/devices").status_code == 200
    assert browser.post("/logout")["Location"] == "/login"
    assert browser.get("/settings/devices").status_code == 302
    assert not DeviceSession.objects.exists()


def test_alice_signs_a_device_out_and_nobody_elses(alice: User, bob: User) -> None:
    browser, phone, bobs = browser_of(alice), program_of(alice, device_id="phone"), program_of(bob)
    ids = {session.device_id: session.id for session in DeviceSession.objects.filter(user=alice)}
    bobs_id = DeviceSession.objects.get(user=bob).id
    assert str(ids["phone"]) in browser.get("/settings/devices").text

    for session_id in (bobs_id, ids["phone"]):
        assert browser.post(f"/settings/devices/{session_id}/end")["Location"] == "/settings/devices"
    assert [program.get("me").status_code for program in (phone, bobs)] == [401, 200]


def test_a_browser_that_was_signed_out_elsewhere_is_signed_out(alice: User) -> None:
    browser, other = browser_of(alice), browser_of(alice)
    assert other.post("/settings/devices/end-others").status_code == 302
    assert browser.get("/settings/devices")["Location"].startswith("/login")
    assert other.get("/settings/devices").status_code == 200
    assert Session.objects.count() == 1


@pytest.mark.parametrize("change", [{"is_active": False}, {"suspended_until": timezone.now().replace(year=9000)}])
def test_the_browser_of_a_closed_or_suspended_account_is_signed_out(change: dict[str, Any], alice: User) -> None:
    browser = browser_of(alice)
    User.objects.update(**change)
    assert browser.get("/settings/devices").status_code == 302


def test_a_changed_password_signs_other_browsers_out(alice: User) -> None:
    browser = browser_of(alice)
    alice.set_password("quite another password")
    alice.save()
    assert browser.get("/settings/devices").status_code == 302


def test_a_page_costs_two_queries_to_know_its_reader(alice: User, django_assert_num_queries: Any) -> None:
    browser = browser_of(alice)
    with django_assert_num_queries(3):  # the session, the device with its person, the other devices
        browser.get("/settings/devices")
    with django_assert_num_queries(0):
        Client().get("/login")


# --- Staff ---


def test_signing_in_at_the_admin_makes_a_device_and_signing_out_there_ends_it(mia: User, alice: User) -> None:
    browser = Client()
    body = {"username": mia.email, "password": PASSWORD}
    assert browser.post("/admin/login/?next=/settings/devices", body).status_code == 302
    assert browser.get("/settings/devices").status_code == 200
    session = DeviceSession.objects.get()
    assert (session.user, session.platform) == (mia, "WEB")
    assert session.device_id == browser.cookies["pulse_device"].value

    assert browser.post("/admin/logout/").status_code == 302
    assert not DeviceSession.objects.exists()
    assert Client().post("/admin/login/", {"username": alice.email, "password": PASSWORD}).status_code == 200
    assert not DeviceSession.objects.exists()
