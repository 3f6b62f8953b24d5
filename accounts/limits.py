"""How often accounts may be tried, for API, pages and admin alike. Addresses that share an IPv6 /64 count as one."""

from accounts.models import User, normalize_email
from pulse.lib.addresses import neighbourhood
from pulse.lib.errors import NotAllowed
from pulse.lib.throttling import Limit

# By account and address together: a stranger who guesses can't lock the owner out, who comes from elsewhere.
SIGN_IN = Limit("sign-in", tries=10, seconds=300)
SIGN_IN_ADDRESS = Limit("sign-in-address", tries=60, seconds=300)
MAIL_ACCOUNT = Limit("mail-account", tries=5, seconds=3600)
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
    MAIL_ACCOUNT.count(normalize_email(email))


def count_sign_in(*, email: str, address: str) -> None:
    """One more try to sign in. Raises TooMany."""
    SIGN_IN_ADDRESS.count(neighbourhood(address))
    SIGN_IN.count(normalize_email(email), neighbourhood(address))


def forgive_sign_in(*, email: str, address: str) -> None:
    """The try was a good one, so it doesn't count."""
    SIGN_IN_ADDRESS.forgive(neighbourhood(address))
    SIGN_IN.forgive(normalize_email(email), neighbourhood(address))


def count_search_by_email(user: User) -> None:
    """Who asks by address learns whether it has an account: only people we know may, and not often.

    Raises NotAllowed and TooMany.
    """
    if not user.verified:
        raise NotAllowed("Confirm your own address first.")
    FIND_BY_EMAIL.count(str(user.pk))
    FIND_BY_EMAIL_DAY.count(str(user.pk))
