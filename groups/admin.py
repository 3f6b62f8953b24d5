"""Moderators' view of groups. They change by their own admins' actions, which tell everybody in them."""

from django.contrib import admin

from groups.models import Group, GroupInvite, GroupMember
from pulse.lib.read_only_admin import ReadOnlyAdmin


@admin.register(Group)
class GroupAdmin(ReadOnlyAdmin):
    fields = (
        "id", "name", "description", "created_by", "who_can_post", "who_can_edit", "who_can_invite",
        "history_for_new_members", "created_at", "updated_at",
    )  # fmt: skip
    list_display = ("name", "created_by", "who_can_post", "who_can_invite", "created_at")
    list_filter = ("who_can_post", "who_can_invite")
    list_select_related = ("created_by",)
    search_fields = ("name", "id")
    date_hierarchy = "created_at"


@admin.register(GroupMember)
class GroupMemberAdmin(ReadOnlyAdmin):
    fields = ("id", "group", "user", "role", "joined_at", "updated_at")
    list_display = ("user", "group", "role", "joined_at")
    list_filter = ("role",)
    list_select_related = ("user", "group")
    search_fields = ("group__name", "user__name", "user__email")
    date_hierarchy = "joined_at"


@admin.register(GroupInvite)
class GroupInviteAdmin(ReadOnlyAdmin):
    fields = ("id", "group", "created_by", "created_at", "expires_at", "max_uses", "uses", "revoked_at")
    list_display = ("id", "group", "created_by", "uses", "max_uses", "expires_at", "revoked_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    list_select_related = ("group", "created_by")
    search_fields = ("group__name", "created_by__name")
    date_hierarchy = "created_at"
