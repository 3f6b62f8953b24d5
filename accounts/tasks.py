"""What accounts leave to the queue: mail. Jobs carry ids; the secrets in the links are made here and kept nowhere."""

from smtplib import SMTPException
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django_tasks import task
from django_tasks.base import Task

from accounts.languages import language_of
from accounts.mails import send_mail
from accounts.models import User
from accounts.proofs import issue_reset, issue_verification, secret_to_mail
from pulse.lib.jobs import try_again_later

log = structlog.get_logger(__name__)


@task()
def mail_verification(token_id: str, language: str = "", attempt: int = 1) -> None:
    """The link that proves an address. Nothing is sent where a newer one took its place."""
    proof = secret_to_mail(UUID(token_id))
    if proof is None:
        return
    token, secret = proof
    # The address of a person who has another one: a change.
    name = "verification" if token.email == token.user.email else "email_change"
    owner = User.objects.filter(email=token.email).exclude(pk=token.user_id).exclude(verified=False).first()
    if owner is not None:
        mail_owner_of_taken_address.enqueue(user_id=str(owner.pk), language=language)
    else:
        _send(
            name,
            token.email,
            {"link": f"{settings.PUBLIC_URL}/verify/{secret}"},
            language=language_of(token.user, otherwise=language),
            job=mail_verification,
            attempt=attempt,
            arguments={"token_id": token_id, "language": language},
        )


@task()
def mail_verification_again(email: str, language: str = "") -> None:
    """A new link for whoever registered ``email`` and has not proved it yet; for everybody else nothing."""
    user = User.objects.active().filter(email=email, verified=False).first()
    if user is not None:
        mail_verification.enqueue(token_id=str(issue_verification(user=user).id), language=language)


@task()
def mail_reset_to(email: str, language: str = "") -> None:
    """A link by which the account of ``email`` gets a new password. Whoever is suspended gets nothing.

    Where the address was never proved, this link proves it. One that only did that would let somebody in who registered
    a stranger's address, by the password that they chose.
    """
    user = User.objects.active().filter(email=email).first()
    if user is not None and not user.is_suspended:
        mail_reset.enqueue(token_id=str(issue_reset(user=user).id), language=language)


@task()
def mail_reset(token_id: str, language: str = "", attempt: int = 1) -> None:
    """The link that sets a new password. Nothing is sent where a newer one took its place."""
    proof = secret_to_mail(UUID(token_id))
    if proof is not None:
        token, secret = proof
        _send(
            "password_reset",
            token.email,
            {"link": f"{settings.PUBLIC_URL}/password-reset/{secret}"},
            language=language_of(token.user, otherwise=language),
            job=mail_reset,
            attempt=attempt,
            arguments={"token_id": token_id, "language": language},
        )


@task()
def mail_owner_of_taken_address(user_id: str, language: str = "", attempt: int = 1) -> None:
    """Tells the owner of an account that somebody wanted to use their address for another one."""
    user = User.objects.verified().filter(pk=user_id).first()
    if user is not None:
        _send(
            "taken_address",
            user.email,
            {"link": f"{settings.PUBLIC_URL}/login"},
            language=language_of(user, otherwise=language),
            job=mail_owner_of_taken_address,
            attempt=attempt,
            arguments={"user_id": user_id, "language": language},
        )


@task()
def mail_notice(
    notice: str, email: str, path: str = "", device: str = "", language: str = "", attempt: int = 1
) -> None:
    """Tells ``email`` what was done with an account: see :mod:`accounts.actions.notices`."""
    _send(
        notice,
        email,
        {"link": f"{settings.PUBLIC_URL}{path}" if path else "", "device": device},
        language=language,
        job=mail_notice,
        attempt=attempt,
        arguments={"notice": notice, "email": email, "path": path, "device": device, "language": language},
    )


def _send(
    name: str,
    email: str,
    context: dict[str, Any],
    *,
    language: str,
    job: Task[..., Any],
    attempt: int,
    arguments: dict[str, str],
) -> None:
    """Send the mail called ``name``; where that fails, ``job`` tries again later with the same ``arguments``."""
    try:
        send_mail(name, email, context, language=language)
    except (SMTPException, OSError) as error:
        if not try_again_later(job, attempt=attempt, **arguments):
            raise
        log.warning("mail not sent, will try again", mail=name, attempt=attempt, error=type(error).__name__)
