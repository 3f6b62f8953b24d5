"""What a person says about themselves."""

from accounts.models import User
from accounts.rules import checked_about
from pulse.lib.text import checked_name


def change_profile(*, user: User, name: str | None = None, about: str | None = None) -> User:
    """Change what is given; raises BadInput. Returns ``user`` as it now is."""
    if name is not None:
        user.name = checked_name(name)
    if about is not None:
        user.about = checked_about(about)
    if name is not None or about is not None:
        user.save(update_fields=["name", "about", "updated_at"])
    return user
