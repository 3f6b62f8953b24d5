"""Invitations: links by which people register where registration isn't open to all."""

from datetime import timedelta

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from accounts.errors import InvitationRequired, InvitationUsedUp, RegistrationClosed
from accounts.languages import asked_language
from accounts.mails import send_mail
from accounts.models import Invitation, User
from accounts.rules import checked_email
from pulse.lib.errors import BadInput
from pulse.lib.tokens import new_token, token_hash

INVITATION_LIFETIME = timedelta(days=7)
MOST_USES = 1000
LONGEST_LIFETIME = timedelta(days=365)


def make_invitation(
    *, created_by: User | None, email: str = "", max_uses: int = 1, lifetime: timedelta = INVITATION_LIFETIME
) -> tuple[Invitation, str]:
    """An invitation, and its secret, which is handed out here and never again. Without ``email`` it is for anybody.

    Raises BadInput.
    """
    email = checked_terms(email=email, max_uses=max_uses, lifetime=lifetime)
    secret, now = new_token(), timezone.now()
    invitation = Invitation.objects.create(
        token=token_hash(secret),
        email=email,
        created_by=created_by,
        max_uses=max_uses,
        created_at=now,
        expires_at=now + lifetime,
    )
    return invitation, secret


def checked_terms(*, email: str, max_uses: int, lifetime: timedelta) -> str:
    """The address of an invitation as it is stored, if it may be made on these terms; else BadInput."""
    errors: dict[str, list[str]] = {}
    if not 1 <= max_uses <= (1 if email else MOST_USES):
        errors["max_uses"] = ["One address needs it once." if email else f"From 1 to {MOST_USES}."]
    if not timedelta(0) < lifetime <= LONGEST_LIFETIME:
        errors["days"] = [f"From 1 to {LONGEST_LIFETIME.days}."]
    if errors:
        raise BadInput(errors=errors)
    return checked_email(email) if email else ""


def invitation_link(secret: str) -> str:
    return f"{settings.PUBLIC_URL}/signup?invitation={secret}"


def mail_invitation(*, invitation: Invitation, secret: str) -> None:
    """Send the link to whom it is for, at once: the queue holds no secrets. Raises what sending mail raises."""
    context = {"link": invitation_link(secret), "until": invitation.expires_at}
    send_mail("invitation", invitation.email, context, language=asked_language())


def revoke_invitation(*, invitation: Invitation) -> None:
    """It lets nobody in from now on; whoever came by it stays."""
    Invitation.objects.filter(pk=invitation.pk, revoked_at=None).update(revoked_at=timezone.now())


def admitted(*, secret: str, email: str = "") -> Invitation | None:
    """By what somebody may register now: nothing (None) where it is open to all, else the invitation of ``secret``.

    ``email`` is the address, where it is known already. Raises RegistrationClosed and InvitationRequired.
    """
    if settings.REGISTRATION == "open":
        return None
    if settings.REGISTRATION == "closed":
        raise RegistrationClosed
    invitation = Invitation.objects.usable().filter(token=token_hash(secret)).first()
    if invitation is None or (email and invitation.email not in {"", email}):
        raise InvitationRequired
    return invitation


def count_use(*, user: User) -> None:
    """``user`` has proved their address: their invitation has one use less. Call it with ``user``'s row locked.

    It may have ended since they registered. Then InvitationUsedUp is raised, except where all may register by now.
    """
    if user.invitation_id is None:
        return
    # The count of changed rows decides, however many come by the last use at once.
    used = Invitation.objects.usable().filter(pk=user.invitation_id).update(uses=F("uses") + 1)
    if not used and settings.REGISTRATION != "open":
        raise InvitationUsedUp
