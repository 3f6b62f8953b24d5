"""A position that moves, while it does."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from pulse.lib.ids import uuid7


class LiveShare(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    message = models.OneToOneField("chat.Message", on_delete=models.CASCADE, related_name="live_share")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="live_shares")
    conversation = models.ForeignKey("chat.Conversation", on_delete=models.CASCADE, related_name="live_shares")
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    point_seq = models.BigIntegerField(default=0)
    last_point_at = models.DateTimeField(null=True, blank=True)
    last_position = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "conversation"],
                condition=Q(ended_at__isnull=True),
                name="one_running_share_per_conversation",
            ),
            models.CheckConstraint(condition=Q(point_seq__gte=0), name="live_share_points_are_counted"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["expires_at"], condition=Q(ended_at__isnull=True), name="live_share_expiry")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.conversation_id}"


class LiveShareViewer(models.Model):
    """Who opened a live position, and when: the sharer may ask."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    share = models.ForeignKey(LiveShare, on_delete=models.CASCADE, related_name="viewers", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="live_shares_viewed")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["share", "user"], name="one_viewing_per_person")]

    def __str__(self) -> str:
        return f"{self.user_id} at {self.share_id}"
