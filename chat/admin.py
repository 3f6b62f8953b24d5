"""Moderators' view of conversations: who, when, how much, and never what was said or where somebody was.

Private chats can't be browsed. What was reported is read where reading it is put on the record.
"""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.db.models.functions import Length
from django.http import HttpRequest

from chat.models import (
    Conversation,
    Hidden,
    LiveShare,
    LiveShareViewer,
    Mention,
    Message,
    Participant,
    Reaction,
    Revision,
    Star,
)
from pulse.lib.read_only_admin import ReadOnlyAdmin


@admin.register(Conversation)
class ConversationAdmin(ReadOnlyAdmin):
    fields = (
        "id", "kind", "group", "user_low", "user_high", "last_seq", "version", "access_version", "message_lifetime",
        "closed_at", "created_at", "updated_at",
    )  # fmt: skip
    list_display = ("id", "kind", "group", "last_seq", "version", "created_at", "updated_at", "closed_at")
    list_filter = ("kind", ("closed_at", admin.EmptyFieldListFilter))
    list_select_related = ("group",)
    search_fields = ("id", "group__name")
    date_hierarchy = "created_at"


@admin.register(Participant)
class ParticipantAdmin(ReadOnlyAdmin):
    fields = (
        "id", "conversation", "user", "first_seq", "last_read_seq", "last_delivered_seq", "read_only", "created_at",
        "updated_at",
    )  # fmt: skip
    list_display = ("user", "conversation", "first_seq", "last_read_seq", "last_delivered_seq", "read_only")
    list_filter = ("read_only", "conversation__kind")
    list_select_related = ("user", "conversation")
    search_fields = ("user__name", "user__email", "conversation__id")


class WithoutContent(ReadOnlyAdmin):
    """Rows that hold words or places: their columns aren't even fetched."""

    kept_private: tuple[str, ...] = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        unseen: QuerySet[Any] = rows.defer(*self.kept_private)
        return unseen


@admin.register(Message)
class MessageAdmin(WithoutContent):
    kept_private = ("content", "location", "system", "reply_excerpt")
    fields = (
        "id", "conversation", "seq", "version", "type", "sender", "receiver", "group", "characters", "forwarded",
        "created_at", "updated_at", "edited_at", "deleted_at", "expires_at",
    )  # fmt: skip
    list_display = (
        "id",
        "conversation",
        "seq",
        "sender",
        "type",
        "characters",
        "created_at",
        "edited_at",
        "deleted_at",
    )
    list_filter = ("type", ("deleted_at", admin.EmptyFieldListFilter), ("edited_at", admin.EmptyFieldListFilter))
    list_select_related = ("sender", "conversation")
    search_fields = ("id", "conversation__id", "sender__name", "sender__email")
    date_hierarchy = "created_at"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        measured: QuerySet[Any] = super().get_queryset(request).annotate(characters=Length("content"))
        return measured

    @admin.display(description="characters")
    def characters(self, message: Any) -> int:
        return int(message.characters or 0)


@admin.register(Revision)
class RevisionAdmin(WithoutContent):
    kept_private = ("content",)
    fields = ("id", "message", "created_at")
    list_display = ("id", "message", "created_at")
    list_select_related = ("message",)
    search_fields = ("message__id",)
    date_hierarchy = "created_at"


class MarkAdmin(ReadOnlyAdmin):
    """Somebody and a message."""

    fields = ("id", "message", "user", "created_at")
    list_display = ("id", "user", "message", "created_at")
    list_select_related = ("user", "message")
    search_fields = ("message__id", "user__name", "user__email")


@admin.register(Reaction)
class ReactionAdmin(ReadOnlyAdmin):
    fields = ("id", "message", "user", "emoji", "created_at")
    list_display = ("emoji", "user", "message", "created_at")
    list_select_related = ("user", "message")
    search_fields = ("message__id", "user__name", "user__email")


admin.site.register(Mention, MarkAdmin)
admin.site.register(Star, MarkAdmin)
admin.site.register(Hidden, MarkAdmin)


@admin.register(LiveShare)
class LiveShareAdmin(WithoutContent):
    kept_private = ("last_position",)
    fields = (
        "id",
        "message",
        "user",
        "conversation",
        "point_seq",
        "created_at",
        "expires_at",
        "ended_at",
        "last_point_at",
    )
    list_display = ("id", "user", "conversation", "point_seq", "created_at", "expires_at", "ended_at")
    list_filter = (("ended_at", admin.EmptyFieldListFilter),)
    list_select_related = ("user", "conversation")
    search_fields = ("user__name", "user__email", "message__id")
    date_hierarchy = "created_at"


@admin.register(LiveShareViewer)
class LiveShareViewerAdmin(ReadOnlyAdmin):
    fields = ("id", "share", "user", "created_at", "updated_at")
    list_display = ("id", "share", "user", "created_at", "updated_at")
    list_select_related = ("share", "user")
    search_fields = ("user__name", "user__email")
