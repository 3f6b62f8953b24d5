"""One-time secrets by mail: they prove that whoever has them reads that address.

A row is made with the request, its secret only when the mail is written: so no job, log or retry ever holds one.
"""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User, VerificationToken
from pulse.lib.tokens import new_token, token_hash

VERIFICATION_LIFETIME = timedelta(hours=24)


def issue_verification(*, user: User) -> VerificationToken:
    """A new proof of ``user``'s address, and the end of all earlier ones."""
    with transaction.atomic():
        # Whoever changes a person's proofs holds their row: so there can't be two newest ones.
        User.objects.select_for_update().get(pk=user.pk)
        user.verification_tokens.filter(type=VerificationToken.Type.EMAIL_VERIFICATION, used_at=None).delete()
        return VerificationToken.objects.create(
            user=user,
            email=user.email,
            type=VerificationToken.Type.EMAIL_VERIFICATION,
            token=token_hash(new_token()),
            expires_at=timezone.now() + VERIFICATION_LIFETIME,
        )


def secret_to_mail(token_id: UUID) -> tuple[str, str] | None:
    """The address and a fresh secret of a proof that still counts; what was mailed of it before no longer opens."""
    secret = new_token()
    waiting = VerificationToken.objects.filter(pk=token_id, used_at=None, expires_at__gt=timezone.now())
    if not waiting.update(token=token_hash(secret)):
        return None
    return VerificationToken.objects.values_list("email", flat=True).get(pk=token_id), secret


def holder_of(token: str) -> QuerySet[VerificationToken, UUID]:
    """The ids of whom ``token`` was mailed to: one or none."""
    return VerificationToken.objects.filter(token=token_hash(token)).values_list("user_id", flat=True)


def use_up(token: str, type: VerificationToken.Type, user: User) -> bool:
    """Whether this call, and no other, used the token. The count of changed rows decides, however many try at once."""
    now = timezone.now()
    unused = VerificationToken.objects.filter(
        token=token_hash(token), type=type, user=user, email=user.email, used_at=None, expires_at__gt=now
    )
    return user.is_active and unused.update(used_at=now) == 1
