"""What a person says about themselves."""

from accounts.models import User
from accounts.rules import checked_about
from pulse.lib.text import checked_name


def change_profile(*, user: User, name: str | None = None, about: str | None = None) -> User:
    """Change what is given; raises BadInput. Returns ``user`` as it now is."""
    changed = {}
    if name is not None:
        changed["name"] = checked_name(name)
    if about is not None:
        changed["about"] = checked_about(about)
    for field, value in changed.items():
        setattr(user, field, value)
    if changed:
        # Those alone: another device may be changing the other one.
        user.save(update_fields=[*changed, "updated_at"])
    return user
