"""Conversations and who is in them. Participant is the one access list: whoever has no row sees nothing."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from pulse.lib.ids import uuid7


class Conversation(models.Model):
    """``last_seq`` counts messages, ``version`` durable changes.

    Both move in ``chat.writing`` alone, under this row's lock.
    """

    class Kind(models.TextChoices):
        DIRECT = "DIRECT"
        GROUP = "GROUP"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    group = models.OneToOneField(
        "groups.Group", on_delete=models.PROTECT, null=True, blank=True, related_name="conversation"
    )
    # The unique index on the pair leads with user_low and serves that foreign key too.
    user_low = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    user_high = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    last_seq = models.BigIntegerField(default=0)
    version = models.BigIntegerField(default=0)
    access_version = models.BigIntegerField(default=0)
    # Not indexed: every message moves it, and while no index holds it PostgreSQL updates the row in place (HOT).
    last_message = models.ForeignKey(
        "chat.Message", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    message_lifetime = models.PositiveIntegerField(
        null=True, blank=True, help_text="Seconds until a message disappears."
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user_low", "user_high"], name="one_direct_conversation_per_pair"),
            # A comparison with NULL is unknown, and a CHECK lets the unknown pass: hence each column's own IS NOT NULL.
            models.CheckConstraint(
                condition=Q(
                    kind="DIRECT",
                    group__isnull=True,
                    user_low__isnull=False,
                    user_high__isnull=False,
                    user_high__gte=F("user_low"),
                )
                | Q(kind="GROUP", group__isnull=False, group=F("id"), user_low__isnull=True, user_high__isnull=True),
                name="conversation_is_direct_or_a_groups",
            ),
            models.CheckConstraint(
                condition=Q(last_seq__gte=0, version__gte=F("last_seq"), access_version__gte=0),
                name="conversation_counters_are_sane",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class Participant(models.Model):
    """One person in one conversation, and what they have seen of it. Every ``_seq`` is a message's number in it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="participants", db_index=False
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="participations")
    last_read_seq = models.BigIntegerField(default=0)
    last_delivered_seq = models.BigIntegerField(default=0)
    first_seq = models.BigIntegerField(default=1)
    cleared_seq = models.BigIntegerField(default=0)
    muted_until = models.DateTimeField(null=True, blank=True)
    pinned_at = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    read_only = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["conversation", "user"], name="one_participant_per_user"),
            models.CheckConstraint(
                condition=Q(last_read_seq__gte=0, last_delivered_seq__gte=F("last_read_seq")),
                name="participant_read_is_delivered",
            ),
            models.CheckConstraint(
                condition=Q(first_seq__gte=1, cleared_seq__gte=0), name="participant_history_begins"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.conversation_id}"
