"""Who somebody is, by address and password; and the device session that this opens."""

from django.contrib.auth.hashers import make_password

from accounts.actions.devices import end_session, start_session
from accounts.errors import AccountSuspended, EmailNotVerified, WrongCredentials
from accounts.limits import count_sign_in, forgive_sign_in
from accounts.models import DeviceSession, User, normalize_email
from accounts.rules import PASSWORD_MAX_CHARACTERS
from pulse.lib.text import text_problem


def check_credentials(*, email: str, password: str, address: str) -> User:
    """The person with this address and password. API, pages and admin all ask here.

    Raises WrongCredentials, EmailNotVerified, AccountSuspended and TooMany.
    """
    count_sign_in(email=email, address=address)
    user = _with_address(email)
    if user is None or not user.is_active or len(password) > PASSWORD_MAX_CHARACTERS:
        # As much work as for an account that exists: otherwise the clock would tell which do.
        make_password(password[:PASSWORD_MAX_CHARACTERS])
        raise WrongCredentials
    if not user.check_password(password):
        raise WrongCredentials
    forgive_sign_in(email=email, address=address)
    if not user.verified:
        raise EmailNotVerified
    if user.is_suspended:
        raise AccountSuspended
    return user


def _with_address(email: str) -> User | None:
    email = normalize_email(email)
    return None if text_problem(email) else User.objects.filter(email=email).first()


def sign_in(
    *, email: str, password: str, device_id: str, platform: str, name: str = "", address: str
) -> tuple[DeviceSession, str]:
    """Sign a program's device in. Returns its session and the bearer token, which is stored nowhere.

    Signing in again with a device's id replaces its session.
    Raises what :func:`check_credentials` raises, and BadInput.
    """
    user = check_credentials(email=email, password=password, address=address)
    return start_session(user=user, device_id=device_id, platform=platform, name=name, address=address)


def sign_out(*, session: DeviceSession) -> None:
    end_session(session=session, reason="signed_out")
