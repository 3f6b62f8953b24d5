"""``manage.py create_user``: an account without the mail. The password comes from standard input."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.actions.operators import create_account
from pulse.lib.errors import DomainError
from pulse.lib.terminal import NoPassword, read_password


class Command(BaseCommand):
    help = "Create an account. Reads its password from standard input: one line."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--name", required=True, help="What others see.")
        parser.add_argument(
            "--verified", action="store_true", help="The address is known to be theirs: they may sign in."
        )
        parser.add_argument("--staff", action="store_true", help="They may open the admin.")

    def handle(self, *args: Any, email: str, name: str, verified: bool, staff: bool, **options: Any) -> None:
        try:
            password = read_password("Password: ")
            user = create_account(name=name, email=email, password=password, verified=verified, staff=staff)
        except NoPassword:
            raise CommandError("Give the password on standard input, as one line of UTF-8.") from None
        except DomainError as error:
            raise CommandError(error.detail) from None
        self.stdout.write(
            f"{user.name} <{user.email}> can sign in."
            if verified
            else f"{user.name} <{user.email}> is there, unverified."
        )
