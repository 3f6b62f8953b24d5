"""Telling people by mail what was done with their account, so that they notice when it wasn't them."""

from accounts.languages import language_of
from accounts.models import User
from accounts.tasks import mail_notice

_TO_SECURITY = "/settings/security"
_TO_RESET = "/password-reset"

# Each is a mail's name, and where its button leads; empty where there is nothing left to press.
NOTICES = {
    "password_changed": _TO_RESET,
    "password_reset_done": _TO_RESET,
    "email_changing": _TO_RESET,
    "email_changed": "",
    "second_factor_on": _TO_SECURITY,
    "second_factor_off": _TO_SECURITY,
    "recovery_code_used": _TO_SECURITY,
    "passkey_added": _TO_SECURITY,
    "passkey_removed": _TO_SECURITY,
    "new_device": "/settings/devices",
    "export_ready": "/settings/data",
    "account_closed": "",
}


def send_notice(*, user: User, notice: str, email: str = "", device: str = "") -> None:
    """Mail ``notice``, one of NOTICES, to ``user``: by the queue, so exactly if the caller's transaction commits.

    ``email`` is an address that isn't, or will no longer be, the account's. ``device`` is the device's name, for
    ``new_device``.
    """
    mail_notice.enqueue(
        notice=notice,
        email=email or user.email,
        path=NOTICES[notice],
        device=device,
        language=language_of(user),
    )
