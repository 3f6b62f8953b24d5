"""Who is in a group. The conversation's row is the lock: whoever changes a membership holds it first."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from chat.actions import (
    close_conversation,
    lock_conversations,
    remove_participant,
    set_read_only,
    write_system_lines,
)
from groups.models import Group, GroupInvite, GroupMember
from pulse.lib.errors import NotThere


@transaction.atomic
def leave_group(*, user: User, group: Group) -> None:
    """Take ``user`` out of ``group``, and tell the others.

    The last admin's leaving makes the longest-standing member an admin; the last member's ends the group.
    Raises NotThere to whoever isn't in it.
    """
    lock_conversations([group.id])
    mine = GroupMember.objects.filter(group=group, user=user)
    role = mine.values_list("role", flat=True).first()
    if role is None:
        raise NotThere
    mine.delete()
    changes: list[dict[str, str]] = [{"event": "member_left", "user_id": str(user.id)}]
    if not group.members.exists():
        end_group(group=group)
        return
    promoted = None if _has_admin(group) else _promote_longest_standing(group)
    if promoted is not None:
        changes.append({"event": "role_changed", "user_id": str(promoted), "role": GroupMember.Role.ADMIN})
    # The seat goes first: with it the epoch moves, and the lines below are for those who stay.
    remove_participant(conversation_id=group.id, user_id=user.id)
    write_system_lines(conversation_id=group.id, actor_id=user.id, changes=changes)


@transaction.atomic
def leave_all_groups(*, user: User) -> None:
    """Take ``user`` out of every group. All of these are locked before the first is left: nobody waits in a circle."""
    lock_conversations(list(user.memberships.values_list("group_id", flat=True)))
    for group in Group.objects.filter(members__user=user).order_by("id"):
        leave_group(user=user, group=group)


def end_group(*, group: Group) -> None:
    """Nobody is in ``group`` any more, and nobody gets in. Its rows stay: evidence hangs on them.

    Inside the caller's transaction, which holds the conversation.
    """
    group.members.all().delete()
    GroupInvite.objects.filter(group=group, revoked_at=None).update(revoked_at=timezone.now())
    close_conversation(conversation_id=group.id)


def _has_admin(group: Group) -> bool:
    return group.members.filter(role=GroupMember.Role.ADMIN).exists()


def _promote_longest_standing(group: Group) -> UUID:
    # Somebody who can act, where there is one: an archive's people can't, nor can whoever is locked out.
    order = ("-user__is_active", "-user__verified", "joined_at", "id")
    member = group.members.order_by(*order)[0]
    member.role = GroupMember.Role.ADMIN
    member.save(update_fields=["role", "updated_at"])
    set_read_only(conversation_id=group.id, user_id=member.user_id, read_only=False)
    return member.user_id
