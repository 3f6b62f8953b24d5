"""Passkeys: one's own, and signing in by one."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actions import passkeys
from accounts.actions.signing_in import sign_in_with_passkey
from accounts.api.auth import opened_json
from accounts.api.views import OpenView, caller
from accounts.second_factor import bodies
from accounts.second_factor.serializers import passkey_json
from pulse.lib.addresses import client_address
from pulse.lib.pagination import page
from pulse.lib.rest import EmptyBody, checked_body


class Passkeys(APIView):
    def get(self, request: Request) -> Response:
        rows = caller(request)[0].passkeys.all()
        return Response(page(request._request, rows, order=["-created_at", "-id"], draw=passkey_json))

    def post(self, request: Request) -> Response:
        fields = checked_body(bodies.PasskeyBody, request)
        return Response(passkey_json(passkeys.add_passkey(session=caller(request)[1], **fields)), status=201)


class PasskeyCreationOptions(APIView):
    def post(self, request: Request) -> Response:
        fields = checked_body(bodies.PasswordBody, request)
        return Response({"options": passkeys.passkey_creation_options(session=caller(request)[1], **fields)})


class OnePasskey(APIView):
    def patch(self, request: Request, passkey_id: UUID) -> Response:
        fields = checked_body(bodies.PasskeyNameBody, request)
        user, _ = caller(request)
        return Response(passkey_json(passkeys.rename_passkey(user=user, passkey_id=passkey_id, **fields)))

    def delete(self, request: Request, passkey_id: UUID) -> Response:
        fields = checked_body(bodies.PasswordBody, request)
        passkeys.remove_passkey(session=caller(request)[1], passkey_id=passkey_id, **fields)
        return Response(status=204)


class PasskeyLoginOptions(OpenView):
    def post(self, request: Request) -> Response:
        checked_body(EmptyBody, request)
        return Response({"options": passkeys.passkey_request_options(address=client_address(request._request))})


class PasskeyLogin(OpenView):
    def post(self, request: Request) -> Response:
        fields = checked_body(bodies.PasskeyLoginBody, request)
        return Response(opened_json(sign_in_with_passkey(**fields, address=client_address(request._request))))
