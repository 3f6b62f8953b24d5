"""The one JSON shape of people and devices, for REST, the socket and pages alike."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.models import DeviceSession, User
from accounts.preferences import preferences_of
from media.serializers import avatar_url
from pulse.lib.encoding import iso, iso_or_none

ONLINE_FOR = timedelta(seconds=60)

Json = dict[str, Any]


# What is said of people who keep it to themselves when they were last here, and to those who do.
UNSEEN: Json = {"online": False, "last_seen": None}


def user_json(user: User, *, viewer: User | None = None) -> Json:
    """A User: what others may see, or ``viewer`` where who looks is known. Never the address."""
    hidden = user.hides_last_seen or (viewer is not None and viewer.hides_last_seen)
    return {
        "id": str(user.id),
        "name": user.name,
        "avatar_url": avatar_url(user.avatar.name),
        "about": user.about,
        **(UNSEEN if hidden else _seen(user)),
    }


def _seen(user: User) -> Json:
    return {
        "online": user.last_seen is not None and user.last_seen > timezone.now() - ONLINE_FOR,
        "last_seen": iso_or_none(user.last_seen),
    }


def me_json(user: User) -> Json:
    """Me: a User, and what only they themselves see."""
    return user_json(user) | {
        **_seen(user),
        "email": user.email,
        "verified": user.verified,
        "created_at": iso(user.created_at),
        "updated_at": iso(user.updated_at),
        "is_staff": user.is_staff,
        "preferences": preferences_of(user),
    }


def session_json(session: DeviceSession, *, current: UUID | None) -> Json:
    """A Session; ``current`` is the id of the one that asks."""
    return {
        "id": str(session.id),
        "device_id": session.device_id,
        "platform": session.platform,
        "name": session.name,
        "created_at": iso(session.created_at),
        "last_active": iso(session.last_active),
        "last_address": session.last_address,
        "current": session.id == current,
        "push": session.push is not None,
    }
