"""How the API knows its caller: a bearer token, or the browser's session with CSRF. Bearer wins, without CSRF."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.request import Request

from accounts.actions import touch_session
from accounts.browsers import device_session_of
from accounts.models import DeviceSession, User
from accounts.sessions import session_by_token
from pulse.lib.addresses import client_address
from pulse.lib.errors import NotAllowed, NotSignedIn


class BearerAuthentication(BaseAuthentication):
    """``Authorization: Bearer TOKEN``. A bad one is refused, whatever cookie comes with it."""

    def authenticate(self, request: Request) -> tuple[User, DeviceSession] | None:
        scheme, *rest = get_authorization_header(request).split() or [b""]
        if scheme.lower() != b"bearer":
            return None
        session = session_by_token(rest[0].decode("latin-1")) if len(rest) == 1 else None
        if session is None:
            raise NotSignedIn("This token isn’t valid, or its session has ended.")
        touch_session(session=session, address=client_address(request._request))
        return session.user, session

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class BrowserAuthentication(BaseAuthentication):
    """The session cookie. Whatever changes something must carry the CSRF token too."""

    def authenticate(self, request: Request) -> tuple[User, DeviceSession] | None:
        session = device_session_of(request._request)
        if session is None:
            return None
        refusal = CsrfCheck(_no_response).refusal(request._request)
        if refusal is not None:
            raise NotAllowed("The CSRF token is missing or wrong. Reload the page.", code="csrf_failed")
        return session.user, session


class CsrfCheck(CsrfViewMiddleware):
    """Django's own check, asked for its reason instead of a page."""

    def refusal(self, request: HttpRequest) -> str | None:
        self.process_request(request)
        return self.process_view(request, None, (), {})  # type: ignore[arg-type,return-value]  # see _reject

    def _reject(self, request: HttpRequest, reason: str) -> Any:
        return reason


def _no_response(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError
