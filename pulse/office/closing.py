"""Closing an account: final, and over all apps at once."""

from django.db import transaction

from accounts.actions.closing import anonymise, free_address, hold_open_account
from accounts.actions.notices import send_notice
from accounts.actions.passwords import confirm_password
from accounts.models import User
from chat.actions import lock_conversations
from chat.actions.closing import forget_person
from groups.actions.membership import leave_all_groups
from pulse.lib.ids import direct_conversation_id
from pulse.lib.jobs import withdraw_jobs
from pulse.office.exporting.actions import withdraw_exports


def close_account(*, user: User, password: str) -> None:
    """Sign ``user`` out everywhere, take them out of their groups and forget who they were. Twice is the same as once.

    Raises BadInput (``wrong_password``), TooMany and LastSuperuser.
    """
    confirm_password(user=user, password=password)
    with transaction.atomic():
        held = hold_open_account(user=user)
        if held is None:
            return
        # Nothing that waits to be mailed to them goes out any more, but for the last one.
        withdraw_jobs(email=held.email)
        send_notice(user=held, notice="account_closed", email=held.email)
        # Before the groups hear of it: what they are told from now on names nobody.
        anonymise(user=held)
        _hold_conversations(held)
        leave_all_groups(user=held)
        forget_person(user_id=held.id)
        withdraw_exports(user=held)
        free_address(user=held)


def _hold_conversations(user: User) -> None:
    """All that change below, in the one order. What is being written in them is there before they are looked at."""
    groups = user.memberships.values_list("group_id", flat=True)
    lock_conversations([*groups, direct_conversation_id(user.id, user.id)])
