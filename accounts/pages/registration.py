"""Creating an account and confirming its address."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import actions
from accounts.actions.invitations import admitted
from accounts.errors import BadToken, InvitationUsedUp
from accounts.forms import InvitedSignUpForm, ResendForm
from accounts.pages.answers import form_page, quiet, refused
from accounts.proofs import is_change
from pulse.lib.addresses import client_address
from pulse.lib.errors import DomainError, NotAllowed


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("/")
    secret = request.POST.get("invitation") or request.GET.get("invitation") or ""
    form = InvitedSignUpForm(request.POST or None, initial={"invitation": secret})
    try:
        invited = admitted(secret=secret) is not None
    except NotAllowed as error:
        return quiet(refused(request, "accounts/sign_up.html", form, error, kept_out=error))
    if form.is_valid():
        try:
            actions.register(**form.cleaned_data, address=client_address(request))
        except DomainError as error:
            return quiet(refused(request, "accounts/sign_up.html", form, error, invited=invited))
        return quiet(redirect(f"{reverse('verify')}?sent"))
    return quiet(form_page(request, "accounts/sign_up.html", form, invited=invited))


@never_cache
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """'Check your mail', and the form that asks for another one."""
    form = ResendForm(request.POST or None)
    if form.is_valid():
        try:
            actions.resend_verification(**form.cleaned_data, address=client_address(request))
        except DomainError as error:
            return refused(request, "accounts/verify.html", form, error)
        return redirect(f"{reverse('verify')}?sent")
    return form_page(request, "accounts/verify.html", form)


@never_cache
@require_http_methods(["GET", "POST"])
def verify_token(request: HttpRequest, token: str) -> HttpResponse:
    """What the mailed link opens. Only the button uses the link up: mail scanners open links, too."""
    if request.method == "POST":
        try:
            user = actions.verify_email(token=token, address=client_address(request))
        except DomainError as error:
            used_up, bad_link = isinstance(error, InvitationUsedUp), isinstance(error, BadToken)
            answer = refused(request, "accounts/verify.html", ResendForm(), error, bad_link=bad_link, used_up=used_up)
            return quiet(answer)
        if request.user == user:
            messages.success(request, f"Your address is {user.email} now.")
            return quiet(redirect("account"))
        messages.success(request, "Your address is confirmed. Sign in with it.")
        return quiet(redirect("login"))
    return quiet(render(request, "accounts/verify_token.html", {"change": is_change(token)}))
