"""The accounts door for people: signing up and in, confirming an address, profile and devices."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import actions
from accounts.browsers import device_session_of, sign_in_browser, sign_out_browser
from accounts.errors import BadToken, EmailNotVerified
from accounts.forms import ProfileForm, PulseForm, ResendForm, SignInForm, SignUpForm
from accounts.mailbox_pages import mailbox_is_open
from accounts.models import DeviceSession, User
from pulse.lib.addresses import client_address
from pulse.lib.errors import BadInput, DomainError, TooMany
from pulse.lib.problems import is_api, problem


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("/")
    form = SignUpForm(request.POST or None)
    if form.is_valid():
        try:
            actions.register(**form.cleaned_data, address=client_address(request))
        except DomainError as error:
            return _refused(request, "accounts/sign_up.html", form, error)
        return redirect(f"{reverse('verify')}?sent")
    return _form_page(request, "accounts/sign_up.html", form)


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return HttpResponseRedirect(_next(request))
    form = SignInForm(request.POST or None)
    if form.is_valid():
        try:
            user = actions.check_credentials(**form.cleaned_data, address=client_address(request))
        except EmailNotVerified as error:
            return _refused(request, "accounts/sign_in.html", form, error, unverified=form.cleaned_data["email"])
        except DomainError as error:
            return _refused(request, "accounts/sign_in.html", form, error, field="password")
        sign_in_browser(request, user)
        return HttpResponseRedirect(_next(request))
    return _form_page(request, "accounts/sign_in.html", form)


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    sign_out_browser(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


@never_cache
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """'Check your mail', and the form that asks for another one."""
    form = ResendForm(request.POST or None)
    if form.is_valid():
        try:
            actions.resend_verification(**form.cleaned_data, address=client_address(request))
        except DomainError as error:
            return _refused(request, "accounts/verify.html", form, error)
        return redirect(f"{reverse('verify')}?sent")
    return _form_page(request, "accounts/verify.html", form)


@never_cache
@require_http_methods(["GET", "POST"])
def verify_token(request: HttpRequest, token: str) -> HttpResponse:
    """What the mailed link opens. Only the button uses the link up: mail scanners open links, too."""
    if request.method == "POST":
        try:
            actions.verify_email(token=token, address=client_address(request))
        except BadToken as error:
            return _quiet(_refused(request, "accounts/verify.html", ResendForm(), error, bad_link=True))
        except TooMany as error:
            return _quiet(_refused(request, "accounts/verify.html", ResendForm(), error))
        messages.success(request, "Your address is confirmed. Sign in to begin.")
        return _quiet(redirect("login"))
    return _quiet(render(request, "accounts/verify_token.html"))


@require_GET
def settings_index(request: HttpRequest) -> HttpResponse:
    return redirect("devices")


@never_cache
@login_required
@require_GET
def devices(request: HttpRequest) -> HttpResponse:
    user, current = _signed_in(request)
    others = user.device_sessions.exclude(pk=current.pk).order_by("-last_active", "-id")
    return render(request, "accounts/devices.html", {"current": current, "others": others})


@login_required
@require_POST
def end_device(request: HttpRequest, session_id: UUID) -> HttpResponse:
    user, current = _signed_in(request)
    session = user.device_sessions.filter(pk=session_id).first()
    if session == current:
        return log_out(request)
    if session is not None:
        actions.end_session(session=session)
        messages.success(request, f"{session.name or 'That device'} is signed out.")
    return redirect("devices")


@login_required
@require_POST
def end_other_devices(request: HttpRequest) -> HttpResponse:
    actions.end_other_sessions(session=_signed_in(request)[1])
    messages.success(request, "All other devices are signed out.")
    return redirect("devices")


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    user, _ = _signed_in(request)
    form = ProfileForm(request.POST or None, initial={"name": user.name, "about": user.about})
    if form.is_valid():
        try:
            actions.change_profile(user=user, **form.cleaned_data)
        except DomainError as error:
            return _refused(request, "accounts/profile.html", form, error)
        messages.success(request, "Your profile is saved.")
        return redirect("profile")
    return _form_page(request, "accounts/profile.html", form)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF_FAILURE_VIEW."""
    if is_api(request):
        return problem(403, "csrf_failed", "Not allowed", "The CSRF token is missing or wrong. Reload the page.")
    return render(request, "accounts/csrf_failure.html", status=403)


def _signed_in(request: HttpRequest) -> tuple[User, DeviceSession]:
    """Who asks, and from which device. Behind ``login_required`` the middleware has found both."""
    session = device_session_of(request)
    assert session is not None  # a request has a user only together with a device session
    return session.user, session


def _next(request: HttpRequest) -> str:
    """Where ``?next=`` leads, if that is the path of a page of ours."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if ours and target.startswith("/") else settings.LOGIN_REDIRECT_URL


def _form_page(request: HttpRequest, template: str, form: PulseForm) -> HttpResponse:
    status = 400 if form.is_bound else 200
    return render(request, template, _context(request, form), status=status)


def _refused(
    request: HttpRequest,
    template: str,
    form: PulseForm,
    error: DomainError,
    *,
    field: str | None = None,
    **context: object,
) -> HttpResponse:
    """The page again, with what was typed and what was wrong with it."""
    if isinstance(error, BadInput):
        form.show(error) if form.is_bound else None
    elif form.is_bound:
        form.add_error(field, error.detail)
    response = render(request, template, _context(request, form) | context, status=error.status)
    if isinstance(error, TooMany):
        response["Retry-After"] = str(error.retry_after_seconds)
    return response


def _context(request: HttpRequest, form: PulseForm) -> dict[str, object]:
    return {
        "form": form,
        "host": request.get_host(),
        "next": request.POST.get("next") or request.GET.get("next") or "",
        "mailbox": mailbox_is_open(request),
        "sent": "sent" in request.GET,
    }


def _quiet(response: HttpResponse) -> HttpResponse:
    """The address of this page is a secret: nobody may learn it from what the page leads to or loads."""
    # Not "no-referrer": browsers then post forms with "Origin: null", which CSRF protection refuses.
    response["Referrer-Policy"] = "strict-origin"
    return response
