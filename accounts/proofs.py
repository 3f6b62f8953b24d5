"""One-time secrets by mail: they prove that whoever has them reads that address.

A row is made with the request, its secret only when the mail is written: so no job, log or retry ever holds one.
"""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from accounts.models import User, VerificationToken
from pulse.lib.tokens import new_token, token_hash

VERIFICATION_LIFETIME = timedelta(hours=24)
RESET_LIFETIME = timedelta(hours=1)

Type = VerificationToken.Type


def issue_verification(*, user: User, email: str = "") -> VerificationToken:
    """A new proof of ``user``'s address, or of the one that is to take its place; and the end of all earlier ones."""
    return _issue(user, Type.EMAIL_VERIFICATION, email or user.email, VERIFICATION_LIFETIME)


def issue_reset(*, user: User) -> VerificationToken:
    """A new proof by which ``user`` gets a new password, and the end of all earlier ones."""
    return _issue(user, Type.PASSWORD_RESET, user.email, RESET_LIFETIME)


def _issue(user: User, type: Type, email: str, lifetime: timedelta) -> VerificationToken:
    with transaction.atomic():
        # Whoever changes a person's proofs holds their row: so there can't be two newest ones.
        User.objects.select_for_update().get(pk=user.pk)
        end_proofs(user=user, type=type)
        return _create(user, type, email, lifetime)


def _create(user: User, type: Type, email: str, lifetime: timedelta) -> VerificationToken:
    return VerificationToken.objects.create(
        user=user, email=email, type=type, token=token_hash(new_token()), expires_at=timezone.now() + lifetime
    )


def work_as_much(*, user: User) -> None:
    """Write to the database what a new account and its proof would, and leave nothing of it.

    Otherwise the clock would tell strangers which addresses have an account.
    """
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(updated_at=F("updated_at"))
        User.objects.select_for_update().get(pk=user.pk)
        _create(user, Type.EMAIL_VERIFICATION, user.email, VERIFICATION_LIFETIME).delete()


def end_proofs(*, user: User, type: Type | None = None) -> None:
    """Whatever of ``user``'s was mailed and not used, of one type or of all, opens nothing from now on."""
    unused = user.verification_tokens.filter(used_at=None)
    (unused if type is None else unused.filter(type=type)).delete()


def waiting_address(user: User) -> str:
    """The address ``user`` asked to change to and has not confirmed yet; empty without one."""
    waiting = user.verification_tokens.usable().filter(type=Type.EMAIL_VERIFICATION).exclude(email=user.email)
    return waiting.values_list("email", flat=True).first() or ""


def secret_to_mail(token_id: UUID) -> tuple[VerificationToken, str] | None:
    """A proof that still counts, and a fresh secret of it; what was mailed of it before no longer opens."""
    secret = new_token()
    waiting = VerificationToken.objects.usable().filter(pk=token_id)
    # By its key alone in the statement that writes: the count says whether it was still there.
    if not waiting.exists() or not VerificationToken.objects.filter(pk=token_id, used_at=None).update(
        token=token_hash(secret)
    ):
        return None
    token = VerificationToken.objects.select_related("user").filter(pk=token_id).first()
    return None if token is None else (token, secret)


def holder_of(token: str) -> QuerySet[VerificationToken, UUID]:
    """The ids of whom ``token`` was mailed to: one or none."""
    return VerificationToken.objects.filter(token=token_hash(token)).values_list("user_id", flat=True)


def person_with(token: str, type: Type) -> User | None:
    """Whose address ``token`` would prove, were it used now. It uses nothing up and locks nothing."""
    usable = VerificationToken.objects.usable().filter(token=token_hash(token), type=type)
    found = usable.select_related("user").first()
    return found.user if found is not None and found.email == found.user.email else None


def is_change(token: str) -> bool:
    """Whether ``token`` would give an account that has an address another one."""
    changes = VerificationToken.objects.filter(token=token_hash(token), user__verified=True)
    return changes.exclude(email=F("user__email")).exists()


def use_up(token: str, type: Type, user: User) -> str | None:
    """The address that the token proves, if this call, and no other, used it up. Call it with ``user``'s row locked.

    The count of changed rows decides, however many try at once.
    """
    now = timezone.now()
    unused = VerificationToken.objects.filter(
        token=token_hash(token), type=type, user=user, used_at=None, expires_at__gt=now
    )
    email = unused.values_list("email", flat=True).first()
    if email is None or not user.is_active or unused.update(used_at=now) != 1:
        return None
    return email
