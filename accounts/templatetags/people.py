"""What stands for a person: the colour and the initials, from a User or from its JSON shape."""

from uuid import UUID

from django import template

from accounts.models import hue_of, initials_of

register = template.Library()


@register.filter
def hue(user_id: UUID | str) -> int:
    return hue_of(user_id if isinstance(user_id, UUID) else UUID(user_id))


@register.filter
def initials(name: str) -> str:
    return initials_of(name)
