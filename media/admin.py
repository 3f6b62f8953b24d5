"""Moderators' view of files: whose, how large, of which kind. Not what they show, nor what they are called."""

from django.contrib import admin

from media.models import Media
from pulse.lib.read_only_admin import ReadOnlyAdmin


@admin.register(Media)
class MediaAdmin(ReadOnlyAdmin):
    fields = (
        "id", "uploader", "message", "kind", "status", "type", "size", "width", "height", "duration", "created_at",
    )  # fmt: skip
    list_display = ("id", "uploader", "kind", "status", "type", "size", "created_at")
    list_filter = ("kind", "status", ("message", admin.EmptyFieldListFilter))
    list_select_related = ("uploader",)
    search_fields = ("id", "uploader__name", "uploader__email", "message__id")
    date_hierarchy = "created_at"
