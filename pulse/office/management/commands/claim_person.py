"""``manage.py claim_person``: make an imported person's account somebody's own."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from accounts.actions.operators import claim_account
from pulse.lib.errors import DomainError
from pulse.lib.terminal import NoPassword, read_password
from pulse.office.importing.identities import person_id


class Command(BaseCommand):
    help = "Give an imported person an address and a password. Reads the password from standard input: one line."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("person", metavar="PERSON", help="SOURCE/NAME as in the archive, or the person's id.")
        parser.add_argument("email", metavar="EMAIL")

    def handle(self, *args: Any, person: str, email: str, **options: Any) -> None:
        try:
            user = claim_account(user_id=_id_of(person), email=email, password=read_password("Password: "))
        except NoPassword:
            raise CommandError("Give the password on standard input, as one line of UTF-8.") from None
        except DomainError as error:
            raise CommandError(error.detail) from None
        self.stdout.write(f"{user.name} can sign in as {user.email}.")


def _id_of(person: str) -> UUID:
    source, slash, name = person.partition("/")
    if slash:
        return person_id(source, name)
    try:
        return UUID(person)
    except ValueError:
        raise CommandError("Name the person as SOURCE/NAME, or by their id.") from None
