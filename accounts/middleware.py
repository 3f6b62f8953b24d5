"""What every request learns first: which device it comes from, and how its reader has clocks and words."""

import re
import zoneinfo
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.actions import sign_out, touch_session
from accounts.browsers import SESSION_KEY, find_session, keep_session, set_cookies
from accounts.languages import asking
from pulse.lib.addresses import client_address

Handler = Callable[[HttpRequest], HttpResponse]

TIME_ZONE_COOKIE = "pulse_tz"


def device_session(get_response: Handler) -> Handler:
    """Sets ``request.device_session``: the browser's live DeviceSession, or None. Without one nobody is signed in."""

    def middleware(request: HttpRequest) -> HttpResponse:
        session = find_session(request)
        keep_session(request, session)
        if session is not None:
            touch_session(session=session, address=client_address(request))
        response = get_response(request)
        if session is not None and request.session.get(SESSION_KEY) != str(session.pk):
            # Signed out, or in as somebody else, where Pulse doesn't see it (/admin/logout). Ended twice does no harm.
            sign_out(session=session)
        set_cookies(request, response)
        return response

    return middleware


def reader_time_zone(get_response: Handler) -> Handler:
    """Shows times as the reader's clock does: the page's script names their zone in a cookie."""

    def middleware(request: HttpRequest) -> HttpResponse:
        zone = zone_named(request.COOKIES.get(TIME_ZONE_COOKIE, ""))
        if zone is not None:
            timezone.activate(zone)
        try:
            return get_response(request)
        finally:
            timezone.deactivate()

    return middleware


def asked_language(get_response: Handler) -> Handler:
    """Lets actions know in which language whoever asks reads: what they cause to be mailed is written in it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with asking(request):
            return get_response(request)

    return middleware


def zone_named(name: str) -> zoneinfo.ZoneInfo | None:
    # Cookies are the client's word: only what can be a zone's name reaches the file system.
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}", name) or len(name) > 64:
        return None
    try:
        return zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        return None
