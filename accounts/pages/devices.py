"""The devices somebody is signed in on."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import actions
from accounts.actions.devices import rename_session
from accounts.forms import PulseForm, text_input
from accounts.pages.answers import signed_in
from accounts.pages.signing_in import log_out
from pulse.lib.errors import BadInput, NotThere
from pulse.lib.text import NAME_MAX_CHARACTERS


class DeviceForm(PulseForm):
    name = forms.CharField(
        label="Name",
        max_length=NAME_MAX_CHARACTERS,
        help_text="As you would know it again. Only you see it.",
        widget=text_input(autocomplete="off"),
    )


@never_cache
@login_required
@require_GET
def devices(request: HttpRequest) -> HttpResponse:
    user, current = signed_in(request)
    others = user.device_sessions.exclude(pk=current.pk).order_by("-last_active", "-id")
    return render(request, "accounts/devices.html", {"current": current, "others": others})


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def device(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """One device, and what its person calls it."""
    user, current = signed_in(request)
    session = user.device_sessions.filter(pk=session_id).first()
    if session is None:
        raise Http404
    form = DeviceForm(request.POST or None, initial={"name": session.name})
    if form.is_valid():
        try:
            rename_session(session=session, name=form.cleaned_data["name"])
        except NotThere as error:
            raise Http404 from error
        except BadInput as error:
            form.show(error)
        else:
            messages.success(request, f"This device is called {session.name} now.")
            return redirect("devices")
    context = {"form": form, "session": session, "is_current": session == current}
    return render(request, "accounts/device.html", context, status=400 if form.is_bound else 200)


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
