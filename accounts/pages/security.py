"""What somebody has besides their password: an app, recovery codes, remembered browsers."""

from __future__ import annotations

import base64
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actions import second_factor
from accounts.actions.second_factor import NotBegun, Setup
from accounts.actions.trust import forget_trusted_device, forget_trusted_devices
from accounts.models import Authenticator, User
from accounts.pages.answers import form_page, refused, signed_in
from accounts.pages.behind_factor import behind_factor
from accounts.pages.passkeys_here import passkeys_here
from accounts.second_factor.forms import FirstCodeForm, PasswordForm
from pulse.lib.errors import Conflict, DomainError, NotThere

# In the Django session: which app is being set up on this browser. Its secret is shown nowhere else.
SETUP_KEY = "authenticator_setup"
CONFIRM = "accounts/second_factor_password.html"


@never_cache
@login_required
@require_GET
def security(request: HttpRequest) -> HttpResponse:
    user, _ = signed_in(request)
    context = {
        "app": Authenticator.objects.confirmed().filter(user=user).first(),
        "codes_left": user.recovery_codes.filter(used_at=None).count(),
        "passkeys": user.passkeys.order_by("-created_at", "-id"),
        "trusted": user.trusted_devices.live().order_by("-created_at", "-id"),
    }
    return render(request, "accounts/security.html", context | passkeys_here(request))


@never_cache
@sensitive_post_parameters("password")
@login_required
@behind_factor
@require_http_methods(["GET", "POST"])
def add_authenticator(request: HttpRequest) -> HttpResponse:
    _, session = signed_in(request)
    form = PasswordForm(request.POST or None)
    if form.is_valid():
        try:
            setup = second_factor.begin_authenticator(session=session, **form.cleaned_data)
        except Conflict as error:
            return _back(request, error)
        except DomainError as error:
            return refused(request, CONFIRM, form, error, what="add-authenticator")
        request.session[SETUP_KEY] = str(setup.authenticator.pk)
        return redirect("confirm-authenticator")
    return form_page(request, CONFIRM, form, what="add-authenticator")


@never_cache
@sensitive_post_parameters("code")
@login_required
@behind_factor
@require_http_methods(["GET", "POST"])
def confirm_authenticator(request: HttpRequest) -> HttpResponse:
    user, session = signed_in(request)
    template, form = "accounts/second_factor_setup.html", FirstCodeForm(request.POST or None)
    try:
        shown = _shown(_setup_on_this_browser(request, user))
    except Conflict as error:
        return _back(request, error)
    if form.is_valid():
        try:
            codes = second_factor.confirm_authenticator(session=session, **form.cleaned_data)
        except Conflict as error:
            return _back(request, error)
        except DomainError as error:
            return refused(request, template, form, error, **shown)
        request.session.pop(SETUP_KEY, None)
        return _codes_page(request, codes, just_on=True)
    return form_page(request, template, form, **shown)


def _setup_on_this_browser(request: HttpRequest, user: User) -> Setup:
    app = Authenticator.objects.filter(user=user).select_related("user").first()
    if app is None or str(app.pk) != request.session.get(SETUP_KEY):
        raise NotBegun
    return second_factor.setup_of(authenticator=app)


def _shown(setup: Setup) -> dict[str, Any]:
    """The image is part of the page: at an address of its own the secret would lie in caches and logs."""
    image = base64.b64encode(setup.qr_svg.encode()).decode()
    key = " ".join(setup.secret[start : start + 4] for start in range(0, len(setup.secret), 4))
    return {"qr": f"data:image/svg+xml;base64,{image}", "key": key, "uri": setup.uri}


@never_cache
@sensitive_post_parameters("password")
@login_required
@behind_factor
@require_http_methods(["GET", "POST"])
def remove_authenticator(request: HttpRequest) -> HttpResponse:
    _, session = signed_in(request)
    form = PasswordForm(request.POST or None)
    if form.is_valid():
        try:
            second_factor.remove_authenticator(session=session, **form.cleaned_data)
        except NotThere as error:
            return _back(request, error)
        except DomainError as error:
            return refused(request, CONFIRM, form, error, what="remove-authenticator")
        messages.success(request, "The authenticator app is removed. Your password is enough again.")
        return redirect("security")
    return form_page(request, CONFIRM, form, what="remove-authenticator")


@never_cache
@sensitive_post_parameters("password")
@login_required
@behind_factor
@require_http_methods(["GET", "POST"])
def recovery_codes(request: HttpRequest) -> HttpResponse:
    _, session = signed_in(request)
    form = PasswordForm(request.POST or None)
    if form.is_valid():
        try:
            codes = second_factor.replace_recovery_codes(session=session, **form.cleaned_data)
        except Conflict as error:
            return _back(request, error)
        except DomainError as error:
            return refused(request, CONFIRM, form, error, what="recovery-codes")
        return _codes_page(request, codes, just_on=False)
    return form_page(request, CONFIRM, form, what="recovery-codes")


def _codes_page(request: HttpRequest, codes: list[str], *, just_on: bool) -> HttpResponse:
    """Drawn into the answer itself: they are shown this once, and kept nowhere to be shown again."""
    return render(request, "accounts/second_factor_codes.html", {"codes": codes, "just_on": just_on})


@login_required
@require_POST
def forget_browser(request: HttpRequest, device_id: UUID) -> HttpResponse:
    user, _ = signed_in(request)
    # Where it is gone already, another window was quicker: the page shows what is left.
    with suppress(NotThere):
        forget_trusted_device(user=user, device_id=device_id)
    return redirect("security")


@login_required
@require_POST
def forget_browsers(request: HttpRequest) -> HttpResponse:
    user, _ = signed_in(request)
    forget_trusted_devices(user=user)
    messages.success(request, "No browser is remembered any more. Each asks for a code at the next sign-in.")
    return redirect("security")


def _back(request: HttpRequest, error: DomainError) -> HttpResponse:
    messages.info(request, error.detail)
    return redirect("security")
