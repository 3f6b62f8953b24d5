"""The admin's door: who may open it, and what they have to show first."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from accounts.actions.second_step import has_second_factor
from accounts.browsers import device_session_of
from accounts.entering import enter, second_step_url
from pulse.lib.pages import next_page
from pulse.office.forms import OfficeSignInForm

# Django's own form would leave other sessions and tokens alive, and count no wrong guess.
WITHOUT = {"password_change", "password_change_done"}


class OfficeLogin(LoginView):
    """Django's page and ours to go on: its own would sign people in without their second factor."""

    template_name = "admin/login.html"
    authentication_form = OfficeSignInForm
    next_page = "admin:index"

    def form_valid(self, form: AuthenticationForm) -> HttpResponseRedirect:
        return enter(self.request, form.get_user(), self.get_success_url())


class PulseAdminSite(AdminSite):
    site_header = "Pulse"
    site_title = "Pulse"
    index_title = "Moderation and operation"

    def get_urls(self) -> list[Any]:
        return [url for url in super().get_urls() if getattr(url, "name", None) not in WITHOUT]

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and not _lacks_second_factor(request)

    @method_decorator(never_cache)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if super().has_permission(request) and _lacks_second_factor(request):
            return self._to_second_factor(request)
        if request.method == "GET" and self.has_permission(request):
            return redirect("admin:index")
        context = self.each_context(request) | {
            "title": "Log in",
            "subtitle": None,
            "app_path": request.get_full_path(),
            "username": request.user.get_username(),
        }
        if REDIRECT_FIELD_NAME not in request.GET and REDIRECT_FIELD_NAME not in request.POST:
            context[REDIRECT_FIELD_NAME] = reverse("admin:index")
        request.current_app = self.name
        response = OfficeLogin.as_view(extra_context=context | (extra_context or {}))(request)
        assert isinstance(response, HttpResponse)  # for mypy: a view may also stream
        return response

    def _to_second_factor(self, request: HttpRequest) -> HttpResponse:
        session = device_session_of(request)
        if session is not None and has_second_factor(user=session.user):
            return redirect(second_step_url(next_page(request, otherwise=reverse("admin:index"))))
        messages.info(request, "The admin needs a second factor. Set up an authenticator app or a passkey first.")
        return redirect("security")


def _lacks_second_factor(request: HttpRequest) -> bool:
    """Whether one is required, and whoever sits here has shown none since they signed in."""
    session = device_session_of(request)
    return settings.STAFF_SECOND_FACTOR and (session is None or session.second_factor_at is None)
