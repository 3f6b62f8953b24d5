"""Making an account and confirming its address."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.models import User, VerificationToken
from accounts.proofs import issue_verification, secret_to_mail
from pulse.lib.tokens import token_hash
from tests.accounts.conftest import Program, secret_in

pytestmark = pytest.mark.django_db

Work = Callable[[], Any]
Mails = list[EmailMultiAlternatives]
NORA = {"name": "Nora", "email": "nora@example.org", "password": "a harbour at dawn"}


def fresh_proof(user: User) -> str:
    """The secret of a new mail to ``user``."""
    mailed = secret_to_mail(issue_verification(user=user).id)
    assert mailed is not None
    return mailed[1]


@pytest.fixture
def nora(db: None) -> User:
    """Registered, and not confirmed yet."""
    return User.objects.create_user(**NORA)


def test_nora_registers_confirms_her_address_and_signs_in(work: Work, mailoutbox: Mails) -> None:
    program = Program()
    with work():
        assert program.post("auth/register", NORA | {"email": " Nora@Example.ORG "}).status_code == 202

    (mail,) = mailoutbox
    assert mail.to == ["nora@example.org"]
    assert program.sign_in("nora@example.org", password=NORA["password"]).json()["code"] == "email_not_verified"
    assert program.post("auth/verify-email", {"token": secret_in(mail)}).status_code == 204
    assert program.sign_in("NORA@example.org", password=NORA["password"]).status_code == 200


def test_the_mail_has_the_link_as_text_and_as_html_and_no_name(work: Work, mailoutbox: Mails) -> None:
    with work():
        Program().post("auth/register", NORA | {"name": "Win a prize at evil.example"})
    (mail,) = mailoutbox
    html = str(mail.alternatives[0][0])
    assert secret_in(mail) in html
    assert "evil.example" not in html + str(mail.body) + mail.subject


def test_a_taken_address_answers_just_the_same_and_mails_its_owner(work: Work, mailoutbox: Mails, alice: User) -> None:
    with work():
        fresh = Program().post("auth/register", NORA)
    with work():
        taken = Program().post("auth/register", NORA | {"email": "Alice@example.org"})

    assert (taken.status_code, taken.content) == (fresh.status_code, fresh.content)
    assert mailoutbox[1].to == ["alice@example.org"]
    assert "/verify/" not in mailoutbox[1].body
    alice.refresh_from_db()
    assert alice.name == "Alice"
    assert not alice.check_password(NORA["password"])


def test_a_closed_account_is_not_told_apart_and_gets_no_mail(work: Work, mailoutbox: Mails, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    with work():
        assert Program().post("auth/register", NORA | {"email": alice.email}).status_code == 202
    assert mailoutbox == []


def test_the_latest_registration_counts_and_only_by_its_own_link(work: Work, mailoutbox: Mails) -> None:
    program = Program()
    for name, password in (("Early", "the first password"), ("Late", "the second password")):
        with work():
            program.post("auth/register", {"name": name, "email": "nora@example.org", "password": password})

    early, late = map(secret_in, mailoutbox)
    assert program.post("auth/verify-email", {"token": early}).json()["code"] == "invalid_token"
    assert program.post("auth/verify-email", {"token": late}).status_code == 204
    assert program.sign_in("nora@example.org", password="the first password").status_code == 401
    assert program.sign_in("nora@example.org", password="the second password").json()["user"]["name"] == "Late"


def test_a_job_of_an_earlier_registration_mails_nothing(work: Work, mailoutbox: Mails) -> None:
    with work():
        Program().post("auth/register", NORA)
        Program().post("auth/register", NORA)
    assert len(mailoutbox) == 1
    assert Program().post("auth/verify-email", {"token": secret_in(mailoutbox[0])}).status_code == 204


def test_a_link_works_once(nora: User) -> None:
    secret = fresh_proof(nora)
    assert Program().post("auth/verify-email", {"token": secret}).status_code == 204
    assert Program().post("auth/verify-email", {"token": secret}).status_code == 400


def test_a_link_ends_after_a_day(nora: User) -> None:
    secret = fresh_proof(nora)
    yesterday = timezone.now() - timedelta(hours=25)
    VerificationToken.objects.update(created_at=yesterday, expires_at=yesterday + timedelta(hours=24))
    assert Program().post("auth/verify-email", {"token": secret}).status_code == 400
    nora.refresh_from_db()
    assert not nora.verified


def test_a_secret_for_another_purpose_confirms_nothing(nora: User) -> None:
    secret = fresh_proof(nora)
    VerificationToken.objects.update(type="PASSWORD_RESET")
    assert Program().post("auth/verify-email", {"token": secret}).status_code == 400


def test_a_link_to_an_address_of_before_confirms_nothing(nora: User) -> None:
    secret = fresh_proof(nora)
    User.objects.update(email="elsewhere@example.org")
    assert Program().post("auth/verify-email", {"token": secret}).status_code == 400


@pytest.mark.parametrize("token", ["x", "ü" * 43, "a" * 200, " "])
def test_a_made_up_secret_is_refused(token: str, db: None) -> None:
    assert Program().post("auth/verify-email", {"token": token}).status_code == 400


def test_only_the_newest_link_works_after_asking_again(work: Work, mailoutbox: Mails, nora: User) -> None:
    old = fresh_proof(nora)
    with work():
        assert Program().post("auth/resend-verification", {"email": "NORA@example.org"}).status_code == 202
    assert Program().post("auth/verify-email", {"token": old}).status_code == 400
    assert Program().post("auth/verify-email", {"token": secret_in(mailoutbox[0])}).status_code == 204


@pytest.mark.parametrize("email", ["alice@example.org", "nobody@example.org", "not an address", ""])
def test_asking_again_answers_alike_and_mails_nobody_else(
    email: str, work: Work, mailoutbox: Mails, alice: User, nora: User
) -> None:
    known = Program().post("auth/resend-verification", {"email": nora.email})
    with work():
        other = Program().post("auth/resend-verification", {"email": email or " "})
    assert (other.status_code, other.content) == (known.status_code, known.content)
    assert {address for mail in mailoutbox for address in mail.to} == {nora.email}


def test_the_secret_is_stored_nowhere(work: Work, mailoutbox: Mails) -> None:
    with work():
        Program().post("auth/register", NORA)
    secret = secret_in(mailoutbox[0])
    assert VerificationToken.objects.get().token == token_hash(secret)
    jobs = json.dumps(list(DBTaskResult.objects.values("args_kwargs", "return_value", "traceback")))
    assert secret not in jobs
    assert NORA["password"] not in jobs


def test_mail_that_is_not_taken_is_sent_later(work: Work, mailoutbox: Mails, settings: Any, unused_port: int) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", unused_port
    with work():
        assert Program().post("auth/register", NORA).status_code == 202
    waiting = DBTaskResult.objects.get(status="READY")
    assert timedelta(seconds=20) < waiting.run_after - timezone.now() < timedelta(seconds=31)

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    DBTaskResult.objects.filter(pk=waiting.pk).update(run_after=timezone.now())
    with work():
        pass
    assert Program().post("auth/verify-email", {"token": secret_in(mailoutbox[0])}).status_code == 204


def test_mail_is_given_up_after_six_tries(work: Work, settings: Any, unused_port: int) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", unused_port
    with work():
        Program().post("auth/register", NORA)
    for _ in range(10):
        DBTaskResult.objects.filter(status="READY").update(run_after=timezone.now())
        with work():
            pass
    assert DBTaskResult.objects.count() == 6
    assert DBTaskResult.objects.filter(status="FAILED").count() == 1


@pytest.fixture
def unused_port() -> int:
    return 1  # tcpmux: nobody listens there


def test_registering_is_limited_by_account_and_by_address(rate_limits: None) -> None:
    for number in range(20):
        assert Program(address=f"10.0.0.{number}").post("auth/register", NORA).status_code == 202
    refused = Program(address="10.0.0.99").post("auth/register", NORA)
    assert refused.status_code == 429
    assert refused.json()["code"] == "throttled"
    assert 0 < int(refused["Retry-After"]) <= 3601
    assert Program().post("auth/resend-verification", {"email": NORA["email"]}).status_code == 429

    answers = [
        Program().post("auth/resend-verification", {"email": f"n{number}@example.org"}).status_code
        for number in range(61)
    ]
    assert answers[50] == 202
    assert answers[-1] == 429


# --- At the same time ---


def in_threads(count: int, call: Callable[[int], Any]) -> list[Any]:
    def closing(number: int) -> Any:
        try:
            return call(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(closing, range(count)))


@pytest.mark.django_db(transaction=True)
def test_one_link_used_by_many_at_once_works_once(nora: User) -> None:
    secret = fresh_proof(nora)
    statuses = in_threads(6, lambda number: Program().post("auth/verify-email", {"token": secret}).status_code)
    assert sorted(statuses) == [204, 400, 400, 400, 400, 400]


@pytest.mark.django_db(transaction=True)
def test_one_address_registered_by_many_at_once_is_one_account() -> None:
    statuses = in_threads(
        6, lambda number: Program().post("auth/register", NORA | {"name": f"Nora {number}"}).status_code
    )
    assert statuses == [202] * 6
    assert User.objects.count() == 1
    assert VerificationToken.objects.count() == 1
