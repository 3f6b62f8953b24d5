"""``manage.py invite``: a link by which somebody may register, where registration isn't open to all."""

from argparse import ArgumentParser
from datetime import timedelta
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.actions.invitations import INVITATION_LIFETIME, invitation_link, mail_invitation, make_invitation
from pulse.lib.errors import DomainError


class Command(BaseCommand):
    help = (
        "Print a link by which somebody may register; with EMAIL, mail it there, too. It works for that address only."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", metavar="EMAIL", nargs="?", default="")
        parser.add_argument("--uses", type=int, default=1, help="How many accounts it makes (1).")
        parser.add_argument(
            "--days",
            type=int,
            default=INVITATION_LIFETIME.days,
            help=f"How long it works ({INVITATION_LIFETIME.days}).",
        )

    def handle(self, *args: Any, email: str, uses: int, days: int, **options: Any) -> None:
        try:
            lifetime = timedelta(days=days)
            invitation, secret = make_invitation(created_by=None, email=email, max_uses=uses, lifetime=lifetime)
        except (DomainError, OverflowError) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(invitation_link(secret))
        if settings.REGISTRATION != "invitation":
            self.stderr.write(f"Registration is {settings.REGISTRATION}: the link counts while it is by invitation.")
        if not invitation.email:
            return
        try:
            mail_invitation(invitation=invitation, secret=secret)
        except (SMTPException, OSError) as error:
            raise CommandError(f"The link works, but wasn’t mailed: {error}") from None
        self.stdout.write(f"Mailed to {invitation.email}.")
