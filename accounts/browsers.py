"""Browsers: how a Django session, which a cookie carries, and a device session become one."""

from __future__ import annotations

import re
import secrets

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare

from accounts.actions import sign_out, start_browser_session
from accounts.actions.devices import cookie_hash
from accounts.models import DeviceSession, User
from pulse.lib.addresses import client_address
from pulse.lib.errors import DomainError

DEVICE_COOKIE = "pulse_device"
DEVICE_COOKIE_SECONDS = 400 * 24 * 60 * 60  # browsers keep none longer
# In the Django session: which device session it stands for.
SESSION_KEY = "device_session"

_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


def name_of_browser(user_agent: str) -> str:
    """'Firefox on Linux', as far as a User-Agent tells. The order of the lists matters: Edge also says Chrome."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "Browser")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return f"{browser} on {system}" if system else browser


def sign_in_browser(request: HttpRequest, user: User) -> DeviceSession:
    """Sign ``user`` in on this browser, under a new session key: one that was planted before is worth nothing."""
    leave_session(request)
    if auth.SESSION_KEY in request.session:
        # Django would keep the key of the same person's session.
        request.session.flush()
    auth.login(request, user)
    return start_here(request, user)


def start_here(request: HttpRequest, user: User) -> DeviceSession:
    """Open the device session of a browser whose Django session is ``user``'s."""
    session = start_browser_session(
        user=user,
        device_id=device_id_of(request),
        name=name_of_browser(request.META.get("HTTP_USER_AGENT", "")),
        address=client_address(request),
        key=request.session.session_key or "",
    )
    request.session[SESSION_KEY] = str(session.pk)
    keep_session(request, session)
    return session


def keep_signed_in(request: HttpRequest, user: User) -> None:
    """After a new password: the browser that asked for it stays signed in, under a new session key."""
    session = device_session_of(request)
    if session is not None and session.user_id == user.pk:
        auth.update_session_auth_hash(request, user)


def sign_out_browser(request: HttpRequest) -> None:
    leave_session(request)
    auth.logout(request)


def leave_session(request: HttpRequest) -> None:
    """End the device session this browser has, if it has one."""
    session = device_session_of(request)
    if session is not None:
        sign_out(session=session)
        keep_session(request, None)


def device_session_of(request: HttpRequest) -> DeviceSession | None:
    """What the middleware found: the live device session of the browser that asks."""
    session: DeviceSession | None = getattr(request, "device_session", None)
    return session


def keep_session(request: HttpRequest, session: DeviceSession | None) -> None:
    request.device_session = session  # type: ignore[attr-defined]  # an attribute is how Django's middleware hands on


def find_session(request: HttpRequest) -> DeviceSession | None:
    """Look the browser's device session up, and sign out a browser whose session has ended."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES or auth.SESSION_KEY not in request.session:
        return None
    session_id = request.session.get(SESSION_KEY)
    if session_id is None:
        return _adopted(request)
    session = DeviceSession.objects.live().select_related("user").filter(pk=session_id).first()
    if session is None or not _is_theirs(request, session):
        _forget(request)
        return None
    _follow_key(request, session)
    request.user = session.user
    return session


def _adopted(request: HttpRequest) -> DeviceSession | None:
    """Somebody signed in where Pulse doesn't see it, as at /admin/login: their browser is a device like any other."""
    user = request.user
    try:
        if isinstance(user, User) and not user.is_suspended:
            return start_here(request, user)
    except DomainError:
        pass
    _forget(request)
    return None


def _is_theirs(request: HttpRequest, session: DeviceSession) -> bool:
    """What Django checks at each request, for the user that was read with the session: same person, same password."""
    same_password = constant_time_compare(
        request.session.get(auth.HASH_SESSION_KEY, ""), session.user.get_session_auth_hash()
    )
    return same_password and request.session[auth.SESSION_KEY] == str(session.user_id)


def _follow_key(request: HttpRequest, session: DeviceSession) -> None:
    """Django changes a session's key at times (a new password in the admin): the socket finds the browser by it."""
    hashed = cookie_hash(request.session.session_key or "")
    if session.token != hashed:
        session.token = hashed
        session.save(update_fields=["token"])


def _forget(request: HttpRequest) -> None:
    request.session.flush()
    request.user = AnonymousUser()


def device_id_of(request: HttpRequest) -> str:
    """This browser's own id, from its cookie; a new one is set with the answer."""
    known = request.COOKIES.get(DEVICE_COOKIE, "")
    if not re.fullmatch(r"[A-Za-z0-9_-]{22,64}", known):
        known = getattr(request, "new_device_id", None) or secrets.token_urlsafe(24)
        request.new_device_id = known  # type: ignore[attr-defined]  # as in keep_session
    return known


def set_device_cookie(request: HttpRequest, response: HttpResponse) -> None:
    device_id = getattr(request, "new_device_id", None)
    if device_id is not None:
        response.set_cookie(
            DEVICE_COOKIE,
            device_id,
            max_age=DEVICE_COOKIE_SECONDS,
            httponly=True,
            secure=settings.SESSION_COOKIE_SECURE,
            samesite="Lax",
        )
