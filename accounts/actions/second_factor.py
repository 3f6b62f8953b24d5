"""Turning the second factor on and off: an authenticator app and its recovery codes."""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from accounts.actions.notices import send_notice
from accounts.actions.passwords import confirm_password
from accounts.actions.second_step import (
    has_second_factor,
    note_second_factor,
    require_shown_factor,
    wants_second_factor,
)
from accounts.actions.trust import forget_trusted_devices
from accounts.limits import CONFIRM_CODE
from accounts.models import Authenticator, DeviceSession, RecoveryCode, User
from accounts.second_factor.recovery import code_hash, new_codes
from accounts.second_factor.sealing import seal, unseal
from accounts.second_factor.totp import matching_step, new_secret, qr_svg, setup_uri
from pulse.lib.errors import BadInput, Conflict, NotThere


class AlreadyOn(Conflict):
    code = "already_on"
    default_detail = "An authenticator app is set up already. Remove it first."


class NotBegun(Conflict):
    code = "not_begun"
    default_detail = "Begin again: there is no app that waits for its first code."


class NotOn(Conflict):
    code = "second_factor_off"
    default_detail = "Recovery codes come with an authenticator app. Set one up first."


@dataclass(frozen=True, slots=True)
class Setup:
    """What an authenticator app is given, once."""

    authenticator: Authenticator
    secret: str
    uri: str
    qr_svg: str


def begin_authenticator(*, session: DeviceSession, password: str) -> Setup:
    """A secret for an app. It counts once its person shows a code; until then, asking again makes a new one.

    Raises what confirm_password raises, FactorNotShown and AlreadyOn.
    """
    user = session.user
    require_shown_factor(session=session)
    confirm_password(user=user, password=password)
    secret = new_secret()
    with transaction.atomic():
        # The person's row is the lock of whatever changes their factors.
        User.objects.select_for_update().get(pk=user.pk)
        if wants_second_factor(user=user):
            raise AlreadyOn
        Authenticator.objects.filter(user=user).delete()
        made = Authenticator.objects.create(user=user, secret=seal(secret))
    return _setup(made, secret, user)


def setup_of(*, authenticator: Authenticator) -> Setup:
    """The setup again, for a page that is drawn again. Raises NotBegun once the app counts."""
    secret = unseal(authenticator.secret)
    if authenticator.confirmed_at is not None or secret is None:
        raise NotBegun
    return _setup(authenticator, secret, authenticator.user)


def _setup(authenticator: Authenticator, secret: str, user: User) -> Setup:
    uri = setup_uri(secret, email=user.email)
    return Setup(authenticator, secret, uri, qr_svg(uri))


def confirm_authenticator(*, session: DeviceSession, code: str) -> list[str]:
    """The app's first code turns the second factor on. Returns the recovery codes, which are shown this once.

    Raises BadInput (``invalid_code``), FactorNotShown, NotBegun, AlreadyOn and TooMany.
    """
    user = session.user
    require_shown_factor(session=session)
    CONFIRM_CODE.count(str(user.pk))
    app = Authenticator.objects.filter(user=user).first()
    secret = unseal(app.secret) if app is not None else None
    if app is None or secret is None:
        raise NotBegun
    if app.confirmed_at is not None:
        raise AlreadyOn
    step = matching_step(secret, "".join(code.split()), at=time.time())
    if step is None:
        raise BadInput(
            errors={"code": ["That isn’t the code the app shows now. Is the clock of your phone right?"]},
            code="invalid_code",
        )
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        waiting = Authenticator.objects.filter(pk=app.pk, secret=app.secret, confirmed_at=None)
        if not waiting.update(confirmed_at=timezone.now(), last_step=step):
            raise NotBegun
        codes = _new_recovery_codes(user)
        forget_trusted_devices(user=user)
        note_second_factor(session=session)
        send_notice(user=user, notice="second_factor_on")
    return codes


def replace_recovery_codes(*, session: DeviceSession, password: str) -> list[str]:
    """Ten new ones; the old ones end. Raises what confirm_password raises, FactorNotShown and NotOn."""
    user = session.user
    require_shown_factor(session=session)
    confirm_password(user=user, password=password)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        if not wants_second_factor(user=user):
            raise NotOn
        return _new_recovery_codes(user)


def _new_recovery_codes(user: User) -> list[str]:
    codes = new_codes()
    user.recovery_codes.all().delete()
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, code=code_hash(code) or "") for code in codes)
    return codes


def remove_authenticator(*, session: DeviceSession, password: str) -> None:
    """A password is enough again. Raises what confirm_password raises, FactorNotShown and NotThere."""
    user = session.user
    require_shown_factor(session=session)
    confirm_password(user=user, password=password)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        app = Authenticator.objects.filter(user=user).first()
        if app is None:
            raise NotThere("No authenticator app is set up.")
        app.delete()
        if app.confirmed_at is not None:
            user.recovery_codes.all().delete()
            forget_trusted_devices(user=user)
            forget_shown_factors(user=user)
            send_notice(user=user, notice="second_factor_off")


def forget_shown_factors(*, user: User) -> None:
    """Once nothing is left that ``user`` could show, no session counts as one that has shown it."""
    if not has_second_factor(user=user):
        DeviceSession.objects.filter(user=user).update(second_factor_at=None)


def reset_second_factor(*, user: User) -> bool:
    """For operators: everything ``user`` had besides a password is gone. Says whether there was anything."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        was_there = user.passkeys.exists() or Authenticator.objects.filter(user=user).exists()
        Authenticator.objects.filter(user=user).delete()
        user.recovery_codes.all().delete()
        user.passkeys.all().delete()
        forget_trusted_devices(user=user)
        forget_shown_factors(user=user)
        if was_there:
            send_notice(user=user, notice="second_factor_off")
    return was_there
