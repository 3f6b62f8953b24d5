"""Making an account, and proving that its address is one's own.

Whoever asks learns nothing about other people's accounts: every address is answered alike, and mail goes by the queue.
"""

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from accounts.errors import BadToken
from accounts.languages import asked_language
from accounts.limits import VERIFY_ADDRESS, count_mail
from accounts.models import User, VerificationToken, normalize_email
from accounts.proofs import holder_of, issue_verification, use_up
from accounts.rules import checked_registration
from accounts.tasks import mail_owner_of_taken_address, mail_verification, mail_verification_again
from pulse.lib.addresses import neighbourhood


def register(*, name: str, email: str, password: str, address: str) -> None:
    """Make an unverified account and mail a link to it; a taken address gets a mail that says so instead.

    Of several registrations of an unverified address the latest counts, and only by its own link.
    Raises BadInput and TooMany.
    """
    name, email = checked_registration(name=name, email=email, password=password)
    count_mail(email=email, address=address)
    # Hashed for every address, since it takes long enough to be measured, and before the transaction begins.
    password_hash = make_password(password)
    try:
        _register(name=name, email=email, password_hash=password_hash)
    except IntegrityError:
        # The same address was registered a moment ago: the second look finds it.
        _register(name=name, email=email, password_hash=password_hash)


@transaction.atomic
def _register(*, name: str, email: str, password_hash: str) -> None:
    user = User.objects.select_for_update().filter(email=email).first()
    if user is None:
        user = User.objects.create(name=name, email=email, password=password_hash)
    elif not user.is_active:
        return
    elif user.verified:
        mail_owner_of_taken_address.enqueue(user_id=str(user.id), language=asked_language())
        return
    else:
        user.name, user.password = name, password_hash
        user.save(update_fields=["name", "password", "updated_at"])
    token = issue_verification(user=user)
    mail_verification.enqueue(token_id=str(token.id), language=asked_language())


def resend_verification(*, email: str, address: str) -> None:
    """Mail a new link, if there is anybody to mail it to: who that is, the queue looks up. Raises TooMany."""
    count_mail(email=email, address=address)
    mail_verification_again.enqueue(email=normalize_email(email), language=asked_language())


def verify_email(*, token: str, address: str) -> User:
    """Use up a mailed secret: its person's address is now known to be theirs. Raises BadToken and TooMany."""
    VERIFY_ADDRESS.count(neighbourhood(address))
    with transaction.atomic():
        # The person first, then the token: whoever registers anew locks in the same order.
        user: User | None = User.objects.select_for_update().filter(pk__in=holder_of(token)).first()
        if user is None or use_up(token, VerificationToken.Type.EMAIL_VERIFICATION, user) != user.email:
            raise BadToken
        user.verified = True
        user.save(update_fields=["verified", "updated_at"])
    return user
