"""How often accounts may be tried, for API, pages and admin alike. Addresses that share an IPv6 /64 count as one."""

from accounts.models import User, normalize_email
from pulse.lib.addresses import neighbourhood
from pulse.lib.errors import NotAllowed
from pulse.lib.throttling import Limit

# By account and address together: a stranger who guesses can't lock the owner out, who comes from elsewhere.
SIGN_IN = Limit("sign-in", tries=10, seconds=300)
SIGN_IN_ADDRESS = Limit("sign-in-address", tries=60, seconds=300)
# For the account wherever it is tried from: who has many addresses is bounded too. Devices that the account knows have
# counts of their own, so that their owner gets in while somebody uses this one up.
SIGN_IN_ACCOUNT = Limit("sign-in-account", tries=100, seconds=3600)
SIGN_IN_DEVICE = Limit("sign-in-device", tries=30, seconds=3600)
# Only whoever knows the password comes so far. At 30 guesses an hour six digits take more than a year to find.
CODE = Limit("code", tries=10, seconds=300)
CODE_ACCOUNT = Limit("code-account", tries=30, seconds=3600)
RECOVERY_CODE = Limit("recovery-code", tries=10, seconds=300)
CONFIRM_CODE = Limit("confirm-code", tries=10, seconds=300)
PASSKEY_OPTIONS = Limit("passkey-options", tries=120, seconds=300)
PASSKEY_ADDRESS = Limit("passkey-address", tries=60, seconds=300)
MAKE_PASSKEY = Limit("make-passkey", tries=30, seconds=3600)
# By the two together, as for signing in: who asks for another's mail again and again doesn't keep them from theirs.
MAIL = Limit("mail", tries=5, seconds=3600)
MAIL_ACCOUNT = Limit("mail-account", tries=20, seconds=3600)
MAIL_ADDRESS = Limit("mail-address", tries=60, seconds=3600)
VERIFY_ADDRESS = Limit("verify-address", tries=60, seconds=600)
CONFIRM_PASSWORD = Limit("confirm-password", tries=10, seconds=300)
FIND_BY_EMAIL = Limit("find-by-email", tries=10, seconds=60)
FIND_BY_EMAIL_DAY = Limit("find-by-email-day", tries=200, seconds=86400)
FIND_BY_NAME = Limit("find-by-name", tries=60, seconds=60)
CHANGE_AVATAR = Limit("change-avatar", tries=30, seconds=3600)
TICKETS = Limit("socket-tickets", tries=120, seconds=60)


def count_mail(*, email: str, address: str) -> None:
    """One more request that makes Pulse write to ``email``. Raises TooMany."""
    MAIL_ADDRESS.count(neighbourhood(address))
    MAIL.count(normalize_email(email), neighbourhood(address))
    MAIL_ACCOUNT.count(normalize_email(email))


def count_sign_in(*, email: str, address: str, device: str) -> None:
    """One more try to sign in. ``device`` is by what the account knows the device; empty where it doesn't.

    Raises TooMany.
    """
    SIGN_IN_ADDRESS.count(neighbourhood(address))
    SIGN_IN.count(normalize_email(email), neighbourhood(address))
    if device:
        SIGN_IN_DEVICE.count(normalize_email(email), device)
    else:
        SIGN_IN_ACCOUNT.count(normalize_email(email))


def forgive_sign_in(*, email: str, address: str, device: str) -> None:
    """The try was a good one, so it doesn't count."""
    SIGN_IN_ADDRESS.forgive(neighbourhood(address))
    SIGN_IN.forgive(normalize_email(email), neighbourhood(address))
    if device:
        SIGN_IN_DEVICE.forgive(normalize_email(email), device)
    else:
        SIGN_IN_ACCOUNT.forgive(normalize_email(email))


def count_code(*, user: User, address: str) -> None:
    """One more try at the six digits of ``user``'s app. Raises TooMany."""
    CODE.count(str(user.pk), neighbourhood(address))
    CODE_ACCOUNT.count(str(user.pk))


def forgive_code(*, user: User, address: str) -> None:
    CODE.forgive(str(user.pk), neighbourhood(address))
    CODE_ACCOUNT.forgive(str(user.pk))


def count_recovery_code(*, user: User, address: str) -> None:
    """One more try at a recovery code; not for the account, since nobody guesses one. Raises TooMany."""
    RECOVERY_CODE.count(str(user.pk), neighbourhood(address))


def forgive_recovery_code(*, user: User, address: str) -> None:
    RECOVERY_CODE.forgive(str(user.pk), neighbourhood(address))


def count_passkey(*, address: str) -> None:
    """One more passkey shown. Raises TooMany."""
    PASSKEY_ADDRESS.count(neighbourhood(address))


def forgive_passkey(*, address: str) -> None:
    PASSKEY_ADDRESS.forgive(neighbourhood(address))


def count_search_by_email(user: User) -> None:
    """Who asks by address learns whether it has an account: only people we know may, and not often.

    Raises NotAllowed and TooMany.
    """
    if not user.verified:
        raise NotAllowed("Confirm your own address first.")
    FIND_BY_EMAIL.count(str(user.pk))
    FIND_BY_EMAIL_DAY.count(str(user.pk))
