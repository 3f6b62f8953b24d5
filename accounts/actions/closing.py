"""Closing an account, as far as accounts go. What else hangs on a person, the office knows."""

import secrets
from uuid import UUID

from django.contrib.admin.models import LogEntry
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import Authenticator, Block, Invitation, PasskeyChallenge, TakenRegistration, User
from media.actions.avatars import discard_avatar
from pulse.lib.errors import Conflict
from pulse.realtime.events import session_ended
from pulse.realtime.outbox import publish_on_commit

CLOSED_NAME = "Deleted account"
# No mail ever arrives in .invalid (RFC 2606), and nobody can register there what can't be guessed.
CLOSED_DOMAIN = "@deleted.invalid"

_FORGOTTEN = (
    "name", "about", "avatar", "password", "is_active", "verified", "is_staff", "is_superuser", "closed_at",
    "last_seen", "last_login", "suspended_until", "invitation", "preferences",
)  # fmt: skip


class LastSuperuser(Conflict):
    code = "last_superuser"
    default_detail = "You’re the only superuser here. Make somebody else one before you close your account."


def hold_open_account(*, user: User) -> User | None:
    """``user``'s row, held until the end of the caller's transaction; None where the account was closed before.

    Raises LastSuperuser where nobody could run this installation without them.
    """
    # All superusers in one statement and one order, so that two who close at once don't wait for each other. Not
    # against keys: a message being sent refers to its sender's row, and holds a conversation that we will want.
    whom = Q(pk=user.pk) | Q(is_superuser=True, is_active=True) if user.is_superuser else Q(pk=user.pk)
    held = {one.pk: one for one in User.objects.select_for_update(no_key=True).filter(whom).order_by("id")}
    mine: User | None = held.get(user.pk)
    if mine is None or mine.closed_at is not None:
        return None
    if mine.is_superuser and not any(one.is_superuser and one.is_active for pk, one in held.items() if pk != user.pk):
        raise LastSuperuser
    return mine


def anonymise(*, user: User) -> None:
    """End everything by which ``user`` could sign in or be known; :func:`free_address` then takes the address.

    What is left is a row that others refer to. Inside the caller's transaction, which holds the row.
    """
    _forget_ways_in(user)
    _forget_in_records(user)
    Block.objects.filter(Q(blocker=user) | Q(blocked=user)).delete()
    Invitation.objects.usable().filter(created_by=user).update(revoked_at=timezone.now())
    user.groups.clear()
    user.user_permissions.clear()
    avatar = user.avatar.name or ""
    user.name, user.about, user.avatar = CLOSED_NAME, "", ""
    user.password = make_password(None)
    user.is_active = user.verified = user.is_staff = user.is_superuser = False
    user.closed_at = timezone.now()
    user.last_seen = user.last_login = user.suspended_until = user.invitation = None
    user.preferences = {}
    user.save(update_fields=[*_FORGOTTEN, "updated_at"])
    transaction.on_commit(lambda: discard_avatar(avatar))


def free_address(*, user: User) -> None:
    """Let anybody register the address of a closed account.

    Last in its transaction: a new address locks the row against all that refers to it, as a message does that is being
    sent, and whoever sends it holds a conversation.
    """
    user.email = f"{secrets.token_hex(16)}{CLOSED_DOMAIN}"
    user.save(update_fields=["email", "updated_at"])


def _forget_ways_in(user: User) -> None:
    user.device_sessions.all().delete()
    publish_on_commit(session_ended(user.id, session_id=None, reason="account_closed"))
    user.verification_tokens.all().delete()
    user.trusted_devices.all().delete()
    user.passkeys.all().delete()
    user.recovery_codes.all().delete()
    PasskeyChallenge.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()


def _forget_in_records(user: User) -> None:
    """What was done with them, and that they were invited, stays on the record; the words for them don't."""
    for invitation in Invitation.objects.filter(email=user.email).exclude(pk__in=Invitation.objects.usable()):
        _rename_in_log(invitation.pk, "invitation", "invitation")
        Invitation.objects.filter(pk=invitation.pk).update(email="")
    TakenRegistration.objects.filter(email=user.email).delete()
    _rename_in_log(user.pk, "user", CLOSED_NAME)


def _rename_in_log(key: UUID, model: str, name: str) -> None:
    # By the admin's key, the text of the id, and by the type, which keeps it from whatever shares it.
    entries = LogEntry.objects.filter(content_type__app_label="accounts", content_type__model=model)
    entries.filter(object_id=str(key)).update(object_repr=name)
