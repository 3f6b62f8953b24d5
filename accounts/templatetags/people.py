"""What stands for a person: the colour and the initials, from a User or from its JSON shape; and who may come in."""

from typing import Any
from uuid import UUID

from django import template
from django.conf import settings

from accounts.mailbox import mailbox_is_open
from accounts.models import User, hue_of, initials_of
from accounts.preferences import preferences_of
from media.actions.avatars import AVATAR_MAX_BYTES
from media.serializers import avatar_url

register = template.Library()


@register.filter
def hue(user_id: UUID | str) -> int:
    return hue_of(user_id if isinstance(user_id, UUID) else UUID(user_id))


@register.filter
def initials(name: str) -> str:
    return initials_of(name)


@register.filter
def picture(person: User | dict[str, Any]) -> str | None:
    """Where somebody's picture is, if they show one."""
    return avatar_url(person.avatar.name) if isinstance(person, User) else person.get("avatar_url")


@register.filter
def notifications_wanted(user: User) -> str:
    """Of desktop, sound and preview those that are on; nothing where there is nothing to show or to hear."""
    wanted = preferences_of(user)["notifications"]
    return " ".join(name for name, on in wanted.items() if on) if wanted["desktop"] or wanted["sound"] else ""


@register.simple_tag
def avatar_max_bytes() -> int:
    return AVATAR_MAX_BYTES


@register.simple_tag
def registration() -> str:
    """Who may register: "open", "invitation" or "closed"."""
    return str(settings.REGISTRATION)


@register.simple_tag(takes_context=True)
def may_read_mailbox(context: dict[str, Any]) -> bool:
    """Whether there is a development mailbox, and the reader of this page may look into it."""
    return mailbox_is_open(context["request"])
