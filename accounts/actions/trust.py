"""Devices that an account knows: remembered ones, which need no second factor, and those it signed in on before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import models, transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import DeviceSession, TrustedDevice, User, normalize_email
from pulse.lib.errors import NotThere
from pulse.lib.tokens import new_token, token_hash

TRUST_LIFETIME = timedelta(days=30)
MOST_TRUSTED = 20
_MARK_SALT = "accounts.signed-in-before"


@dataclass(frozen=True, slots=True)
class Device:
    """What whoever wants in brings along, by which an account may know them.

    ``marks`` are what :func:`device_mark` made of a browser when somebody signed in on it.
    """

    device_id: str = ""
    trust_token: str = ""
    marks: tuple[str, ...] = ()


def device_mark(*, email: str, device_id: str) -> str:
    """Proof that ``email``'s owner once signed in on this browser. It opens nothing, it tells them from a guesser."""
    return salted_hmac(_MARK_SALT, f"{normalize_email(email)}\0{device_id}", algorithm="sha256").hexdigest()


def known_device(*, email: str, device: Device) -> str:
    """By what the account of ``email`` knows this device; empty where it doesn't.

    As many queries for an address that has no account: the clock shall not tell which have.
    """
    email = normalize_email(email)
    if device.trust_token and _trusting(device.trust_token).filter(user__email=email).exists():
        return f"trusted:{token_hash(device.trust_token)}"
    if not device.device_id:
        return ""
    mark = device_mark(email=email, device_id=device.device_id)
    sessions = DeviceSession.objects.live().filter(user__email=email, device_id=device.device_id)
    if any(constant_time_compare(mark, shown) for shown in device.marks) or sessions.exists():
        return f"device:{device.device_id}"
    return ""


def remember_device(*, user: User, name: str) -> str:
    """Let a device, which has just shown a second factor, do without for 30 days. Returns the secret it keeps."""
    token, now = new_token(), timezone.now()
    with transaction.atomic():
        user.trusted_devices.filter(expires_at__lte=now).delete()
        oldest = user.trusted_devices.order_by("-created_at", "-id").values_list("pk", flat=True)[MOST_TRUSTED - 1 :]
        user.trusted_devices.filter(pk__in=list(oldest)).delete()
        TrustedDevice.objects.create(
            user=user, token=token_hash(token), name=name[:100], created_at=now, expires_at=now + TRUST_LIFETIME
        )
    return token


def is_trusted(*, user: User, trust_token: str) -> bool:
    return bool(trust_token) and _trusting(trust_token).filter(user=user).exists()


def _trusting(trust_token: str) -> models.QuerySet[TrustedDevice]:
    return TrustedDevice.objects.live().filter(token=token_hash(trust_token))


def forget_trusted_device(*, user: User, device_id: UUID) -> None:
    """Raises NotThere."""
    if not user.trusted_devices.filter(pk=device_id).delete()[0]:
        raise NotThere


def forget_trusted_devices(*, user: User) -> None:
    """Every device of ``user``'s has to show a second factor again: their password or their factors have changed."""
    user.trusted_devices.all().delete()
