"""The second step of signing in: a code of the app, or one of the recovery codes."""

import time

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.actions.notices import send_notice
from accounts.errors import FactorNotShown, InvalidCode
from accounts.limits import count_code, count_recovery_code, forgive_code, forgive_recovery_code
from accounts.models import Authenticator, DeviceSession, User
from accounts.second_factor.recovery import code_hash
from accounts.second_factor.sealing import unseal
from accounts.second_factor.totp import DIGITS, matching_step


def wants_second_factor(*, user: User) -> bool:
    """Whether a password alone doesn't let ``user`` in. A passkey does not ask for this: it is a way in of its own."""
    return Authenticator.objects.confirmed().filter(user=user).exists()


def has_second_factor(*, user: User) -> bool:
    """Whether ``user`` can show one: an app, or a passkey."""
    return user.passkeys.exists() or wants_second_factor(user=user)


def owes_second_factor(*, session: DeviceSession) -> bool:
    """Whether ``session`` has shown less than its person's factors may be changed with.

    Else whoever knows the password would put a factor of their own beside them, or take them away.
    """
    user = session.user
    if session.second_factor_at is not None:
        return False
    # Of a passkey alone nothing depends, but for staff who must have a factor: lost ones are removed by the password.
    staff = user.is_staff and settings.STAFF_SECOND_FACTOR
    return has_second_factor(user=user) if staff else wants_second_factor(user=user)


def require_shown_factor(*, session: DeviceSession) -> None:
    """Raises FactorNotShown."""
    if owes_second_factor(session=session):
        raise FactorNotShown


def check_code(*, user: User, code: str, address: str) -> None:
    """Take a code of ``user``'s app, or use up a recovery code. Only for whoever has shown the password.

    Raises InvalidCode and TooMany. Six digits can be guessed, so wrong ones are counted for the account as well; a
    recovery code can't, so it opens even while somebody who knows the password guesses digits.
    """
    bare = "".join(code.split())
    if bare.isascii() and bare.isdigit() and len(bare) == DIGITS:
        count_code(user=user, address=address)
        if not _take_digits(user, bare):
            raise InvalidCode
        forgive_code(user=user, address=address)
    else:
        count_recovery_code(user=user, address=address)
        if not _use_recovery_code(user, code):
            raise InvalidCode
        forgive_recovery_code(user=user, address=address)


def _take_digits(user: User, digits: str) -> bool:
    app = Authenticator.objects.confirmed().filter(user=user).first()
    secret = unseal(app.secret) if app is not None else None
    step = matching_step(secret, digits, at=time.time()) if secret is not None else None
    if app is None or step is None:
        return False
    # The count of changed rows decides, however many show the same code at once.
    unused = Authenticator.objects.filter(pk=app.pk, secret=app.secret, last_step__lt=step)
    return unused.update(last_step=step) == 1


def _use_recovery_code(user: User, code: str) -> bool:
    hashed = code_hash(code)
    if hashed is None:
        return False
    with transaction.atomic():
        used = user.recovery_codes.filter(code=hashed, used_at=None).update(used_at=timezone.now()) == 1
        if used:
            send_notice(user=user, notice="recovery_code_used")
    return used


def note_second_factor(*, session: DeviceSession) -> None:
    """Whoever sits at ``session`` has just shown a second factor."""
    session.second_factor_at = timezone.now()
    DeviceSession.objects.filter(pk=session.pk).update(second_factor_at=session.second_factor_at)
