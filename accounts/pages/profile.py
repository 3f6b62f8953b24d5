"""What people say of themselves."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts import actions
from accounts.forms import ProfileForm
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
    form = ProfileForm(request.POST or None, initial={"name": user.name, "about": user.about})
    if form.is_valid():
        try:
            actions.change_profile(user=user, **form.cleaned_data)
        except DomainError as error:
            return refused(request, "accounts/profile.html", form, error)
        messages.success(request, "Your profile is saved.")
        return redirect("profile")
    return form_page(request, "accounts/profile.html", form)
