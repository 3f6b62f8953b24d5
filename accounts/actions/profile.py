"""What a person says about themselves, and what they want of Pulse."""

from typing import Any

from django.db import transaction

from accounts.models import User
from accounts.preferences import Preferences, checked_preferences, with_changes
from accounts.rules import checked_about
from pulse.lib.errors import NotSignedIn
from pulse.lib.text import checked_name


def change_profile(
    *, user: User, name: str | None = None, about: str | None = None, preferences: Preferences | None = None
) -> User:
    """Change what is given, or nothing; raises BadInput. Returns ``user`` as it now is.

    Of ``preferences`` any part of their shape may be given, as accounts/preferences.py has it.
    """
    changed: dict[str, Any] = {}
    if name is not None:
        changed["name"] = checked_name(name)
    if about is not None:
        changed["about"] = checked_about(about)
    wanted = checked_preferences(preferences) if preferences is not None else {}
    with transaction.atomic():
        # Under the row's lock: of two devices that change different preferences at once, both have their way.
        held: User | None = User.objects.select_for_update().filter(pk=user.pk, is_active=True).first()
        if held is None:
            raise NotSignedIn
        if wanted:
            stored = held.preferences if isinstance(held.preferences, dict) else {}
            changed["preferences"] = with_changes(stored, wanted)
        for field, value in changed.items():
            setattr(held, field, value)
        if changed:
            held.save(update_fields=[*changed, "updated_at"])
    return held
