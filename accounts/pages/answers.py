"""What the account pages answer with."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.browsers import device_session_of
from accounts.forms import PulseForm
from accounts.mailbox import mailbox_is_open
from accounts.models import DeviceSession, User
from pulse.lib.errors import BadInput, DomainError
from pulse.lib.pages import next_page, say_when_to_return


def signed_in(request: HttpRequest) -> tuple[User, DeviceSession]:
    """Who asks, and from which device. Behind ``login_required`` the middleware has found both."""
    session = device_session_of(request)
    assert session is not None  # a request has a user only together with a device session
    return session.user, session


def page_after_signing_in(request: HttpRequest) -> str:
    return next_page(request, otherwise=settings.LOGIN_REDIRECT_URL)


def form_page(request: HttpRequest, template: str, form: PulseForm, **context: object) -> HttpResponse:
    status = 400 if form.is_bound else 200
    return render(request, template, _context(request, form) | context, status=status)


def refused(
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
    say_when_to_return(response, error)
    return response


def _context(request: HttpRequest, form: PulseForm) -> dict[str, object]:
    return {
        "form": form,
        "host": request.get_host(),
        "next": request.POST.get("next") or request.GET.get("next") or "",
        "mailbox": mailbox_is_open(request),
        "sent": "sent" in request.GET,
        "registration": settings.REGISTRATION,
    }


def quiet(response: HttpResponse) -> HttpResponse:
    """The address of this page is a secret: nobody may learn it from what the page leads to or loads."""
    # Not "no-referrer": browsers then post forms with "Origin: null", which CSRF protection refuses.
    response["Referrer-Policy"] = "strict-origin"
    return response
