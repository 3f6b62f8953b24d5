"""Signed-in devices, the tickets that open their sockets, and devices that are trusted without a second factor."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models.people import User
from pulse.lib.ids import uuid7


class DeviceSessionQuerySet(models.QuerySet["DeviceSession"]):
    def live(self) -> DeviceSessionQuerySet:
        """Sessions that count: their person is neither closed nor suspended."""
        return self.filter(
            Q(user__suspended_until=None) | Q(user__suspended_until__lte=timezone.now()), user__is_active=True
        )


class DeviceSession(models.Model):
    """A signed-in device. ``token`` is the SHA-256 of a program's bearer token, or of a browser's session key."""

    class Platform(models.TextChoices):
        WEB = "WEB"
        IOS = "IOS"
        ANDROID = "ANDROID"
        DESKTOP = "DESKTOP"
        CLI = "CLI"
        OTHER = "OTHER"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="device_sessions")
    device_id = models.CharField(max_length=200)
    platform = models.CharField(max_length=16, choices=Platform.choices, default=Platform.OTHER)
    name = models.CharField(max_length=100, blank=True)
    token = models.CharField(max_length=64, unique=True)
    last_address = models.GenericIPAddressField(null=True, blank=True)
    push = models.JSONField(null=True, blank=True)
    # When a second factor was shown for this session; null where a password was enough.
    second_factor_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_active = models.DateTimeField(default=timezone.now)

    objects = DeviceSessionQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "device_id"], name="one_session_per_device"),
            models.CheckConstraint(
                condition=Q(platform__in=["WEB", "IOS", "ANDROID", "DESKTOP", "CLI", "OTHER"]),
                name="device_session_platform_is_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.platform


class SocketTicket(models.Model):
    """A secret, good once and for seconds, that opens a socket where no header can be sent. Kept as SHA-256."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    session = models.ForeignKey(DeviceSession, on_delete=models.CASCADE, related_name="socket_tickets")
    token = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"ticket of {self.session_id}"


class TrustedDeviceQuerySet(models.QuerySet["TrustedDevice"]):
    def live(self) -> TrustedDeviceQuerySet:
        return self.filter(expires_at__gt=timezone.now())


class TrustedDevice(models.Model):
    """A device that is remembered: a password is enough there. Only its secret's SHA-256 is here."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="trusted_devices")
    token = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()

    objects = TrustedDeviceQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="trusted_device_expires_later")
        ]

    def __str__(self) -> str:
        return self.name or f"trusted device of {self.user_id}"
