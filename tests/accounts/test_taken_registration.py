"""Whoever registers an address and then signs in by the password they chose learns nothing of whose it is."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import TakenRegistration, User
from pulse.office.closing import close_account
from pulse.office.pruning import UNCONFIRMED_KEPT, prune_accounts
from tests.accounts.conftest import Program
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db

GUESS = "seven herons on the pier"


def register(email: str, password: str = GUESS) -> None:
    body = {"name": "Mallory", "email": email, "password": password}
    assert Program().post("auth/register", body).status_code == 202


def answer(email: str, password: str = GUESS) -> tuple[int, str]:
    said = Program().sign_in(email, password=password)
    return said.status_code, said.json()["code"]


def test_a_taken_address_is_answered_like_a_free_one(alice: User) -> None:
    for email in (alice.email, "nobody@example.org"):
        assert answer(email) == (401, "invalid_credentials")
        register(email)
        assert answer(email) == (403, "email_not_verified")
        assert answer(email, "something else") == (401, "invalid_credentials")
        register(email, "nine herons on the pier")
        assert answer(email) == (401, "invalid_credentials")
        assert answer(email, "nine herons on the pier") == (403, "email_not_verified")


def test_so_is_the_address_of_an_account_that_was_shut(alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    register(alice.email)
    assert answer(alice.email) == (403, "email_not_verified")
    assert answer(alice.email, PASSWORD) == (401, "invalid_credentials")


def test_the_page_answers_both_alike(alice: User) -> None:
    pages = []
    for email in (alice.email, "alica@example.org"):
        register(email)
        page = Client().post("/login", {"email": email, "password": GUESS})
        pages.append((page.status_code, "isn’t confirmed yet" in page.content.decode()))
    assert pages == [(403, True), (403, True)]


def test_alice_signs_in_by_her_own_password_all_the_same(alice: User) -> None:
    register(alice.email)
    program = Program()
    assert program.sign_in(alice).status_code == 200
    assert program.get("me").json()["name"] == "Alice"


def test_it_is_forgotten_when_one_of_a_free_address_is(alice: User) -> None:
    register(alice.email)
    kept = TakenRegistration.objects.get()
    TakenRegistration.objects.update(created_at=timezone.now() - UNCONFIRMED_KEPT + timedelta(hours=1))
    assert prune_accounts()["taken_registrations"] == 0
    TakenRegistration.objects.update(created_at=timezone.now() - UNCONFIRMED_KEPT)
    assert prune_accounts()["taken_registrations"] == 1
    assert not TakenRegistration.objects.filter(pk=kept.pk).exists()


def test_nothing_of_it_is_left_of_a_closed_account(alice: User, work: Callable[[], Any]) -> None:
    register(alice.email)
    with work():
        close_account(user=alice, password=PASSWORD)
    assert not TakenRegistration.objects.exists()


def test_whose_address_was_freed_registers_it_and_gets_in(alice: User, work: Callable[[], Any]) -> None:
    """What somebody tried before with the same address doesn't count any more."""
    register(alice.email, "nine herons on the pier")
    User.objects.filter(pk=alice.pk).update(email="moved@example.org")
    register("alice@example.org")
    assert answer("alice@example.org", "nine herons on the pier") == (401, "invalid_credentials")
    assert answer("alice@example.org") == (403, "email_not_verified")


def test_a_name_that_will_not_do_uses_no_code_up(alice: User) -> None:
    refused = Program().post(
        "auth/login",
        {"email": alice.email, "password": PASSWORD, "device_id": "d", "platform": "CLI", "name": "a\nb"},
    )
    assert (refused.status_code, set(refused.json()["errors"])) == (400, {"name"})
