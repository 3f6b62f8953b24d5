"""The second step of signing in, and signing in by a passkey."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actions.passkeys import check_passkey, passkey_request_options
from accounts.actions.second_step import check_code, has_second_factor, wants_second_factor
from accounts.browsers import sign_in_browser
from accounts.entering import finish, half_signed_in, needs_step_up
from accounts.forms import SignInForm
from accounts.models import User
from accounts.pages.answers import form_page, page_after_signing_in, refused
from accounts.pages.passkeys_here import passkeys_here
from accounts.second_factor.forms import CredentialForm, SecondStepForm
from pulse.lib.addresses import client_address
from pulse.lib.errors import DomainError, NotSignedIn

TEMPLATE = "accounts/second_step.html"


@never_cache
@sensitive_post_parameters("code", "credential")
@require_http_methods(["GET", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    user = _who(request)
    if user is None:
        return _elsewhere(request)
    form = SecondStepForm(request.POST or None)
    shown = _shown(request, user)
    if form.is_valid():
        code, credential = form.cleaned_data["code"], form.cleaned_data["credential"]
        try:
            # A code first: a passkey's answer may be left in the form from before.
            if code:
                check_code(user=user, code=code, address=client_address(request))
            else:
                check_passkey(credential=credential, user=user, address=client_address(request))
            finish(request, user, remember=form.cleaned_data["remember"])
        except DomainError as error:
            return refused(request, TEMPLATE, form, error, field="code" if code else None, **shown)
        return HttpResponseRedirect(page_after_signing_in(request))
    return form_page(request, TEMPLATE, form, **shown)


@never_cache
@require_POST
def second_step_options(request: HttpRequest) -> HttpResponse:
    """For the page's script: what the browser asks a passkey of this person by."""
    user = _who(request)
    try:
        if user is None:
            raise NotSignedIn("That took longer than ten minutes. Sign in again.")
        options = passkey_request_options(user=user, address=client_address(request))
    except DomainError as error:
        return JsonResponse({"detail": error.detail, "code": error.code}, status=error.status)
    return JsonResponse({"options": options})


@never_cache
@sensitive_post_parameters("credential")
@require_POST
def passkey_sign_in(request: HttpRequest) -> HttpResponse:
    """Signing in by a passkey alone."""
    if request.user.is_authenticated:
        return HttpResponseRedirect(page_after_signing_in(request))
    form = CredentialForm(request.POST)
    try:
        credential = form.cleaned_data["credential"] if form.is_valid() else {}
        user = check_passkey(credential=credential, address=client_address(request))
        sign_in_browser(request, user, second_factor=True)
    except DomainError as error:
        context = passkeys_here(request) | {"refusal": error.detail}
        return refused(request, "accounts/sign_in.html", SignInForm(), error, **context)
    return HttpResponseRedirect(page_after_signing_in(request))


def _who(request: HttpRequest) -> User | None:
    """Whoever is half signed in; or is signed in, has a second factor, and showed none."""
    session = needs_step_up(request)
    if session is not None:
        return session.user if has_second_factor(user=session.user) else None
    return None if request.user.is_authenticated else half_signed_in(request)


def _elsewhere(request: HttpRequest) -> HttpResponse:
    target = page_after_signing_in(request)
    if request.user.is_authenticated:
        return HttpResponseRedirect(target)
    messages.info(request, "Sign in with your password first. It counts for ten minutes.")
    return redirect(f"{reverse('login')}?{urlencode({'next': target})}")


def _shown(request: HttpRequest, user: User) -> dict[str, Any]:
    return passkeys_here(request) | {
        "person": user,
        "has_app": wants_second_factor(user=user),
        "has_passkeys": user.passkeys.exists(),
    }
