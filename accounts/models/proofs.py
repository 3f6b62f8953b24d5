"""Secrets that were mailed or handed out: what an address, or an invitation, is proved by. Only hashes are here."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models.people import User
from pulse.lib.ids import uuid7


class VerificationTokenQuerySet(models.QuerySet["VerificationToken"]):
    def usable(self) -> VerificationTokenQuerySet:
        """Those that still prove something, of people whose accounts are open."""
        return self.filter(used_at=None, expires_at__gt=timezone.now(), user__is_active=True)


class VerificationToken(models.Model):
    """A one-time secret that was mailed. Only its SHA-256 is here."""

    class Type(models.TextChoices):
        EMAIL_VERIFICATION = "EMAIL_VERIFICATION"
        PASSWORD_RESET = "PASSWORD_RESET"  # noqa: S105  # a purpose, not a password

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="verification_tokens")
    token = models.CharField(max_length=64, unique=True)
    type = models.CharField(max_length=32, choices=Type.choices)
    # The address that the link proves; a change of address is verified before it counts.
    email = models.EmailField(max_length=254)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    objects = VerificationTokenQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(type__in=["EMAIL_VERIFICATION", "PASSWORD_RESET"]), name="verification_token_type_is_known"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="verification_token_expires_later"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} for {self.email}"


class TakenRegistration(models.Model):
    """The latest registration of an address that was somebody's already.

    Signing in by its password is answered as it would be had the address been free: else two requests would tell
    everybody whose addresses have an account. It opens nothing.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(max_length=254, unique=True)
    password = models.CharField(max_length=128)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return f"registration of {self.email}"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def usable(self) -> InvitationQuerySet:
        """Those that still let somebody in."""
        return self.filter(uses__lt=F("max_uses"), revoked_at=None, expires_at__gt=timezone.now())


class Invitation(models.Model):
    """A link by which people may register where registration isn't open to all. Only its secret's SHA-256 is here."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    token = models.CharField(max_length=64, unique=True)
    # Whom it is for; empty where it is for whoever has the link.
    email = models.EmailField(max_length=254, blank=True)
    created_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="invitations_made"
    )
    # Counted when somebody's address is verified: who only typed it wrong has used nothing up.
    uses = models.PositiveIntegerField(default=0)
    max_uses = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(uses__lte=F("max_uses")), name="invitation_within_its_uses"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="invitation_expires_later"),
        ]

    def __str__(self) -> str:
        return f"invitation of {self.email or 'anybody'}"
