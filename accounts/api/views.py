"""What the views of this door share."""

from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.actions import sign_out
from accounts.browsers import device_session_of, sign_out_browser
from accounts.models import DeviceSession, User


def caller(request: Request) -> tuple[User, DeviceSession]:
    """Who asks, and from which device. For views that only signed-in people reach."""
    assert isinstance(request.user, User)  # for mypy: IsAuthenticated has seen to it
    assert isinstance(request.auth, DeviceSession)  # both authentications give one
    return request.user, request.auth


def sign_out_caller(request: Request, session: DeviceSession) -> None:
    """End the caller's own session; a browser also loses its cookie's session."""
    if session == device_session_of(request._request):
        sign_out_browser(request._request)
    else:
        sign_out(session=session)


class OpenView(APIView):
    """For whoever isn't signed in yet: no credential is looked at, so a stale one is no obstacle."""

    authentication_classes = []
    permission_classes = [AllowAny]
