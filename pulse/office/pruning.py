"""What is deleted once nobody needs it: in small transactions, so that nobody waits for them."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.deletion import ProtectedError
from django.utils import timezone

from accounts.actions.devices import end_session
from accounts.models import (
    DeviceSession,
    Invitation,
    PasskeyChallenge,
    SocketTicket,
    TakenRegistration,
    TrustedDevice,
    User,
    VerificationToken,
)
from chat.models import Message, Participant
from pulse.lib.batches import BATCH, delete_in_batches

PROOFS_KEPT = timedelta(days=7)
INVITATIONS_KEPT = timedelta(days=90)
UNCONFIRMED_KEPT = timedelta(days=30)
PROGRAMS_KEPT = timedelta(days=365)
# A browser's cookie lives so long after it signed in, so after this much silence it is gone.
BROWSERS_KEPT = timedelta(seconds=settings.SESSION_COOKIE_AGE) + timedelta(days=1)
# Whoever has such an address was put there by Pulse, not by somebody who registered (RFC 2606).
PLACED_DOMAIN = ".invalid"


def prune_accounts() -> dict[str, int]:
    """Delete what is over, and say how much of each."""
    now = timezone.now()
    over = {
        "proofs": VerificationToken.objects.filter(
            Q(expires_at__lte=now - PROOFS_KEPT) | Q(used_at__lte=now - PROOFS_KEPT)
        ),
        "tickets": SocketTicket.objects.filter(expires_at__lte=now),
        "challenges": PasskeyChallenge.objects.filter(expires_at__lte=now),
        "trusted_devices": TrustedDevice.objects.filter(expires_at__lte=now),
        "invitations": Invitation.objects.filter(
            Q(expires_at__lte=now - INVITATIONS_KEPT) | Q(revoked_at__lte=now - INVITATIONS_KEPT)
        ),
        # As long as one of a free address, so that neither goes before the other.
        "taken_registrations": TakenRegistration.objects.filter(created_at__lte=now - UNCONFIRMED_KEPT),
        "cookies": Session.objects.filter(expire_date__lte=now),
    }
    pruned = {name: delete_in_batches(rows) for name, rows in over.items()}
    return pruned | {"sessions": _end_silent_sessions(), "people": _forget_unconfirmed()}


def _end_silent_sessions() -> int:
    """End the sessions of devices that won't come back."""
    now, ended = timezone.now(), 0
    silent = Q(last_active__lte=now - PROGRAMS_KEPT) | Q(
        platform=DeviceSession.Platform.WEB, last_active__lte=now - BROWSERS_KEPT
    )
    while sessions := list(DeviceSession.objects.filter(silent).order_by("id")[:BATCH]):
        for session in sessions:
            end_session(session=session, reason="expired")
        ended += len(sessions)
    return ended


def _unconfirmed() -> QuerySet[User]:
    """Accounts whose address nobody ever proved, and that nobody has to do with."""
    found: QuerySet[User] = (
        User.objects.active()
        .filter(verified=False, last_login=None, created_at__lte=timezone.now() - UNCONFIRMED_KEPT)
        .filter(is_staff=False, is_superuser=False, closed_at=None)
        .exclude(email__endswith=PLACED_DOMAIN)
        # They registered anew, or had the link sent again, and may be about to open it.
        .exclude(Exists(VerificationToken.objects.usable().filter(user=OuterRef("pk"))))
        .exclude(Exists(DeviceSession.objects.filter(user=OuterRef("pk"))))
        .exclude(Exists(Participant.objects.filter(user=OuterRef("pk"))))
        .exclude(Exists(Message.objects.filter(sender=OuterRef("pk"))))
        .exclude(Exists(Message.objects.filter(receiver=OuterRef("pk"))))
    )
    return found


def _forget_unconfirmed() -> int:
    forgotten = 0
    for key in list(_unconfirmed().values_list("pk", flat=True)[: BATCH * 20]):
        with transaction.atomic():
            # Held, and asked once more: they may be confirming their address right now.
            held = _unconfirmed().filter(pk=key).select_for_update(skip_locked=True).first()
            try:
                if held is not None:
                    held.delete()
                    forgotten += 1
            except ProtectedError:
                # Something else refers to them: then they are no mere registration.
                continue
    return forgotten
