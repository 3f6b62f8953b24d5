"""The devices somebody is signed in on."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import actions
from accounts.api.views import caller, sign_out_caller
from accounts.serializers import session_json
from pulse.lib.errors import NotThere
from pulse.lib.pagination import page


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
            sign_out_caller(request, current)
        else:
            actions.end_session(session=session)
        return Response(status=204)
