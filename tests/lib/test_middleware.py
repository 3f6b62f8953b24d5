"""What every answer carries, and what is believed of a request."""

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from tests.conftest import PASSWORD

PROBLEM = "application/problem+json"
pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    browser = Client()
    assert browser.post("/login", {"email": user.email, "password": PASSWORD}).status_code == 302
    return browser


# --- What Django refuses by itself ---


def test_a_strange_host_gets_a_problem_from_the_api_and_a_page_elsewhere() -> None:
    answer = Client().get("/api/v1/config", headers={"host": "evil.example"})
    assert (answer.status_code, answer["Content-Type"], answer.json()["status"]) == (400, PROBLEM, 400)
    page = Client().get("/login", headers={"host": "evil.example"})
    assert (page.status_code, page["Content-Type"].split(";")[0]) == (400, "text/html")
    assert Client().get("/api/v1/config").status_code == 200


def test_a_body_without_a_length_is_refused_with_every_header_of_an_answer() -> None:
    answer = Client().post("/api/v1/auth/login", headers={"transfer-encoding": "chunked"}, CONTENT_LENGTH="")
    assert (answer.status_code, answer["Content-Type"]) == (411, PROBLEM)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"


def test_health_is_not_sniffed_either() -> None:
    assert Client().get("/healthz")["X-Content-Type-Options"] == "nosniff"


# --- Caches ---


def test_no_cache_between_keeps_what_was_made_for_one_person(alice: User) -> None:
    browser = signed_in(alice)
    for path in ("/new", "/nothing/here", "/api/v1/me", "/api/v1/nothing"):
        assert browser.get(path)["Cache-Control"] == "private, no-store", path
    for path in ("/api/v1/me", "/nothing/here"):
        assert Client().get(path, headers={"authorization": "Bearer x"})["Cache-Control"] == "private, no-store"
    assert Client().get("/api/v1/config")["Cache-Control"] == "private, no-store"


def test_what_is_for_all_and_what_says_how_long_it_lasts_is_left_alone(alice: User) -> None:
    browser = signed_in(alice)
    assert "Cache-Control" not in Client().get("/nothing/here")
    assert "must-revalidate" in browser.get("/settings/profile")["Cache-Control"]
    static = browser.get("/static/admin/css/base.css")
    assert static.status_code == 200
    assert "public" in static["Cache-Control"]
    static.close()


# --- Behind a proxy ---


@pytest.fixture
def behind_a_proxy(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_SSL_REDIRECT = True


@pytest.mark.parametrize(("peer", "status"), [("10.0.0.1", 200), ("203.0.113.5", 301), ("", 301)])
def test_only_a_trusted_proxy_says_that_the_client_came_by_https(behind_a_proxy: None, peer: str, status: int) -> None:
    answer = Client().get("/login", headers={"x-forwarded-proto": "https"}, REMOTE_ADDR=peer)
    assert answer.status_code == status


@pytest.mark.parametrize(("peer", "status"), [("10.0.0.1", 200), ("203.0.113.5", 400)])
def test_only_a_trusted_proxy_names_another_host(
    behind_a_proxy: None, peer: str, status: int, settings: Settings
) -> None:
    settings.SECURE_SSL_REDIRECT = False
    settings.USE_X_FORWARDED_HOST = True
    answer = Client().get("/login", headers={"host": "evil.example", "x-forwarded-host": "localhost"}, REMOTE_ADDR=peer)
    assert answer.status_code == status
