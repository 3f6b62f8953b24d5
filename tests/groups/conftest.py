"""Groups with roles, and what leaves them."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from chat import actions
from groups.models import Group, GroupMember


def make_group(*admins: User, members: tuple[User, ...] = (), name: str = "Climbing") -> Group:
    """A group whose people joined a day apart, in this order."""
    people = [*admins, *members]
    start = timezone.now() - timedelta(days=len(people))
    with transaction.atomic():
        group = Group.objects.create(name=name, created_by=people[0])
        for day, person in enumerate(people):
            role = GroupMember.Role.ADMIN if person in admins else GroupMember.Role.MEMBER
            joined_at = start + timedelta(days=day)
            GroupMember.objects.create(group=group, user=person, role=role, joined_at=joined_at)
        actions.make_group_conversation(group_id=group.id, user_ids=[person.id for person in people])
    return group


def roles(group: Group) -> dict[str, str]:
    """Who is in a group: {name: role}."""
    return dict(group.members.values_list("user__name", "role"))
