"""Making an account, and proving that its address is one's own.

Whoever asks learns nothing about other people's accounts: every address is answered alike, and mail goes by the queue.
"""

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.actions.addresses import take_address
from accounts.actions.invitations import admitted, count_use
from accounts.errors import BadToken
from accounts.languages import asked_language
from accounts.limits import VERIFY_ADDRESS, count_mail
from accounts.models import Invitation, TakenRegistration, User, VerificationToken, normalize_email
from accounts.proofs import holder_of, issue_verification, use_up, work_as_much
from accounts.rules import checked_registration
from accounts.tasks import mail_owner_of_taken_address, mail_verification, mail_verification_again
from pulse.lib.addresses import neighbourhood


def register(*, name: str, email: str, password: str, address: str, invitation: str = "") -> None:
    """Make an unverified account and mail a link to it; a taken address gets a mail that says so instead.

    Of several registrations of an unverified address the latest counts, and only by its own link. ``invitation`` is the
    secret of one, for where it is needed. Raises RegistrationClosed, InvitationRequired, BadInput and TooMany.
    """
    admitted(secret=invitation)
    name, email = checked_registration(name=name, email=email, password=password)
    by = admitted(secret=invitation, email=email)
    count_mail(email=email, address=address)
    # Hashed for every address, since it takes long enough to be measured, and before the transaction begins.
    password_hash = make_password(password)
    try:
        _register(name=name, email=email, password_hash=password_hash, invitation=by)
    except IntegrityError:
        # The same address was registered a moment ago: the second look finds it.
        _register(name=name, email=email, password_hash=password_hash, invitation=by)


@transaction.atomic
def _register(*, name: str, email: str, password_hash: str, invitation: Invitation | None) -> None:
    user = User.objects.select_for_update().filter(email=email).first() or User(email=email)
    language = asked_language()
    if user.verified or not user.is_active:
        work_as_much(user=user)
        TakenRegistration.objects.update_or_create(
            email=email, defaults={"password": password_hash, "created_at": timezone.now()}
        )
        mail_owner_of_taken_address.enqueue(user_id=str(user.id), language=language)
        return
    TakenRegistration.objects.filter(email=email).delete()
    user.name, user.password, user.invitation = name, password_hash, invitation
    # What their browser asked for once is how they read, until they say otherwise.
    user.preferences = {"language": language} if language != settings.LANGUAGE_CODE else {}
    user.save()
    token = issue_verification(user=user)
    mail_verification.enqueue(token_id=str(token.id), language=language)


def resend_verification(*, email: str, address: str) -> None:
    """Mail a new link, if there is anybody to mail it to: who that is, the queue looks up. Raises TooMany."""
    count_mail(email=email, address=address)
    mail_verification_again.enqueue(email=normalize_email(email), language=asked_language())


def verify_email(*, token: str, address: str) -> User:
    """Use up a mailed secret: an address is now known to be its person's, be it their first one or a new one.

    Raises BadToken, InvitationUsedUp and TooMany.
    """
    VERIFY_ADDRESS.count(neighbourhood(address))
    with transaction.atomic():
        # The person first, then the token: whoever registers anew locks in the same order.
        user: User | None = User.objects.select_for_update().filter(pk__in=holder_of(token)).first()
        email = use_up(token, VerificationToken.Type.EMAIL_VERIFICATION, user) if user is not None else None
        if user is None or email is None:
            raise BadToken
        if email == user.email:
            _verify(user)
        elif user.verified:
            take_address(user=user, email=email)
        else:
            raise BadToken
    return user


def _verify(user: User) -> None:
    if not user.verified:
        count_use(user=user)
    user.verified = True
    user.save(update_fields=["verified", "updated_at"])
