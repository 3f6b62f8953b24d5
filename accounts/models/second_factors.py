"""What somebody has besides their password: an authenticator app, recovery codes, passkeys."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models.people import User
from pulse.lib.ids import uuid7


class AuthenticatorQuerySet(models.QuerySet["Authenticator"]):
    def confirmed(self) -> AuthenticatorQuerySet:
        """Those that count: their owners have shown a first code."""
        return self.filter(confirmed_at__isnull=False)


class Authenticator(models.Model):
    """An app that shows six digits (TOTP, RFC 6238). It counts once its owner has shown a first code."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="authenticator")
    # Sealed with the installation's secret key: the codes are computed from it, so a hash would not do.
    secret = models.CharField(max_length=255)
    # The time step of the last code that was taken: none is taken twice.
    last_step = models.BigIntegerField(default=0)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = AuthenticatorQuerySet.as_manager()

    def __str__(self) -> str:
        return f"authenticator of {self.user_id}"


class RecoveryCode(models.Model):
    """One way in, good once, for whoever lost the rest. Kept as SHA-256."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes", db_index=False)
    code = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "code"], name="one_recovery_code_of_a_kind"),
        ]

    def __str__(self) -> str:
        return f"recovery code of {self.user_id}"


class Passkey(models.Model):
    """A WebAuthn credential: a public key whose private half never leaves its owner's device."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="passkeys")
    # Both base64url without padding. An id is at most 1,023 bytes.
    credential_id = models.CharField(max_length=1400, unique=True)
    public_key = models.TextField()
    sign_count = models.PositiveBigIntegerField(default=0)
    transports = models.JSONField(default=list, blank=True)
    backed_up = models.BooleanField(default=False)
    name = models.CharField(max_length=100)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class PasskeyChallenge(models.Model):
    """What a passkey is asked to sign, once and within minutes. Kept as SHA-256; using it deletes the row."""

    class Purpose(models.TextChoices):
        REGISTER = "REGISTER"
        SIGN_IN = "SIGN_IN"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    challenge = models.CharField(max_length=64, unique=True)
    purpose = models.CharField(max_length=16, choices=Purpose.choices)
    # Whose passkey is to be registered, or asked for as a second factor; null where nobody has said who they are.
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True, related_name="passkey_challenges")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(purpose__in=["REGISTER", "SIGN_IN"]), name="passkey_challenge_purpose_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.purpose
