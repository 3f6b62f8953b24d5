"""Browsers: how a Django session, which a cookie carries, and a device session become one."""

from __future__ import annotations

import re
import secrets

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare

from accounts.actions import sign_out
from accounts.actions.devices import cookie_hash
from accounts.actions.second_step import wants_second_factor
from accounts.actions.signing_in import never_signed_in, open_browser_session
from accounts.actions.trust import TRUST_LIFETIME, Device, device_mark
from accounts.models import DeviceSession, User
from pulse.lib.addresses import client_address
from pulse.lib.errors import DomainError

DEVICE_COOKIE = "pulse_device"
DEVICE_COOKIE_SECONDS = 400 * 24 * 60 * 60  # browsers keep none longer
# Of how many accounts a browser keeps the proof that they signed in on it.
MOST_MARKS = 5
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


def sign_in_browser(request: HttpRequest, user: User, *, second_factor: bool = False) -> DeviceSession:
    """Sign ``user`` in on this browser, under a new session key: one that was planted before is worth nothing.

    ``second_factor`` says that they have just shown one.
    """
    first_time = never_signed_in(user=user)
    leave_session(request)
    if auth.SESSION_KEY in request.session:
        # Django would keep the key of the same person's session.
        request.session.flush()
    auth.login(request, user)
    return _start_here(request, user, first_time=first_time, second_factor=second_factor)


def _start_here(request: HttpRequest, user: User, *, first_time: bool, second_factor: bool = False) -> DeviceSession:
    """Open the device session of a browser whose Django session is ``user``'s."""
    device = device_of(request)
    session = open_browser_session(
        user=user,
        device=device,
        name=browser_name(request),
        address=client_address(request),
        key=request.session.session_key or "",
        first_time=first_time,
        second_factor=second_factor,
    )
    request.session[SESSION_KEY] = str(session.pk)
    keep_session(request, session)
    mark = device_mark(email=user.email, device_id=device.device_id)
    marks = [mark, *(other for other in device.marks if other != mark)][:MOST_MARKS]
    keep_cookie(request, marks_cookie(), ".".join(marks), DEVICE_COOKIE_SECONDS)
    return session


def browser_name(request: HttpRequest) -> str:
    return name_of_browser(request.META.get("HTTP_USER_AGENT", ""))


def device_of(request: HttpRequest) -> Device:
    """What this browser brings along, by which an account may know it."""
    return Device(
        device_id=device_id_of(request),
        trust_token=request.COOKIES.get(trust_cookie(), "")[:100],
        marks=tuple(request.COOKIES.get(marks_cookie(), "").split(".")[:MOST_MARKS]),
    )


def trust_browser(request: HttpRequest, token: str) -> None:
    """Let this browser keep the secret by which a second factor isn't asked for."""
    keep_cookie(request, trust_cookie(), token, int(TRUST_LIFETIME.total_seconds()))


def trust_cookie() -> str:
    # Installations on one machine differ by port only, as settings.py says of the session's cookie.
    return settings.SESSION_COOKIE_NAME.replace("session", "trust")


def marks_cookie() -> str:
    return settings.SESSION_COOKIE_NAME.replace("session", "known")


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
    """Somebody signed in where Pulse doesn't see it: their browser is a device like any other.

    Not where they have a second factor, which nobody has seen there.
    """
    user = request.user
    try:
        if isinstance(user, User) and not user.is_suspended and not wants_second_factor(user=user):
            return _start_here(request, user, first_time=True)
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
        new, _ = _new_cookies(request).get(DEVICE_COOKIE) or (secrets.token_urlsafe(24), 0)
        keep_cookie(request, DEVICE_COOKIE, new, DEVICE_COOKIE_SECONDS)
        return new
    return known


def keep_cookie(request: HttpRequest, name: str, value: str, seconds: int) -> None:
    """Have the answer set a cookie that no script and no other site can read or send."""
    _new_cookies(request)[name] = (value, seconds)


def _new_cookies(request: HttpRequest) -> dict[str, tuple[str, int]]:
    cookies: dict[str, tuple[str, int]] = request.__dict__.setdefault("new_cookies", {})
    return cookies


def set_cookies(request: HttpRequest, response: HttpResponse) -> None:
    for name, (value, seconds) in _new_cookies(request).items():
        response.set_cookie(
            name, value, max_age=seconds, httponly=True, secure=settings.SESSION_COOKIE_SECURE, samesite="Lax"
        )
