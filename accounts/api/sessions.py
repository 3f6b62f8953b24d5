"""The devices somebody is signed in on."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import actions
from accounts.actions.devices import rename_session, subscribe_session, unsubscribe_session
from accounts.api.views import caller, sign_out_caller
from accounts.models import DeviceSession
from accounts.serializers import session_json
from pulse.lib.errors import NotThere
from pulse.lib.pagination import page
from pulse.lib.rest import StrictSerializer, TextField, checked_body


class NameBody(StrictSerializer):
    name = TextField(max_length=2000)


class KeysBody(StrictSerializer):
    p256dh = TextField(max_length=300)
    auth = TextField(max_length=300)


class PushBody(StrictSerializer):
    endpoint = TextField(max_length=10_000)
    keys = KeysBody()


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
    def patch(self, request: Request, session_id: UUID) -> Response:
        session = _own(request, session_id)
        renamed = rename_session(session=session, **checked_body(NameBody, request))
        return Response(session_json(renamed, current=caller(request)[1].pk))

    def delete(self, request: Request, session_id: UUID) -> Response:
        session = _own(request, session_id)
        if session == caller(request)[1]:
            sign_out_caller(request, session)
        else:
            actions.end_session(session=session)
        return Response(status=204)


class Push(APIView):
    """Where a device wants to hear of messages while no socket of its is open (Web Push)."""

    def put(self, request: Request, session_id: UUID) -> Response:
        session = _own(request, session_id)
        fields = checked_body(PushBody, request)
        subscribe_session(session=session, endpoint=fields["endpoint"], **fields["keys"])
        return Response(status=204)

    def delete(self, request: Request, session_id: UUID) -> Response:
        unsubscribe_session(session=_own(request, session_id))
        return Response(status=204)


def _own(request: Request, session_id: UUID) -> DeviceSession:
    """The caller's own session of this id; NotThere for anybody else's."""
    session: DeviceSession | None = caller(request)[0].device_sessions.filter(pk=session_id).first()
    if session is None:
        raise NotThere
    return session
