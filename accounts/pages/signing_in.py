"""Signing in and out."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import actions
from accounts.browsers import device_of, sign_out_browser
from accounts.entering import enter
from accounts.errors import EmailNotVerified
from accounts.forms import SignInForm
from accounts.pages.answers import form_page, page_after_signing_in, refused
from accounts.pages.passkeys_here import passkeys_here
from pulse.lib.addresses import client_address
from pulse.lib.errors import DomainError
from pulse.lib.problems import is_api, problem

TEMPLATE = "accounts/sign_in.html"


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return HttpResponseRedirect(page_after_signing_in(request))
    form = SignInForm(request.POST or None)
    if form.is_valid():
        try:
            user = actions.check_credentials(
                **form.cleaned_data, address=client_address(request), device=device_of(request)
            )
            # Inside as well: the password may have changed since it was looked at.
            return enter(request, user, page_after_signing_in(request))
        except EmailNotVerified as error:
            unverified = form.cleaned_data["email"]
            return refused(request, TEMPLATE, form, error, **passkeys_here(request), unverified=unverified)
        except DomainError as error:
            return refused(request, TEMPLATE, form, error, field="password", **passkeys_here(request))
    return form_page(request, TEMPLATE, form, **passkeys_here(request))


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    sign_out_browser(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF_FAILURE_VIEW."""
    if is_api(request):
        return problem(403, "csrf_failed", "Not allowed", "The CSRF token is missing or wrong. Reload the page.")
    return render(request, "accounts/csrf_failure.html", status=403)
