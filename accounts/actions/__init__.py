"""What can be done with accounts and devices. Doors import from here."""

from accounts.actions.devices import (
    end_other_sessions,
    end_session,
    make_socket_ticket,
    start_browser_session,
    start_session,
    touch_session,
    use_socket_ticket,
)
from accounts.actions.profile import change_profile
from accounts.actions.registration import register, resend_verification, verify_email
from accounts.actions.signing_in import check_credentials, sign_in, sign_out

__all__ = [
    "change_profile",
    "check_credentials",
    "end_other_sessions",
    "end_session",
    "make_socket_ticket",
    "register",
    "resend_verification",
    "sign_in",
    "sign_out",
    "start_browser_session",
    "start_session",
    "touch_session",
    "use_socket_ticket",
    "verify_email",
]
