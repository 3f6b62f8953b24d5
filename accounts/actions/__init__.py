"""What can be done with accounts and devices: here what nearly every door does, the rest in the module of its noun."""

from accounts.actions.devices import (
    end_other_sessions,
    end_session,
    make_socket_ticket,
    start_session,
    touch_session,
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
    "start_session",
    "touch_session",
    "verify_email",
]
