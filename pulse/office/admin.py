"""Moderation's record. Nobody edits it here, superusers included: actions move reports on, the rest is written once."""

from django.contrib import admin

from pulse.lib.read_only_admin import ReadOnlyAdmin
from pulse.office.models import Evidence, ModerationAction, Report


@admin.register(Report)
class ReportAdmin(ReadOnlyAdmin):
    fields = (
        "id", "state", "severity", "reason", "note", "reporter", "message", "user", "group", "taken_by", "created_at",
        "updated_at", "resolved_at",
    )  # fmt: skip
    list_display = ("reason", "state", "severity", "reporter", "taken_by", "created_at", "resolved_at")
    list_filter = ("state", "severity")
    list_select_related = ("reporter", "taken_by")
    search_fields = ("id", "reason", "reporter__name", "user__name", "group__name")
    date_hierarchy = "created_at"


@admin.register(Evidence)
class EvidenceAdmin(ReadOnlyAdmin):
    # Without the content: it is read where reading it is put on the record.
    fields = ("id", "report", "message", "created_at")
    list_display = ("id", "report", "message", "created_at")
    list_select_related = ("report", "message")
    search_fields = ("report__id", "message__id")
    date_hierarchy = "created_at"


@admin.register(ModerationAction)
class ModerationActionAdmin(ReadOnlyAdmin):
    fields = ("id", "action", "reason", "moderator", "report", "message", "user", "group", "details", "created_at")
    list_display = ("action", "moderator", "user", "group", "message", "created_at")
    list_filter = ("action",)
    list_select_related = ("moderator", "user", "group", "message")
    search_fields = ("action", "reason", "moderator__name", "user__name", "group__name")
    date_hierarchy = "created_at"
