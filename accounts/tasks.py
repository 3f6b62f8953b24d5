"""What accounts leave to the queue: mail. Jobs carry ids; the secrets in the links are made here and kept nowhere."""

from smtplib import SMTPException
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string
from django_tasks import task
from django_tasks.base import Task

from accounts.models import User
from accounts.proofs import issue_verification, secret_to_mail
from pulse.lib.jobs import try_again_later

log = structlog.get_logger(__name__)

SMTP_TIMEOUT_SECONDS = 20


@task()
def mail_verification(token_id: str, attempt: int = 1) -> None:
    """The link that proves an address. Nothing is sent where a newer registration took its place."""
    proof = secret_to_mail(UUID(token_id))
    if proof is not None:
        email, secret = proof
        link = f"{settings.PUBLIC_URL}/verify/{secret}"
        _send("verification", email, {"link": link}, mail_verification, attempt, token_id=token_id)


@task()
def mail_verification_again(email: str) -> None:
    """A new link for whoever registered ``email`` and has not proved it yet; for everybody else nothing."""
    user = User.objects.active().filter(email=email, verified=False).first()
    if user is not None:
        mail_verification.enqueue(token_id=str(issue_verification(user=user).id))


@task()
def mail_owner_of_taken_address(user_id: str, attempt: int = 1) -> None:
    """Tells the owner of an account that somebody wanted to register their address once more."""
    user = User.objects.verified().filter(pk=user_id).first()
    if user is not None:
        context = {"link": f"{settings.PUBLIC_URL}/login"}
        _send("taken_address", user.email, context, mail_owner_of_taken_address, attempt, user_id=user_id)


def _send(
    template: str, email: str, context: dict[str, str], job: Task[..., Any], attempt: int, **arguments: str
) -> None:
    """Mail ``templates/mail/{template}`` to ``email``; where that fails, ``job`` tries again later."""
    try:
        send_mail(template, email, context)
    except (SMTPException, OSError) as error:
        if not try_again_later(job, attempt=attempt, **arguments):
            raise
        log.warning("mail not sent, will try again", mail=template, attempt=attempt, error=type(error).__name__)


def send_mail(template: str, email: str, context: dict[str, str]) -> None:
    """Render and send. The text's first line is the subject.

    Names are left out on purpose: whoever registers a stranger's address would choose what Pulse writes to them.
    """
    context = context | {"site": settings.PUBLIC_URL.partition("://")[2]}
    subject, _, text = render_to_string(f"mail/{template}.txt", context).strip().partition("\n")
    html = render_to_string(f"mail/{template}.html", context | {"subject": subject})
    message = EmailMultiAlternatives(
        subject, text.strip() + "\n", to=[email], connection=get_connection(timeout=SMTP_TIMEOUT_SECONDS)
    )
    # Nobody's holiday notice needs to answer a link.
    message.extra_headers["Auto-Submitted"] = "auto-generated"
    message.attach_alternative(html, "text/html")
    message.send()
