"""The address and the password one signs in with."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actions import addresses, passwords
from accounts.browsers import keep_signed_in
from accounts.forms import ChangeEmailForm, ChangePasswordForm, PulseForm
from accounts.mailbox import mailbox_is_open
from accounts.models import User
from accounts.pages.answers import refused, signed_in
from accounts.proofs import waiting_address
from pulse.lib.addresses import client_address
from pulse.lib.errors import DomainError

PAGE = "accounts/account.html"


@never_cache
@login_required
@require_GET
def account(request: HttpRequest) -> HttpResponse:
    return render(request, PAGE, _forms(request, signed_in(request)[0]))


@never_cache
@login_required
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def change_email(request: HttpRequest) -> HttpResponse:
    user, _ = signed_in(request)
    if request.method == "GET":
        return redirect("account")
    form = ChangeEmailForm(request.POST, auto_id="email_%s")
    if not form.is_valid():
        return render(request, PAGE, _forms(request, user, email_form=form), status=400)
    try:
        addresses.ask_for_new_address(user=user, **form.cleaned_data, address=client_address(request))
    except DomainError as error:
        return refused(request, PAGE, form, error, **_forms(request, user, email_form=form))
    messages.success(request, "Open the link we mailed to the new address.")
    return redirect("account")


@login_required
@require_POST
def cancel_email(request: HttpRequest) -> HttpResponse:
    addresses.cancel_new_address(user=signed_in(request)[0])
    messages.success(request, "Your address stays as it is.")
    return redirect("account")


@never_cache
@login_required
@sensitive_post_parameters("current_password", "new_password")
@require_http_methods(["GET", "POST"])
def change_password(request: HttpRequest) -> HttpResponse:
    user, session = signed_in(request)
    if request.method == "GET":
        return redirect("account")
    form = ChangePasswordForm(request.POST, auto_id="password_%s")
    if not form.is_valid():
        return render(request, PAGE, _forms(request, user, password_form=form), status=400)
    try:
        user = passwords.change_password(session=session, **form.cleaned_data)
    except DomainError as error:
        return refused(request, PAGE, form, error, **_forms(request, user, password_form=form))
    keep_signed_in(request, user)
    messages.success(request, "Your password is changed. Every other device was signed out.")
    return redirect("account")


def _forms(
    request: HttpRequest, user: User, *, email_form: PulseForm | None = None, password_form: PulseForm | None = None
) -> dict[str, Any]:
    return {
        "email_form": email_form or ChangeEmailForm(auto_id="email_%s"),
        "password_form": password_form or ChangePasswordForm(auto_id="password_%s"),
        "waiting": waiting_address(user),
        "mailbox": mailbox_is_open(request),
    }
