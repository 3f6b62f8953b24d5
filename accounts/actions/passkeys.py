"""Passkeys: made, named, shown and removed."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from webauthn.helpers import bytes_to_base64url

from accounts.actions.notices import send_notice
from accounts.actions.passwords import confirm_password
from accounts.actions.second_factor import forget_shown_factors
from accounts.actions.second_step import note_second_factor, require_shown_factor
from accounts.errors import AccountSuspended, EmailNotVerified, InvalidPasskey
from accounts.limits import MAKE_PASSKEY, PASSKEY_OPTIONS, count_passkey, forgive_passkey
from accounts.models import DeviceSession, Passkey, PasskeyChallenge, User
from accounts.second_factor.passkeys import (
    challenge_of,
    creation_options,
    id_of,
    owner_of,
    request_options,
    required_site,
    verified_registration,
    verified_use,
)
from pulse.lib.addresses import neighbourhood
from pulse.lib.errors import BadInput, Conflict, NotThere
from pulse.lib.text import checked_name
from pulse.lib.tokens import token_hash

Json = dict[str, Any]

CHALLENGE_LIFETIME = timedelta(minutes=5)
MOST_PASSKEYS = 20
SWEPT_AT_ONCE = 100


class TooManyPasskeys(Conflict):
    code = "too_many_passkeys"
    default_detail = f"You have {MOST_PASSKEYS} passkeys, which is as many as there can be. Remove one first."


class BadRegistration(BadInput):
    code = "invalid_passkey"
    default_detail = "That passkey can’t be used. Try once more."


def passkey_creation_options(*, session: DeviceSession, password: str) -> Json:
    """What a browser makes a passkey by.

    Raises what confirm_password raises, FactorNotShown, TooManyPasskeys and NoPasskeysHere.
    """
    user = session.user
    required_site()
    require_shown_factor(session=session)
    confirm_password(user=user, password=password)
    existing = list(user.passkeys.all())
    if len(existing) >= MOST_PASSKEYS:
        raise TooManyPasskeys
    return creation_options(user, _new_challenge(PasskeyChallenge.Purpose.REGISTER, user), existing)


def add_passkey(*, session: DeviceSession, credential: Json, name: str) -> Passkey:
    """Keep the passkey that was just made.

    Raises BadInput, FactorNotShown, TooManyPasskeys, NoPasskeysHere and TooMany.
    """
    user, name = session.user, checked_name(name)
    require_shown_factor(session=session)
    MAKE_PASSKEY.count(str(user.pk))
    challenge = _use_challenge(credential, PasskeyChallenge.Purpose.REGISTER, user)
    passkey = verified_registration(credential, challenge) if challenge else None
    if passkey is None:
        raise BadRegistration
    passkey.user, passkey.name = user, name
    try:
        with transaction.atomic():
            # The person's row is the lock of whatever changes their factors.
            User.objects.select_for_update().get(pk=user.pk)
            if user.passkeys.count() >= MOST_PASSKEYS:
                raise TooManyPasskeys
            passkey.save()
            note_second_factor(session=session)
            send_notice(user=user, notice="passkey_added")
    except IntegrityError as error:
        raise BadRegistration from error
    return passkey


def rename_passkey(*, user: User, passkey_id: UUID, name: str) -> Passkey:
    """Raises BadInput and NotThere."""
    name = checked_name(name)
    if not user.passkeys.filter(pk=passkey_id).update(name=name):
        raise NotThere
    return user.passkeys.get(pk=passkey_id)


def remove_passkey(*, session: DeviceSession, passkey_id: UUID, password: str) -> None:
    """Raises what confirm_password raises, FactorNotShown and NotThere."""
    user = session.user
    require_shown_factor(session=session)
    confirm_password(user=user, password=password)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        if not user.passkeys.filter(pk=passkey_id).delete()[0]:
            raise NotThere
        forget_shown_factors(user=user)
        send_notice(user=user, notice="passkey_removed")


def passkey_request_options(*, user: User | None = None, address: str) -> Json:
    """What a browser asks for a passkey by: one of ``user``'s, or where nobody has said who they are, any.

    Raises NoPasskeysHere and TooMany.
    """
    required_site()
    PASSKEY_OPTIONS.count(neighbourhood(address))
    allowed = list(user.passkeys.all()) if user is not None else []
    return request_options(_new_challenge(PasskeyChallenge.Purpose.SIGN_IN, user), allowed)


def check_passkey(*, credential: Json, user: User | None = None, address: str) -> User:
    """Whose passkey signed ``credential``; ``user`` where they said who they are before.

    Raises InvalidPasskey, EmailNotVerified, AccountSuspended, NoPasskeysHere and TooMany.
    """
    required_site()
    count_passkey(address=address)
    challenge = _use_challenge(credential, PasskeyChallenge.Purpose.SIGN_IN, user)
    owner = _owner_who_signed(credential, challenge, user) if challenge else None
    if owner is None or not owner.is_active:
        raise InvalidPasskey
    forgive_passkey(address=address)
    if not owner.verified:
        raise EmailNotVerified
    if owner.is_suspended:
        raise AccountSuspended
    return owner


@transaction.atomic
def _owner_who_signed(credential: Json, challenge: str, user: User | None) -> User | None:
    # Locked, so that of two uses with the same count one is refused.
    found = Passkey.objects.select_for_update(of=("self",)).select_related("user")
    passkey = found.filter(credential_id=id_of(credential) or "").first()
    if passkey is None or (user is not None and passkey.user_id != user.pk):
        return None
    handle = owner_of(credential)
    # The standard asks for the handle where nobody has said who they are.
    if handle != passkey.user_id.bytes and (handle is not None or user is None):
        return None
    used = verified_use(credential, challenge, passkey)
    if used is None:
        return None
    passkey.sign_count, passkey.backed_up = used
    passkey.last_used_at = timezone.now()
    passkey.save(update_fields=["sign_count", "backed_up", "last_used_at"])
    return passkey.user


def _new_challenge(purpose: PasskeyChallenge.Purpose, user: User | None) -> bytes:
    challenge, now = secrets.token_bytes(32), timezone.now()
    with transaction.atomic():
        # Whoever else is sweeping has those rows: waiting for each other they could wait for ever.
        stale = PasskeyChallenge.objects.select_for_update(skip_locked=True).filter(expires_at__lte=now)
        PasskeyChallenge.objects.filter(pk__in=list(stale.values_list("pk", flat=True)[:SWEPT_AT_ONCE])).delete()
        PasskeyChallenge.objects.create(
            challenge=token_hash(bytes_to_base64url(challenge)),
            purpose=purpose,
            user=user,
            created_at=now,
            expires_at=now + CHALLENGE_LIFETIME,
        )
    return challenge


def _use_challenge(credential: Json, purpose: PasskeyChallenge.Purpose, user: User | None) -> str | None:
    """The challenge that ``credential`` answers, if it is one of ours for this; nobody else can use it now."""
    challenge = challenge_of(credential)
    if challenge is None:
        return None
    waiting = PasskeyChallenge.objects.filter(
        challenge=token_hash(challenge), purpose=purpose, user=user, expires_at__gt=timezone.now()
    )
    # The count of deleted rows decides, however many come at once.
    return challenge if waiting.delete()[0] == 1 else None
