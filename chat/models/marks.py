"""What people attach to messages: reactions, mentions, stars, and what they hid from themselves."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from pulse.lib.ids import uuid7


class Reaction(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    message = models.ForeignKey("chat.Message", on_delete=models.CASCADE, related_name="reactions", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reactions")
    emoji = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        # The unique index leads with the message, so it serves that foreign key too; so below.
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["message", "user", "emoji"], name="one_reaction_per_person_and_emoji")
        ]

    def __str__(self) -> str:
        return self.emoji


class Mention(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    message = models.ForeignKey("chat.Message", on_delete=models.CASCADE, related_name="mentions", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mentions")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["message", "user"], name="one_mention_per_person")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.message_id}"


class Star(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    message = models.ForeignKey("chat.Message", on_delete=models.CASCADE, related_name="starred_by", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="stars")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["message", "user"], name="one_star_per_person")]

    def __str__(self) -> str:
        return f"{self.user_id} on {self.message_id}"


class Hidden(models.Model):
    """A message that one person deleted for themselves alone."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    message = models.ForeignKey("chat.Message", on_delete=models.CASCADE, related_name="hidden_by", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="hidden_messages")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name_plural = "hidden"
        constraints: ClassVar = [models.UniqueConstraint(fields=["message", "user"], name="one_hiding_per_person")]

    def __str__(self) -> str:
        return f"{self.message_id} from {self.user_id}"
