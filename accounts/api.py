"""The accounts door for programs."""

from __future__ import annotations

from uuid import UUID

from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import actions, bodies
from accounts.browsers import device_session_of, sign_out_browser
from accounts.limits import FIND_BY_NAME, count_search_by_email
from accounts.models import DeviceSession, User, normalize_email
from accounts.rules import (
    ABOUT_MAX_CHARACTERS,
    DEVICE_ID_MAX_CHARACTERS,
    PASSWORD_MAX_CHARACTERS,
    PASSWORD_MIN_CHARACTERS,
)
from accounts.serializers import me_json, session_json, user_json
from pulse.lib.addresses import client_address
from pulse.lib.encoding import iso
from pulse.lib.errors import BadInput, NotThere
from pulse.lib.pagination import DEFAULT_LIMIT, MAX_LIMIT, page
from pulse.lib.rest import checked_body
from pulse.lib.text import MESSAGE_MAX_BYTES, MESSAGE_MAX_CHARACTERS, NAME_MAX_CHARACTERS, is_blank, text_problem
from pulse.realtime.socket import MAX_FRAME_BYTES


def caller(request: Request) -> tuple[User, DeviceSession]:
    """Who asks, and from which device. For views that only signed-in people reach."""
    assert isinstance(request.user, User)  # for mypy: IsAuthenticated has seen to it
    assert isinstance(request.auth, DeviceSession)  # both authentications give one
    return request.user, request.auth


class OpenView(APIView):
    """For whoever isn't signed in yet: no credential is looked at, so a stale one is no obstacle."""

    authentication_classes = []
    permission_classes = [AllowAny]


class Register(OpenView):
    def post(self, request: Request) -> Response:
        fields = checked_body(bodies.RegisterBody, request)
        actions.register(**fields, address=client_address(request._request))
        return Response({"detail": "Check your mail: we sent you a link to confirm the address."}, status=202)


class VerifyEmail(OpenView):
    def post(self, request: Request) -> Response:
        fields = checked_body(bodies.VerifyEmailBody, request)
        actions.verify_email(**fields, address=client_address(request._request))
        return Response(status=204)


class ResendVerification(OpenView):
    def post(self, request: Request) -> Response:
        fields = checked_body(bodies.ResendVerificationBody, request)
        actions.resend_verification(**fields, address=client_address(request._request))
        return Response({"detail": "If this address waits to be confirmed, a new link is on its way."}, status=202)


class Login(OpenView):
    def post(self, request: Request) -> Response:
        fields = checked_body(bodies.LoginBody, request)
        session, token = actions.sign_in(**fields, address=client_address(request._request))
        shown = session_json(session, current=session.pk)
        return Response({"token": token, "session": shown, "user": me_json(session.user)})


class Logout(APIView):
    def post(self, request: Request) -> Response:
        checked_body(bodies.EmptyBody, request)
        _, session = caller(request)
        _sign_out(request, session)
        return Response(status=204)


class SocketTicket(APIView):
    def post(self, request: Request) -> Response:
        checked_body(bodies.EmptyBody, request)
        _, session = caller(request)
        ticket, expires_at = actions.make_socket_ticket(session=session)
        return Response({"ticket": ticket, "expires_at": iso(expires_at)}, status=201)


class Me(APIView):
    def get(self, request: Request) -> Response:
        return Response(me_json(caller(request)[0]))

    def patch(self, request: Request) -> Response:
        fields = checked_body(bodies.ProfileBody, request)
        return Response(me_json(actions.change_profile(user=caller(request)[0], **fields)))


class Sessions(APIView):
    def get(self, request: Request) -> Response:
        user, current = caller(request)
        return Response(
            page(
                request._request,
                user.device_sessions.live(),
                order=["-last_active", "-id"],
                draw=lambda session: session_json(session, current=current.pk),
            )
        )

    def delete(self, request: Request) -> Response:
        actions.end_other_sessions(session=caller(request)[1])
        return Response(status=204)


class OneSession(APIView):
    def delete(self, request: Request, session_id: UUID) -> Response:
        user, current = caller(request)
        session = user.device_sessions.filter(pk=session_id).first()
        if session is None:
            raise NotThere
        if session == current:
            _sign_out(request, current)
        else:
            actions.end_session(session=session)
        return Response(status=204)


def _sign_out(request: Request, session: DeviceSession) -> None:
    """End the caller's own session; a browser also loses its cookie's session."""
    if session == device_session_of(request._request):
        sign_out_browser(request._request)
    else:
        actions.sign_out(session=session)


class People(APIView):
    def get(self, request: Request) -> Response:
        user, _ = caller(request)
        people = User.objects.visible_to(user)
        asked = [name for name in ("q", "email") if name in request.query_params]
        if not asked:
            raise BadInput(errors={name: ["Say whom you look for, by q or by email."] for name in ("q", "email")})
        texts = {name: _query(request, name) for name in asked}
        if "email" in texts:
            count_search_by_email(user)
            people = people.filter(email=normalize_email(texts["email"]))
        if "q" in texts:
            FIND_BY_NAME.count(str(user.pk))
            people = people.named(texts["q"].strip())
        return Response(page(request._request, people, order=["name", "id"], draw=user_json))


def _query(request: Request, name: str) -> str:
    """What is asked for. Raises BadInput, for blank text too: it would list everybody."""
    text = request.query_params[name]
    problem = text_problem(text)
    if problem is None and is_blank(text):
        problem = "Say whom you look for."
    if problem is None and len(text) > 300:
        problem = "That is too long."
    if problem is not None:
        raise BadInput(errors={name: [problem]})
    return text


class Person(APIView):
    def get(self, request: Request, user_id: UUID) -> Response:
        found = User.objects.visible_to(caller(request)[0]).filter(pk=user_id).first()
        if found is None:
            raise NotThere
        return Response(user_json(found))


class Config(OpenView):
    """What clients would otherwise hard-code."""

    def get(self, request: Request) -> Response:
        limits = {
            "message_characters": MESSAGE_MAX_CHARACTERS,
            "message_bytes": MESSAGE_MAX_BYTES,
            "name_characters": NAME_MAX_CHARACTERS,
            "about_characters": ABOUT_MAX_CHARACTERS,
            "password_min_characters": PASSWORD_MIN_CHARACTERS,
            "password_max_characters": PASSWORD_MAX_CHARACTERS,
            "device_id_characters": DEVICE_ID_MAX_CHARACTERS,
            "page": MAX_LIMIT,
            "page_default": DEFAULT_LIMIT,
            "frame_bytes": MAX_FRAME_BYTES,
        }
        features = {"registration": True, "push": False}
        return Response({"version": 1, "limits": limits, "features": features, "push_key": None})
