"""Passwords: proving one knows it."""

from accounts.limits import CONFIRM_PASSWORD
from accounts.models import User
from accounts.rules import PASSWORD_MAX_CHARACTERS
from pulse.lib.errors import BadInput


def confirm_password(*, user: User, password: str, field: str = "password") -> None:
    """Let whoever is signed in as ``user`` prove that it is them, before what can't be undone.

    Raises BadInput (``wrong_password``, under ``field``) and TooMany: a stolen session is no place to guess from.
    """
    CONFIRM_PASSWORD.count(str(user.pk))
    if len(password) > PASSWORD_MAX_CHARACTERS or not user.check_password(password):
        raise BadInput(errors={field: ["That isn’t your password."]}, code="wrong_password")
    CONFIRM_PASSWORD.forgive(str(user.pk))
