"""The authenticator app, its recovery codes, and the devices that do without."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actions import second_factor, trust
from accounts.api.views import caller
from accounts.second_factor import bodies
from accounts.second_factor.serializers import second_factor_json, trusted_device_json
from pulse.lib.pagination import page
from pulse.lib.rest import checked_body


class SecondFactor(APIView):
    def get(self, request: Request) -> Response:
        return Response(second_factor_json(caller(request)[0]))


class Totp(APIView):
    def post(self, request: Request) -> Response:
        fields = checked_body(bodies.PasswordBody, request)
        setup = second_factor.begin_authenticator(session=caller(request)[1], **fields)
        return Response({"secret": setup.secret, "uri": setup.uri, "qr_svg": setup.qr_svg}, status=201)

    def delete(self, request: Request) -> Response:
        fields = checked_body(bodies.PasswordBody, request)
        second_factor.remove_authenticator(session=caller(request)[1], **fields)
        return Response(status=204)


class ConfirmTotp(APIView):
    def post(self, request: Request) -> Response:
        fields = checked_body(bodies.CodeBody, request)
        codes = second_factor.confirm_authenticator(session=caller(request)[1], **fields)
        return Response({"recovery_codes": codes})


class RecoveryCodes(APIView):
    def post(self, request: Request) -> Response:
        fields = checked_body(bodies.PasswordBody, request)
        codes = second_factor.replace_recovery_codes(session=caller(request)[1], **fields)
        return Response({"recovery_codes": codes})


class TrustedDevices(APIView):
    def get(self, request: Request) -> Response:
        rows = caller(request)[0].trusted_devices.all()
        return Response(page(request._request, rows, order=["-created_at", "-id"], draw=trusted_device_json))

    def delete(self, request: Request) -> Response:
        trust.forget_trusted_devices(user=caller(request)[0])
        return Response(status=204)


class OneTrustedDevice(APIView):
    def delete(self, request: Request, device_id: UUID) -> Response:
        trust.forget_trusted_device(user=caller(request)[0], device_id=device_id)
        return Response(status=204)
