"""Groups: who founded them, who is in them with which role, and how one gets in."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from pulse.lib.ids import uuid7


class Who(models.TextChoices):
    ALL = "ALL"
    ADMINS = "ADMINS"


class Group(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=100)
    description = models.CharField(max_length=1000, blank=True)
    avatar = models.ImageField(upload_to="avatars/", max_length=200, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="founded_groups")
    who_can_post = models.CharField(max_length=8, choices=Who.choices, default=Who.ALL)
    who_can_edit = models.CharField(max_length=8, choices=Who.choices, default=Who.ADMINS)
    who_can_invite = models.CharField(max_length=8, choices=Who.choices, default=Who.ALL)
    history_for_new_members = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(who_can_post__in=["ALL", "ADMINS"])
                & Q(who_can_edit__in=["ALL", "ADMINS"])
                & Q(who_can_invite__in=["ALL", "ADMINS"]),
                name="group_settings_are_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class GroupMember(models.Model):
    class Role(models.TextChoices):
        ADMIN = "ADMIN"
        MEMBER = "MEMBER"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="members", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=8, choices=Role.choices, default=Role.MEMBER)
    joined_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["group", "user"], name="one_membership_per_user"),
            models.CheckConstraint(condition=Q(role__in=["ADMIN", "MEMBER"]), name="group_member_role_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.group_id}"


class GroupInvite(models.Model):
    """A link into a group. Only the SHA-256 of its secret is here."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="invites")
    secret_hash = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="invites_made")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    max_uses = models.PositiveIntegerField(null=True, blank=True)
    uses = models.PositiveIntegerField(default=0)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(max_uses__isnull=True) | Q(uses__lte=F("max_uses")), name="invite_within_its_uses"
            ),
        ]

    def __str__(self) -> str:
        return f"invite to {self.group_id}"
