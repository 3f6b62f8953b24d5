"""Files that people share. Their bytes lie in the storage; who may fetch them is decided by chat."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from pulse.lib.ids import uuid7


class Media(models.Model):
    class Kind(models.TextChoices):
        IMAGE = "IMAGE"
        VIDEO = "VIDEO"
        AUDIO = "AUDIO"
        FILE = "FILE"

    class Status(models.TextChoices):
        PENDING = "PENDING"
        READY = "READY"
        FAILED = "FAILED"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    uploader = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="uploads")
    message = models.ForeignKey("chat.Message", on_delete=models.SET_NULL, null=True, blank=True, related_name="media")
    position = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.PENDING)
    # What the API calls `url` is derived from the stored file. A forward's row shares its key, hence the index.
    file = models.FileField(max_length=200, db_index=True)
    name = models.CharField(max_length=255)
    type = models.CharField(max_length=127)
    size = models.PositiveBigIntegerField()
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    duration = models.FloatField(null=True, blank=True, help_text="Seconds.")
    waveform = models.JSONField(null=True, blank=True)
    thumbnail = models.FileField(max_length=200, blank=True)
    thumbnail_large = models.FileField(max_length=200, blank=True)
    placeholder = models.TextField(blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name_plural = "media"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind__in=["IMAGE", "VIDEO", "AUDIO", "FILE"]), name="media_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["PENDING", "READY", "FAILED"]), name="media_status_is_known"
            ),
        ]
        indexes: ClassVar = [
            # The sweep of what was uploaded and never sent.
            models.Index(fields=["created_at"], condition=Q(message__isnull=True), name="media_orphans"),
        ]

    def __str__(self) -> str:
        # Not its name: that is the owner's word, and the admin heads its pages with this.
        return f"{self.kind} {self.id}"
