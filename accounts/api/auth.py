"""Registering, confirming an address, signing in and out."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import actions, bodies
from accounts.actions import addresses, passwords
from accounts.actions.signing_in import Opened
from accounts.api.views import OpenView, caller, sign_out_caller
from accounts.browsers import keep_signed_in
from accounts.serializers import me_json, session_json
from pulse.lib.addresses import client_address
from pulse.lib.encoding import iso
from pulse.lib.rest import EmptyBody, checked_body


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


class PasswordReset(OpenView):
    def post(self, request: Request) -> Response:
        fields = checked_body(bodies.PasswordResetBody, request)
        passwords.ask_for_reset(**fields, address=client_address(request._request))
        return Response({"detail": "If there is an account with this address, a link is on its way."}, status=202)


class NewPassword(OpenView):
    def post(self, request: Request) -> Response:
        fields = checked_body(bodies.NewPasswordBody, request)
        passwords.reset_password(**fields, address=client_address(request._request))
        return Response(status=204)


class ChangePassword(APIView):
    def post(self, request: Request) -> Response:
        fields = checked_body(bodies.ChangePasswordBody, request)
        _, session = caller(request)
        user = passwords.change_password(session=session, **fields)
        keep_signed_in(request._request, user)
        return Response(status=204)


class ChangeEmail(APIView):
    def post(self, request: Request) -> Response:
        fields = checked_body(bodies.ChangeEmailBody, request)
        user, _ = caller(request)
        addresses.ask_for_new_address(user=user, **fields, address=client_address(request._request))
        return Response({"detail": "Check the mail of the new address: we sent a link there."}, status=202)


class Login(OpenView):
    def post(self, request: Request) -> Response:
        fields = checked_body(bodies.LoginBody, request)
        return Response(opened_json(actions.sign_in(**fields, address=client_address(request._request))))


def opened_json(opened: Opened) -> dict[str, Any]:
    """What a program is answered that signed in; ``trust_token`` only where it asked for one."""
    session = opened.session
    shown = {"token": opened.token, "session": session_json(session, current=session.pk), "user": me_json(session.user)}
    return shown | ({"trust_token": opened.trust_token} if opened.trust_token else {})


class Logout(APIView):
    def post(self, request: Request) -> Response:
        checked_body(EmptyBody, request)
        _, session = caller(request)
        sign_out_caller(request, session)
        return Response(status=204)


class SocketTicket(APIView):
    def post(self, request: Request) -> Response:
        checked_body(EmptyBody, request)
        _, session = caller(request)
        ticket, expires_at = actions.make_socket_ticket(session=session)
        return Response({"ticket": ticket, "expires_at": iso(expires_at)}, status=201)
