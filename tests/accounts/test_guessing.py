"""Guessing passwords, and those who must not suffer from it."""

import pytest
from django.test import Client

from accounts.models import DeviceSession, User
from tests.accounts.conftest import Program
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def test_guessing_is_stopped_and_alice_still_signs_in_from_elsewhere(rate_limits: None, alice: User) -> None:
    stranger, owner = Program(address="203.0.113.9"), Program(address="198.51.100.7")
    guesses = [stranger.sign_in(alice, password=f"guess {number}") for number in range(11)]
    assert [guess.status_code for guess in guesses] == [401] * 10 + [429]
    assert 0 < int(guesses[-1]["Retry-After"]) <= 301
    assert stranger.sign_in(alice).status_code == 429
    assert owner.sign_in(alice).status_code == 200


def test_guessing_at_many_accounts_from_one_address_is_stopped(rate_limits: None, alice: User) -> None:
    stranger = Program(address="2001:db8::1")
    for number in range(60):
        assert stranger.sign_in(f"person{number}@example.org").status_code == 401
    # The same subscriber, by the next of his many addresses.
    assert Program(address="2001:db8::2").sign_in(alice).status_code == 429
    assert Program(address="2001:db8:0:1::1").sign_in(alice).status_code == 200


def test_signing_in_rightly_is_not_limited(rate_limits: None, alice: User) -> None:
    assert {Program().sign_in(alice).status_code for _ in range(15)} == {200}


def test_pages_api_and_admin_count_the_same_tries(rate_limits: None, mia: User) -> None:
    for number in range(4):
        Program().sign_in(mia, password=f"guess {number}")
        Client().post("/login", {"email": mia.email, "password": f"guess {number}"})
    for number in range(2):
        Client().post("/admin/login/", {"username": mia.email, "password": f"guess {number}"})
    page = Client().post("/login", {"email": mia.email, "password": PASSWORD})
    assert page.status_code == 429
    assert int(page["Retry-After"]) > 0
    assert Program().sign_in(mia).status_code == 429
    assert Client().post("/admin/login/", {"username": mia.email, "password": PASSWORD}).status_code == 200
    assert not DeviceSession.objects.exists()
