"""Moderation's record. Nobody edits it here, superusers included: actions move reports on, the rest is written once."""

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group
from django_tasks_db.admin import DBTaskResultAdmin
from django_tasks_db.models import DBTaskResult

from pulse.lib.read_only_admin import OfferedLookups, ReadOnlyAdmin
from pulse.office.models import Evidence, ModerationAction, PersonalExport, Report


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


@admin.register(PersonalExport)
class PersonalExportAdmin(ReadOnlyAdmin):
    fields = ("id", "user", "state", "size", "created_at", "expires_at")
    list_display = ("user", "state", "size", "created_at", "expires_at")
    list_filter = ("state",)
    list_select_related = ("user",)
    search_fields = ("user__name", "user__email")
    date_hierarchy = "created_at"


# --- What libraries registered, under the rule for all ---

admin.site.unregister([Group, DBTaskResult])


@admin.register(Group)
class RoleAdmin(OfferedLookups, GroupAdmin):
    """Which permissions go together: what a moderator may see."""


@admin.register(DBTaskResult)
class JobAdmin(OfferedLookups, DBTaskResultAdmin):
    """The queue."""
