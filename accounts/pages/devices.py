"""The devices somebody is signed in on."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts import actions
from accounts.pages.answers import signed_in
from accounts.pages.signing_in import log_out


@never_cache
@login_required
@require_GET
def devices(request: HttpRequest) -> HttpResponse:
    user, current = signed_in(request)
    others = user.device_sessions.exclude(pk=current.pk).order_by("-last_active", "-id")
    return render(request, "accounts/devices.html", {"current": current, "others": others})


@login_required
@require_POST
def end_device(request: HttpRequest, session_id: UUID) -> HttpResponse:
    user, current = signed_in(request)
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
    actions.end_other_sessions(session=signed_in(request)[1])
    messages.success(request, "All other devices are signed out.")
    return redirect("devices")
