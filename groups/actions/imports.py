"""Groups as an archive tells of them: no SYSTEM line, no event, and whoever was there already stays as they are."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from chat.actions import add_participants, lock_conversations, make_group_conversation
from chat.models import Conversation
from groups.models import Group, GroupMember


@transaction.atomic
def import_group(*, id: UUID, name: str, founder_id: UUID, created_at: datetime) -> None:
    """Make the group with this id, and its conversation, unless they are there."""
    group, made = Group.objects.get_or_create(
        id=id, defaults={"name": name, "created_by_id": founder_id, "created_at": created_at}
    )
    if made:
        GroupMember.objects.create(group=group, user_id=founder_id, role=GroupMember.Role.ADMIN, joined_at=created_at)
        make_group_conversation(group_id=id, user_ids=[founder_id])


@transaction.atomic
def import_members(*, group_id: UUID, joined: Mapping[UUID, datetime]) -> None:
    """Make people members: ``{user id: when they joined}``. A group that has ended stays without any."""
    lock_conversations([group_id])
    if not Conversation.objects.filter(id=group_id, closed_at=None).exists():
        return
    GroupMember.objects.bulk_create(
        (GroupMember(group_id=group_id, user_id=user_id, joined_at=moment) for user_id, moment in joined.items()),
        ignore_conflicts=True,
    )
    add_participants(conversation_id=group_id, user_ids=joined.keys())
