"""Changing one's address: it counts once the link that was mailed there is used."""

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from accounts.actions.notices import send_notice
from accounts.actions.passwords import confirm_password
from accounts.errors import BadToken
from accounts.languages import asked_language
from accounts.limits import count_mail
from accounts.models import User
from accounts.proofs import end_proofs, issue_verification
from accounts.rules import checked_email
from accounts.tasks import mail_verification
from pulse.lib.errors import BadInput


def ask_for_new_address(*, user: User, password: str, email: str, address: str) -> None:
    """Mail a link to ``email``, and tell the address of now. Of several the newest counts.

    Whether somebody else has that address is looked up by the queue, which then tells them instead: whoever asks learns
    nothing. Raises BadInput (``wrong_password``, too) and TooMany.
    """
    email = checked_email(email)
    if email == user.email:
        raise BadInput(errors={"email": ["That is your address already."]})
    confirm_password(user=user, password=password)
    count_mail(email=email, address=address)
    with transaction.atomic():
        token = issue_verification(user=user, email=email)
        mail_verification.enqueue(token_id=str(token.id), language=asked_language())
        send_notice(user=user, notice="email_changing")


def cancel_new_address(*, user: User) -> None:
    """Keep the address of now: the link mailed to another one opens nothing any more."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        user.verification_tokens.filter(used_at=None).exclude(email=user.email).delete()


def take_address(*, user: User, email: str) -> None:
    """``email``, which was proved, is the address of ``user`` from now on. Call it with ``user``'s row locked.

    Raises BadToken where somebody has taken it meanwhile.
    """
    before, user.email = user.email, email
    try:
        with transaction.atomic():
            # Whoever only registered it proved nothing, and never got in: proof goes before.
            User.objects.filter(email=email, verified=False, is_active=True).delete()
            user.save(update_fields=["email", "updated_at"])
    except (IntegrityError, ProtectedError) as error:
        raise BadToken from error
    # What was mailed to the address of before opens nothing now.
    end_proofs(user=user)
    send_notice(user=user, notice="email_changed", email=before)
