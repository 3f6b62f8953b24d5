"""What operators do with accounts, from a terminal: no mail is sent and no try is counted."""

import secrets
from collections.abc import Mapping
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from accounts.models import DeviceSession, User
from accounts.rules import checked_email, checked_password, checked_registration
from pulse.lib.errors import Conflict, NotThere
from pulse.realtime.events import session_ended
from pulse.realtime.outbox import publish_on_commit

# Whoever was imported has an address here until somebody claims them: no mail ever arrives in .invalid (RFC 2606).
IMPORTED_DOMAIN = "@imported.invalid"


class AddressTaken(Conflict):
    code = "address_taken"
    default_detail = "Somebody has that address already."


def create_account(*, name: str, email: str, password: str, verified: bool = False, staff: bool = False) -> User:
    """A new account, by the rules of registration. Raises BadInput and AddressTaken."""
    name, email = checked_registration(name=name, email=email, password=password)
    try:
        with transaction.atomic():
            user: User = User.objects.create_user(
                name=name, email=email, password=password, verified=verified, is_staff=staff
            )
    except IntegrityError as error:
        raise AddressTaken from error
    return user


def import_people(names: Mapping[UUID, str]) -> int:
    """Make those of these people who aren't there yet, and say how many. Nobody can sign in as them."""
    missing = names.keys() - set(User.objects.filter(id__in=names).values_list("id", flat=True))
    # The address can't be guessed from the name: an unverified account is renamed by whoever registers its address.
    User.objects.bulk_create(
        User(
            id=id,
            name=names[id],
            email=f"{secrets.token_hex(16)}{IMPORTED_DOMAIN}",
            password=make_password(None),
        )
        for id in sorted(missing)
    )
    return len(missing)


@transaction.atomic
def claim_account(*, user_id: UUID, email: str, password: str) -> User:
    """Make an imported person's account that of whoever has ``email``, who signs in with ``password`` from now on.

    Raises NotThere, BadInput, AddressTaken, and Conflict where the account is somebody's already.
    """
    user: User | None = User.objects.select_for_update().filter(pk=user_id).first()
    if user is None:
        raise NotThere("No such person was imported.")
    if not user.email.endswith(IMPORTED_DOMAIN):
        raise Conflict(f"{user.name} has an account already.", code="claimed_already")
    user.email = checked_email(email)
    user.set_password(checked_password(password, user=user))
    user.verified = True
    try:
        with transaction.atomic():
            user.save(update_fields=["email", "password", "verified", "updated_at"])
    except IntegrityError as error:
        raise AddressTaken from error
    return user


def lock_out(*, user: User) -> None:
    """End all of somebody's sessions and sockets: they were just made inactive."""
    with transaction.atomic():
        DeviceSession.objects.filter(user=user).delete()
        publish_on_commit(session_ended(user.id, session_id=None, reason="account_closed"))
