"""What people say of themselves."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import actions
from accounts.actions.avatars import change_avatar, remove_avatar
from accounts.forms import ProfileForm
from accounts.models import User
from accounts.pages.answers import form_page, refused, signed_in
from pulse.lib.errors import DomainError


@never_cache
@login_required
@require_GET
def settings_index(request: HttpRequest) -> HttpResponse:
    """The sections: a page of their own on a phone, and elsewhere beside the first of them."""
    return profile(request)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    user, _ = signed_in(request)
    form = ProfileForm(request.POST or None, initial=_said_by(user))
    if form.is_valid():
        try:
            actions.change_profile(user=user, **form.cleaned_data)
        except DomainError as error:
            return refused(request, "accounts/profile.html", form, error)
        messages.success(request, "Your profile is saved.")
        return redirect("profile")
    return form_page(request, "accounts/profile.html", form)


@never_cache
@login_required
@require_POST
def avatar(request: HttpRequest) -> HttpResponse:
    """A new picture, or none. What it is called doesn't count here: people's photos are often misnamed."""
    user, _ = signed_in(request)
    sent = request.FILES.get("file")
    try:
        if "remove" in request.POST:
            remove_avatar(user=user)
            messages.success(request, "Your picture is removed. Your initials are shown.")
        elif sent is None or sent.file is None:
            return _avatar_refused(request, user, DomainError("Choose an image first."))
        else:
            change_avatar(user=user, source=sent.file)
            messages.success(request, "Your picture is saved.")
    except DomainError as error:
        return _avatar_refused(request, user, error)
    return redirect("profile")


def _avatar_refused(request: HttpRequest, user: User, error: DomainError) -> HttpResponse:
    form = ProfileForm(initial=_said_by(user))
    return refused(request, "accounts/profile.html", form, error, avatar_error=error.detail)


def _said_by(user: User) -> dict[str, str]:
    return {"name": user.name, "about": user.about}
