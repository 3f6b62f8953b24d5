"""Messages and what they said before."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from pulse.lib.ids import uuid7


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, user_id: uuid.UUID) -> MessageQuerySet:
        """Messages of the person's conversations, from where their history begins, less what they cleared or hid."""
        return self.filter(
            conversation__participants__user_id=user_id,
            seq__gte=F("conversation__participants__first_seq"),
            seq__gt=F("conversation__participants__cleared_seq"),
        ).exclude(hidden_by__user_id=user_id)

    def after(self, seq: int) -> MessageQuerySet:
        return self.filter(seq__gt=seq)

    def before(self, seq: int) -> MessageQuerySet:
        return self.filter(seq__lt=seq)

    def changed_since(self, version: int) -> MessageQuerySet:
        return self.filter(version__gt=version)


class Message(models.Model):
    """``seq`` is its place in the conversation, for ever; ``version`` the conversation's version at its last change."""

    class Type(models.TextChoices):
        TEXT = "TEXT"
        IMAGE = "IMAGE"
        VIDEO = "VIDEO"
        AUDIO = "AUDIO"
        LOCATION = "LOCATION"
        FILE = "FILE"
        SYSTEM = "SYSTEM"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.ForeignKey(
        "chat.Conversation", on_delete=models.PROTECT, related_name="messages", db_index=False
    )
    seq = models.BigIntegerField()
    version = models.BigIntegerField()
    sender = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="messages_sent")
    receiver = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="messages_received",
        db_index=False,
    )
    group = models.ForeignKey(
        "groups.Group", on_delete=models.PROTECT, null=True, blank=True, related_name="messages", db_index=False
    )
    type = models.CharField(max_length=8, choices=Type.choices, default=Type.TEXT)
    content = models.TextField(null=True, blank=True)  # noqa: DJ001  # a tombstone has none, and "" is not none
    location = models.JSONField(null=True, blank=True)
    system = models.JSONField(null=True, blank=True)
    reply_to = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="replies", db_index=False
    )
    reply_excerpt = models.CharField(max_length=200, blank=True)
    forwarded = models.BooleanField(default=False)
    pinned_at = models.DateTimeField(null=True, blank=True)
    pinned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = MessageQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["conversation", "seq"], name="one_message_per_seq"),
            models.CheckConstraint(
                condition=Q(receiver__isnull=False, group__isnull=True) | Q(receiver__isnull=True, group__isnull=False),
                name="message_to_a_person_or_a_group",
            ),
            models.CheckConstraint(
                condition=Q(type__in=["TEXT", "IMAGE", "VIDEO", "AUDIO", "LOCATION", "FILE", "SYSTEM"]),
                name="message_type_is_known",
            ),
            models.CheckConstraint(condition=Q(seq__gte=1, version__gte=F("seq")), name="message_counters_are_sane"),
            models.CheckConstraint(
                condition=Q(deleted_at__isnull=True) | Q(content__isnull=True, location__isnull=True),
                name="message_tombstone_is_empty",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["conversation", "version"], name="message_changes"),
            models.Index(fields=["receiver"], condition=Q(receiver__isnull=False), name="message_receiver"),
            models.Index(fields=["group"], condition=Q(group__isnull=False), name="message_group"),
            models.Index(fields=["reply_to"], condition=Q(reply_to__isnull=False), name="message_reply_to"),
            models.Index(fields=["pinned_by"], condition=Q(pinned_by__isnull=False), name="message_pinned_by"),
            models.Index(
                fields=["conversation", "pinned_at"], condition=Q(pinned_at__isnull=False), name="message_pins"
            ),
            # A conversation's gallery. Its query repeats the condition, or the index can't serve it.
            models.Index(
                fields=["conversation", "seq"],
                condition=Q(type__in=["IMAGE", "VIDEO", "AUDIO", "FILE"]),
                name="message_gallery",
            ),
            models.Index(
                fields=["expires_at"],
                condition=Q(expires_at__isnull=False, deleted_at__isnull=True),
                name="message_expiry",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.seq} in {self.conversation_id}"


class Revision(models.Model):
    """What an edited message said before the edit at ``created_at``."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="revisions")
    content = models.TextField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return f"revision of {self.message_id}"
