"""The JSON shape of what somebody has besides their password. No secret, no key."""

from typing import Any

from accounts.models import Authenticator, Passkey, TrustedDevice, User
from pulse.lib.encoding import iso, iso_or_none

Json = dict[str, Any]


def second_factor_json(user: User) -> Json:
    """``enabled``: whether a password alone doesn't sign ``user`` in."""
    has_app = Authenticator.objects.confirmed().filter(user=user).exists()
    return {
        "enabled": has_app,
        "authenticator": has_app,
        "recovery_codes_left": user.recovery_codes.filter(used_at=None).count(),
        "passkeys": user.passkeys.count(),
    }


def passkey_json(passkey: Passkey) -> Json:
    return {
        "id": str(passkey.id),
        "name": passkey.name,
        "backed_up": passkey.backed_up,
        "created_at": iso(passkey.created_at),
        "last_used_at": iso_or_none(passkey.last_used_at),
    }


def trusted_device_json(device: TrustedDevice) -> Json:
    return {
        "id": str(device.id),
        "name": device.name,
        "created_at": iso(device.created_at),
        "expires_at": iso(device.expires_at),
    }
