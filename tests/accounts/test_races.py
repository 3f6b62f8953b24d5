"""Secrets that are good once, tried by twenty at one moment."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.actions.invitations import make_invitation
from accounts.models import Invitation, User, VerificationToken
from accounts.proofs import issue_reset, issue_verification, secret_to_mail
from tests.accounts.conftest import Program, program_of
from tests.conftest import PASSWORD
from tests.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)

TRIES = 20


def statuses(call: Callable[[int], Any]) -> Counter[int]:
    answers = at_once([partial(call, number) for number in range(TRIES)])
    return Counter(answer.status_code for answer in answers)


def mailed(token: VerificationToken) -> str:
    found = secret_to_mail(token.id)
    assert found is not None
    return found[1]


def verify(secret: str, number: int = 0) -> Any:
    return Program().post("auth/verify-email", {"token": secret})


def test_a_link_that_confirms_an_address_works_once() -> None:
    nora = User.objects.create_user(email="nora@example.org", name="Nora", password=PASSWORD)
    secret = mailed(issue_verification(user=nora))
    assert statuses(partial(verify, secret)) == {204: 1, 400: TRIES - 1}


def test_a_link_that_changes_an_address_works_once(alice: User) -> None:
    secret = mailed(issue_verification(user=alice, email="new@example.org"))
    assert statuses(partial(verify, secret)) == {204: 1, 400: TRIES - 1}


def test_a_link_that_sets_a_password_sets_one(alice: User) -> None:
    secret = mailed(issue_reset(user=alice))

    def reset(number: int) -> Any:
        body = {"token": secret, "password": f"lighthouse number {number}"}
        return Program().post("auth/password-reset/confirm", body)

    assert statuses(reset) == {204: 1, 400: TRIES - 1}
    works = [Program().sign_in(alice, password=f"lighthouse number {number}").status_code for number in range(TRIES)]
    assert Counter(works) == {200: 1, 401: TRIES - 1}


def test_the_last_use_of_an_invitation_lets_one_in(settings: Settings) -> None:
    settings.REGISTRATION = "invitation"
    invitation, _ = make_invitation(created_by=None, max_uses=2)
    Invitation.objects.update(uses=1)
    people = [
        User.objects.create_user(email=f"p{number}@example.org", name="P", password=PASSWORD, invitation=invitation)
        for number in range(TRIES)
    ]
    secrets = [mailed(issue_verification(user=person)) for person in people]
    assert statuses(lambda number: verify(secrets[number])) == {204: 1, 400: TRIES - 1}
    assert Invitation.objects.get().uses == 2
    assert User.objects.verified().count() == 1


def test_one_address_is_taken_by_one_of_many(db: None) -> None:
    people = [
        User.objects.create_user(email=f"p{number}@example.org", name="P", password=PASSWORD, verified=True)
        for number in range(TRIES)
    ]
    secrets = [mailed(issue_verification(user=person, email="wanted@example.org")) for person in people]
    assert statuses(lambda number: verify(secrets[number])) == {204: 1, 400: TRIES - 1}
    assert User.objects.filter(email="wanted@example.org").count() == 1


def test_of_many_links_asked_for_at_once_one_is_left(alice: User) -> None:
    tokens = at_once([partial(issue_reset, user=alice) for _ in range(TRIES)])
    assert alice.verification_tokens.filter(used_at=None, expires_at__gt=timezone.now()).count() == 1
    assert len({token.id for token in tokens}) == TRIES


def test_a_password_is_changed_by_one_of_many_who_know_the_one_of_now(alice: User) -> None:
    programs = [program_of(alice, device_id=f"device {number}") for number in range(TRIES)]

    def change(number: int) -> Any:
        body = {"current_password": PASSWORD, "new_password": f"lighthouse number {number}"}
        return programs[number].post("auth/password", body)

    counted = statuses(change)
    # Whoever came late is signed out already, or proved a password of before.
    assert counted[204] == 1
    assert counted[400] + counted[401] == TRIES - 1
    assert alice.device_sessions.count() == 1


def test_signing_in_while_the_password_is_reset_leaves_no_session_of_the_old_one(alice: User) -> None:
    secret = mailed(issue_reset(user=alice))

    def sign_in_or_reset(number: int) -> Any:
        if number:
            return Program().sign_in(alice, device_id=f"device {number}")
        return Program().post("auth/password-reset/confirm", {"token": secret, "password": "a lighthouse in fog"})

    statuses(sign_in_or_reset)
    assert alice.device_sessions.count() == 0
