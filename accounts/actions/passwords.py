"""Passwords: proving one knows it, changing it, and getting a new one by mail."""

from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts.actions.devices import end_all_sessions, end_other_sessions
from accounts.actions.invitations import count_use
from accounts.actions.notices import send_notice
from accounts.actions.trust import forget_trusted_devices
from accounts.errors import BadToken
from accounts.languages import asked_language
from accounts.limits import CONFIRM_PASSWORD, VERIFY_ADDRESS, count_mail
from accounts.models import DeviceSession, User, VerificationToken, normalize_email
from accounts.proofs import end_proofs, person_with, use_up
from accounts.rules import PASSWORD_MAX_CHARACTERS, checked_password
from accounts.tasks import mail_reset_to
from pulse.lib.addresses import neighbourhood
from pulse.lib.errors import BadInput

RESET = VerificationToken.Type.PASSWORD_RESET


def confirm_password(*, user: User, password: str, field: str = "password") -> None:
    """Let whoever is signed in as ``user`` prove that it is them, before what can't be undone.

    Raises BadInput (``wrong_password``, under ``field``) and TooMany: a stolen session is no place to guess from.
    """
    CONFIRM_PASSWORD.count(str(user.pk))
    if len(password) > PASSWORD_MAX_CHARACTERS or not user.check_password(password):
        raise _wrong_password(field)
    CONFIRM_PASSWORD.forgive(str(user.pk))


def _wrong_password(field: str) -> BadInput:
    return BadInput(errors={field: ["That isn’t your password."]}, code="wrong_password")


def change_password(*, session: DeviceSession, current_password: str, new_password: str) -> User:
    """Give the person of ``session`` a new password. All their other sessions end, and whatever was mailed to them.

    Raises BadInput and TooMany. Returns the person as they now are.
    """
    user = session.user
    confirm_password(user=user, password=current_password, field="current_password")
    if new_password == current_password:
        raise BadInput(errors={"new_password": ["That is your password already. Choose another one."]})
    checked_password(new_password, user=user, field="new_password")
    # Hashing takes long enough to be measured: nobody waits for the row meanwhile.
    password_hash = make_password(new_password)
    with transaction.atomic():
        locked: User = User.objects.select_for_update().get(pk=user.pk)
        if locked.password != user.password:
            # Another device changed it since: what was proved is a password of before.
            raise _wrong_password("current_password")
        _set_password(locked, password_hash)
        end_other_sessions(session=session, reason="password_changed")
        send_notice(user=locked, notice="password_changed")
    return locked


def _set_password(user: User, password_hash: str) -> None:
    """With it ends what somebody else may have set in motion: links on their way, a new address, trusted devices."""
    user.password = password_hash
    user.save(update_fields=["password", "verified", "updated_at"])
    end_proofs(user=user)
    forget_trusted_devices(user=user)


def ask_for_reset(*, email: str, address: str) -> None:
    """Mail a link that sets a new password, if there is anybody to mail it to: who that is, the queue looks up.

    Raises TooMany.
    """
    count_mail(email=email, address=address)
    mail_reset_to.enqueue(email=normalize_email(email), language=asked_language())


def reset_is_usable(*, token: str) -> bool:
    """Whether a mailed link would set a new password. It uses nothing up."""
    user = person_with(token, RESET)
    return user is not None and not user.is_suspended


def reset_password(*, token: str, password: str, address: str) -> User:
    """Use up a mailed secret: its person has a new password, and every session, link and trusted device of theirs ends.

    It proves the address as well. A password that won't do is refused before the secret is used. Raises BadToken,
    InvitationUsedUp, BadInput and TooMany.
    """
    VERIFY_ADDRESS.count(neighbourhood(address))
    user = person_with(token, RESET)
    if user is None:
        raise BadToken
    checked_password(password, user=user)
    password_hash = make_password(password)
    with transaction.atomic():
        # The person first, then the token: whoever asks for a new link locks in the same order.
        locked: User = User.objects.select_for_update().get(pk=user.pk)
        if locked.is_suspended or use_up(token, RESET, locked) != locked.email:
            raise BadToken
        if not locked.verified:
            count_use(user=locked)
            locked.verified = True
        _set_password(locked, password_hash)
        end_all_sessions(user=locked, reason="password_reset")
        send_notice(user=locked, notice="password_reset_done")
    return locked
