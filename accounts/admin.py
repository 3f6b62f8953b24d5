"""Moderators' view of people and devices. No hash, no secret and no push key is shown anywhere."""

from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from accounts.actions.invitations import (
    INVITATION_LIFETIME,
    checked_terms,
    invitation_link,
    make_invitation,
    revoke_invitation,
)
from accounts.actions.operators import lock_out
from accounts.actions.second_factor import reset_second_factor
from accounts.models import (
    Authenticator,
    Block,
    DeviceSession,
    Invitation,
    Passkey,
    PasskeyChallenge,
    RecoveryCode,
    SocketTicket,
    TakenRegistration,
    TrustedDevice,
    User,
    VerificationToken,
)
from accounts.rules import checked_about
from pulse.lib.errors import BadInput
from pulse.lib.read_only_admin import OfferedLookups, ReadOnlyAdmin
from pulse.lib.text import checked_name


class UserForm(forms.ModelForm[User]):
    def clean_name(self) -> str:
        try:
            return checked_name(self.cleaned_data["name"])
        except BadInput as error:
            raise ValidationError(error.detail) from error

    def clean_about(self) -> str:
        try:
            return checked_about(self.cleaned_data["about"])
        except BadInput as error:
            raise ValidationError(error.detail) from error


@admin.register(User)
class UserAdmin(OfferedLookups, admin.ModelAdmin[User]):
    form = UserForm
    list_display = ("name", "email", "verified", "is_active", "is_staff", "suspended_until", "last_seen", "created_at")
    list_filter = ("verified", "is_active", "is_staff")
    search_fields = ("name", "email", "id")
    date_hierarchy = "created_at"
    show_full_result_count = False
    actions = ("reset_second_factors",)
    autocomplete_fields = ("groups",)
    filter_horizontal = ("user_permissions",)
    fieldsets = (
        (None, {"fields": ("id", "name", "about", "email", "verified", "is_active")}),
        ("When", {"fields": ("created_at", "updated_at", "last_seen", "suspended_until")}),
        ("Staff", {"fields": ("is_staff", "is_superuser", "groups", "user_permissions")}),
    )
    always_read_only: ClassVar = (
        "id", "email", "verified", "created_at", "updated_at", "last_seen", "suspended_until",
    )  # fmt: skip
    links: ClassVar = ("groups", "user_permissions")
    for_superusers: ClassVar = ("is_staff", "is_superuser", *links)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        return self.always_read_only if _is_superuser(request) else (*self.always_read_only, *self.for_superusers)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        if db_field.name == "user_permissions":
            # A permission is called by its content type: without this, one query for each of them.
            options["queryset"] = Permission.objects.select_related("content_type")
        return super().formfield_for_manytomany(db_field, request, **options)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """People register; operators have ``manage.py create_user``."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Only a superuser changes other staff: nobody shuts out whoever watches them. A closed account is final."""
        if obj is not None and obj.closed_at is not None:
            return False
        if obj is not None and (obj.is_staff or obj.is_superuser) and not _is_superuser(request):
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Closing an account is more than deleting a row."""
        return False

    def has_reset_permission(self, request: HttpRequest) -> bool:
        """Who takes a second factor away, and knows the password, is in: not for moderators."""
        return _is_superuser(request)

    @admin.action(description="Reset the second factor of the selected people", permissions=["reset"])
    def reset_second_factors(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        reset = [user for user in chosen if reset_second_factor(user=user)]
        for user in reset:
            self.log_change(request, user, "Reset the second factor.")
        self.message_user(
            request,
            f"{len(reset)} had a second factor. It is gone, and a mail tells them." if reset else "None had one.",
        )

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        # Only what was changed: a person's other columns move while the form is open.
        obj.save(update_fields=[*(name for name in form.changed_data if name not in self.links), "updated_at"])
        if "is_active" in form.changed_data and not obj.is_active:
            lock_out(user=obj)


def _is_superuser(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.is_superuser


@admin.register(DeviceSession)
class DeviceSessionAdmin(ReadOnlyAdmin):
    fields = ("id", "user", "platform", "name", "device_id", "created_at", "last_active")
    list_display = ("name", "platform", "user", "created_at", "last_active")
    list_filter = ("platform",)
    list_select_related = ("user",)
    search_fields = ("name", "user__name", "user__email")
    date_hierarchy = "last_active"


@admin.register(VerificationToken)
class VerificationTokenAdmin(ReadOnlyAdmin):
    fields = ("id", "user", "type", "email", "created_at", "expires_at", "used_at")
    list_display = ("type", "user", "created_at", "expires_at", "used_at")
    list_filter = ("type",)
    list_select_related = ("user",)
    search_fields = ("user__name", "user__email", "email")
    date_hierarchy = "created_at"


@admin.register(SocketTicket)
class SocketTicketAdmin(ReadOnlyAdmin):
    fields = ("id", "session", "created_at", "expires_at", "used_at")
    list_display = ("id", "session", "created_at", "expires_at", "used_at")
    list_select_related = ("session",)
    search_fields = ("session__user__name", "session__user__email")


@admin.register(TakenRegistration)
class TakenRegistrationAdmin(ReadOnlyAdmin):
    fields = ("id", "email", "created_at")
    list_display = ("email", "created_at")
    search_fields = ("email",)


@admin.register(Block)
class BlockAdmin(ReadOnlyAdmin):
    fields = ("id", "blocker", "blocked", "created_at")
    list_display = ("id", "blocker", "blocked", "created_at")
    list_select_related = ("blocker", "blocked")
    search_fields = ("blocker__name", "blocker__email", "blocked__name", "blocked__email")
    date_hierarchy = "created_at"


@admin.register(TrustedDevice)
class TrustedDeviceAdmin(ReadOnlyAdmin):
    fields = ("id", "user", "name", "created_at", "expires_at")
    list_display = ("name", "user", "created_at", "expires_at")
    list_select_related = ("user",)
    search_fields = ("name", "user__name", "user__email")


@admin.register(Authenticator)
class AuthenticatorAdmin(ReadOnlyAdmin):
    fields = ("id", "user", "created_at", "confirmed_at")
    list_display = ("user", "created_at", "confirmed_at")
    list_select_related = ("user",)
    search_fields = ("user__name", "user__email")


@admin.register(RecoveryCode)
class RecoveryCodeAdmin(ReadOnlyAdmin):
    fields = ("id", "user", "created_at", "used_at")
    list_display = ("id", "user", "created_at", "used_at")
    list_select_related = ("user",)
    search_fields = ("user__name", "user__email")


@admin.register(Passkey)
class PasskeyAdmin(ReadOnlyAdmin):
    fields = ("id", "user", "name", "backed_up", "created_at", "last_used_at")
    list_display = ("name", "user", "created_at", "last_used_at")
    list_select_related = ("user",)
    search_fields = ("name", "user__name", "user__email")


@admin.register(PasskeyChallenge)
class PasskeyChallengeAdmin(ReadOnlyAdmin):
    fields = ("id", "purpose", "user", "created_at", "expires_at")
    list_display = ("purpose", "user", "created_at", "expires_at")
    list_filter = ("purpose",)
    list_select_related = ("user",)
    search_fields = ("user__name", "user__email")


class InvitationForm(forms.ModelForm[Invitation]):
    days = forms.IntegerField(label="Days", initial=INVITATION_LIFETIME.days, help_text="How long the link works.")

    class Meta:
        model = Invitation
        fields = ("email", "max_uses")
        help_texts: ClassVar = {"email": "Whom it is for; empty for whoever has the link."}

    def clean(self) -> None:
        if self.errors:
            return
        try:
            self.cleaned_data["email"] = checked_terms(**self.terms)
        except BadInput as error:
            raise ValidationError(dict(error.errors)) from error

    @property
    def terms(self) -> dict[str, Any]:
        given = self.cleaned_data
        # More days than a calendar has would be no span of time at all.
        lifetime = timedelta(days=max(0, min(given["days"], 10_000)))
        return {"email": given["email"] or "", "max_uses": given["max_uses"], "lifetime": lifetime}


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    """Staff with the right to add one make links here, each shown once; with the right to change one they revoke."""

    form = InvitationForm
    add_fields = ("email", "max_uses", "days")
    actions = ("revoke",)
    fields = ("id", "email", "created_by", "uses", "max_uses", "created_at", "expires_at", "revoked_at")
    list_display = ("id", "email", "created_by", "uses", "max_uses", "expires_at", "revoked_at")
    list_select_related = ("created_by",)
    search_fields = ("email", "created_by__name", "created_by__email")
    date_hierarchy = "created_at"

    def get_fields(self, request: HttpRequest, obj: Invitation | None = None) -> Any:
        return self.add_fields if obj is None else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return () if obj is None else self.fields

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm("accounts.add_invitation")

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.change_invitation")

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Invitation:
        assert isinstance(request.user, User)  # for mypy: only staff get here
        invitation, secret = make_invitation(created_by=request.user, **form.terms)
        self.message_user(request, f"The link, which is shown only now: {invitation_link(secret)}")
        return invitation

    def save_model(self, request: HttpRequest, obj: Invitation, form: Any, change: bool) -> None:
        """It is made already."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """There is nothing related to it."""

    @admin.action(description="Revoke the chosen invitations", permissions=["revoke"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[Invitation]) -> None:
        for invitation in chosen:
            revoke_invitation(invitation=invitation)
        self.message_user(request, "They let nobody in any more.")
