"""Signing in and out."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import actions
from accounts.browsers import sign_in_browser, sign_out_browser
from accounts.errors import EmailNotVerified
from accounts.forms import SignInForm
from accounts.pages.answers import form_page, next_page, refused
from pulse.lib.addresses import client_address
from pulse.lib.errors import DomainError
from pulse.lib.problems import is_api, problem


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return HttpResponseRedirect(next_page(request))
    form = SignInForm(request.POST or None)
    if form.is_valid():
        try:
            user = actions.check_credentials(**form.cleaned_data, address=client_address(request))
        except EmailNotVerified as error:
            return refused(request, "accounts/sign_in.html", form, error, unverified=form.cleaned_data["email"])
        except DomainError as error:
            return refused(request, "accounts/sign_in.html", form, error, field="password")
        sign_in_browser(request, user)
        return HttpResponseRedirect(next_page(request))
    return form_page(request, "accounts/sign_in.html", form)


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    sign_out_browser(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF_FAILURE_VIEW."""
    if is_api(request):
        return problem(403, "csrf_failed", "Not allowed", "The CSRF token is missing or wrong. Reload the page.")
    return render(request, "accounts/csrf_failure.html", status=403)
