"""From the right password into a browser's session: at once, or by the second step."""

from __future__ import annotations

import time
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from accounts.actions.second_step import note_second_factor
from accounts.actions.signing_in import needs_second_step
from accounts.actions.trust import remember_device
from accounts.browsers import (
    browser_name,
    device_of,
    device_session_of,
    leave_session,
    sign_in_browser,
    trust_browser,
)
from accounts.models import DeviceSession, User

# In the Django session of somebody who is half signed in: who, since when, and what of theirs a new password changes.
HALF_KEY = "half_signed_in"
HALF_SECONDS = 600


def enter(request: HttpRequest, user: User, target: str) -> HttpResponseRedirect:
    """After the right password: to ``target``, a path of ours, or first to the second step."""
    if not needs_second_step(user=user, trust_token=device_of(request).trust_token):
        sign_in_browser(request, user)
        return HttpResponseRedirect(target)
    leave_session(request)
    # A new key and nothing in it: whoever sat here before is signed out, and a planted key is worth nothing.
    request.session.flush()
    request.session[HALF_KEY] = {"user": str(user.pk), "since": int(time.time()), "hash": user.get_session_auth_hash()}
    return HttpResponseRedirect(second_step_url(target))


def second_step_url(target: str) -> str:
    return f"{reverse('second-step')}?{urlencode({'next': target})}"


def half_signed_in(request: HttpRequest) -> User | None:
    """Whoever has shown the right password on this browser within ten minutes, and still may."""
    state = request.session.get(HALF_KEY)
    if not isinstance(state, dict) or not 0 <= time.time() - state["since"] < HALF_SECONDS:
        return None
    user: User | None = User.objects.verified().filter(pk=state["user"]).first()
    if user is None or user.is_suspended or not constant_time_compare(state["hash"], user.get_session_auth_hash()):
        return None
    return user


def needs_step_up(request: HttpRequest) -> DeviceSession | None:
    """The session of somebody who is signed in and has shown no second factor since; None for everybody else."""
    session = device_session_of(request)
    return session if session is not None and session.second_factor_at is None else None


def finish(request: HttpRequest, user: User, *, remember: bool) -> None:
    """``user`` has shown the second factor: sign them in, or where they are, note it; and remember the browser."""
    session = needs_step_up(request)
    if session is not None:
        note_second_factor(session=session)
        # More may be done with this cookie from now on: one that was planted before is worth nothing.
        request.session.cycle_key()
    else:
        request.session.pop(HALF_KEY, None)
        sign_in_browser(request, user, second_factor=True)
    if remember:
        trust_browser(request, remember_device(user=user, name=browser_name(request)))
