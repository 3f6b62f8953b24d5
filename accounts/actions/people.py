"""Finding other people."""

from accounts.limits import FIND_BY_NAME
from accounts.models import User, UserQuerySet


def find_by_name(*, user: User, beginning: str) -> UserQuerySet:
    """People of whose name a word starts with ``beginning``, of those ``user`` may see. Raises TooMany.

    Counted, since whoever asks for all the beginnings there are has the whole directory.
    """
    FIND_BY_NAME.count(str(user.pk))
    found: UserQuerySet = User.objects.visible_to(user).named(beginning)
    return found
