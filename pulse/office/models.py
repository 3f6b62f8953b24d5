"""Moderation's record: what was reported, what was frozen as evidence, what a moderator did."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from pulse.lib.ids import uuid7


class Report(models.Model):
    class State(models.TextChoices):
        OPEN = "OPEN"
        TAKEN = "TAKEN"
        RESOLVED = "RESOLVED"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reports_made")
    message = models.ForeignKey("chat.Message", on_delete=models.PROTECT, null=True, blank=True, related_name="reports")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="reports_received"
    )
    group = models.ForeignKey("groups.Group", on_delete=models.PROTECT, null=True, blank=True, related_name="reports")
    reason = models.CharField(max_length=100)
    note = models.TextField(blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    severity = models.PositiveSmallIntegerField(default=0)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="reports_taken"
    )
    resolved_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(message__isnull=False, user__isnull=True, group__isnull=True)
                | Q(message__isnull=True, user__isnull=False, group__isnull=True)
                | Q(message__isnull=True, user__isnull=True, group__isnull=False),
                name="report_is_about_one_thing",
            ),
            models.CheckConstraint(condition=Q(state__in=["OPEN", "TAKEN", "RESOLVED"]), name="report_state_is_known"),
            models.CheckConstraint(
                condition=Q(state="RESOLVED", resolved_at__isnull=False)
                | (~Q(state="RESOLVED") & Q(resolved_at__isnull=True)),
                name="report_resolved_has_a_time",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["state", "created_at"], name="report_queue")]

    def __str__(self) -> str:
        return f"{self.reason} ({self.state})"


class Evidence(models.Model):
    """What a report froze, so that deleting the original does not destroy it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="evidence")
    message = models.ForeignKey(
        "chat.Message", on_delete=models.PROTECT, null=True, blank=True, related_name="evidence"
    )
    content = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name_plural = "evidence"

    def __str__(self) -> str:
        return f"evidence for {self.report_id}"


class ModerationAction(models.Model):
    """What a moderator did, when, on what, and why. Written once, never changed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    moderator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="moderation_actions")
    report = models.ForeignKey(Report, on_delete=models.PROTECT, null=True, blank=True, related_name="actions")
    action = models.CharField(max_length=32)
    reason = models.TextField()
    message = models.ForeignKey(
        "chat.Message", on_delete=models.PROTECT, null=True, blank=True, related_name="moderation_actions"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="moderated"
    )
    group = models.ForeignKey(
        "groups.Group", on_delete=models.PROTECT, null=True, blank=True, related_name="moderation_actions"
    )
    details = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["created_at"], name="moderation_by_time")]

    def __str__(self) -> str:
        return self.action


class PersonalExportQuerySet(models.QuerySet["PersonalExport"]):
    def visible_to(self, user_id: uuid.UUID) -> PersonalExportQuerySet:
        """The person's own, as long as they are kept."""
        return self.filter(user_id=user_id, expires_at__gt=timezone.now())

    def pending(self) -> PersonalExportQuerySet:
        return self.filter(state=PersonalExport.State.PENDING)

    def ready(self) -> PersonalExportQuerySet:
        return self.filter(state=PersonalExport.State.READY)


class PersonalExport(models.Model):
    """Everything an account holds, as a ZIP that a job makes for its owner. Swept, bytes included, once it expires."""

    class State(models.TextChoices):
        PENDING = "PENDING"
        READY = "READY"
        FAILED = "FAILED"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="exports")
    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING)
    file = models.FileField(upload_to="exports/", max_length=200, blank=True)
    size = models.PositiveBigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()

    objects = PersonalExportQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=["PENDING", "READY", "FAILED"]), name="personal_export_state_is_known"
            ),
            # One at a time: whoever asks twice waits for the same one.
            models.UniqueConstraint(
                fields=["user"], condition=Q(state="PENDING"), name="one_personal_export_under_way"
            ),
        ]

    def __str__(self) -> str:
        return f"export of {self.user_id}"
