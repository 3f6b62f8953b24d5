"""``manage.py reset_second_factor``: for somebody who lost their app, their recovery codes and their passkeys."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.actions.second_factor import reset_second_factor
from accounts.models import User, normalize_email


class Command(BaseCommand):
    help = "Take somebody's authenticator app, recovery codes and passkeys away: their password signs them in again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", metavar="EMAIL")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        user = User.objects.active().filter(email=normalize_email(email)).first()
        if user is None:
            raise CommandError(f"Nobody here has the address {email}.")
        if reset_second_factor(user=user):
            self.stdout.write(f"{user.name} <{user.email}> signs in with the password alone. A mail says so.")
        else:
            self.stdout.write(f"{user.name} <{user.email}> had no second factor.")
