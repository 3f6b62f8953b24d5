"""The picture that people show of themselves."""

from typing import IO

from django.db import transaction

from accounts.limits import CHANGE_AVATAR
from accounts.models import User
from media.actions.avatars import discard_avatar, store_avatar
from pulse.lib.errors import NotSignedIn


def change_avatar(*, user: User, source: IO[bytes], declared: str = "") -> User:
    """Show the image ``source`` from now on; returns ``user`` as it now is.

    ``declared`` is the content type it came with, where a door lets that count. Raises BadInput, TooLarge,
    UnsupportedMedia, Unavailable and TooMany.
    """
    CHANGE_AVATAR.count(str(user.pk))
    name = store_avatar(source=source, declared=declared)
    try:
        return _wear(user, name)
    except Exception:
        # Nobody's row has it, so nobody would ever delete it.
        discard_avatar(name)
        raise


def remove_avatar(*, user: User) -> User:
    """Show initials again; returns ``user`` as it now is."""
    return _wear(user, "")


def _wear(user: User, name: str) -> User:
    with transaction.atomic():
        # Under the row's lock, so that of two changes at once the one replaced is deleted, whichever it is.
        held: User | None = User.objects.select_for_update().filter(pk=user.pk, is_active=True).first()
        if held is None:
            raise NotSignedIn
        before = held.avatar.name or ""
        held.avatar = name
        held.save(update_fields=["avatar", "updated_at"])
        transaction.on_commit(lambda: discard_avatar(before))
    return held
