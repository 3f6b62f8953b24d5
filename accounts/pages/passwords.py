"""A new password by mail, for whoever forgot theirs."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.actions import passwords
from accounts.errors import BadToken
from accounts.forms import NewPasswordForm, ResetForm
from accounts.pages.answers import form_page, quiet, refused
from pulse.lib.addresses import client_address
from pulse.lib.errors import DomainError


@never_cache
@require_http_methods(["GET", "POST"])
def ask_for_reset(request: HttpRequest) -> HttpResponse:
    form = ResetForm(request.POST or None)
    if form.is_valid():
        try:
            passwords.ask_for_reset(**form.cleaned_data, address=client_address(request))
        except DomainError as error:
            return refused(request, "accounts/password_reset.html", form, error)
        return redirect(f"{reverse('password-reset')}?sent")
    return form_page(request, "accounts/password_reset.html", form)


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def set_password(request: HttpRequest, token: str) -> HttpResponse:
    """What the mailed link opens. Only a new password uses the link up: mail scanners open links, too."""
    form = NewPasswordForm(request.POST or None)
    if request.method == "GET" and not passwords.reset_is_usable(token=token):
        return _bad_link(request, BadToken())
    if form.is_valid():
        try:
            passwords.reset_password(token=token, **form.cleaned_data, address=client_address(request))
        except BadToken as error:
            return _bad_link(request, error)
        except DomainError as error:
            return quiet(refused(request, "accounts/password_reset_token.html", form, error, field="password"))
        messages.success(request, "Your password is set. Sign in with it; every device was signed out.")
        return quiet(redirect("login"))
    return quiet(form_page(request, "accounts/password_reset_token.html", form))


def _bad_link(request: HttpRequest, error: BadToken) -> HttpResponse:
    return quiet(refused(request, "accounts/password_reset.html", ResetForm(), error, bad_link=True))
