"""The office's door for programs: closing an account, and taking its data along."""

from __future__ import annotations

from django.http import StreamingHttpResponse
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from pulse.lib.encoding import iso
from pulse.lib.rest import EmptyBody, StrictSerializer, TextField, checked_body
from pulse.office.closing import close_account
from pulse.office.exporting.actions import request_export
from pulse.office.exporting.download import start_download
from pulse.office.models import PersonalExport


class CloseBody(StrictSerializer):
    password = TextField(max_length=2000)


class CloseMe(APIView):
    """``DELETE me``. The wiring makes it one path with what accounts do at ``me``."""

    def delete(self, request: Request) -> Response:
        fields = checked_body(CloseBody, request)
        close_account(user=_caller(request), password=fields["password"])
        return Response(status=204)


class MyExport(APIView):
    def get(self, request: Request) -> StreamingHttpResponse:
        download = start_download(user=_caller(request))
        return StreamingHttpResponse(
            download,
            content_type="application/zip",
            headers={
                "Content-Disposition": f'attachment; filename="{download.name}"',
                "Cache-Control": "private, no-store",
                # A proxy that gathers the whole answer first would undo the streaming.
                "X-Accel-Buffering": "no",
            },
        )

    def post(self, request: Request) -> Response:
        checked_body(EmptyBody, request)
        return Response(export_json(request_export(user=_caller(request))), status=202)


def export_json(export: PersonalExport) -> dict[str, object]:
    return {
        "id": str(export.id),
        "state": export.state,
        "size": export.size,
        "created_at": iso(export.created_at),
        "expires_at": iso(export.expires_at),
    }


def _caller(request: Request) -> User:
    assert isinstance(request.user, User)  # for mypy: IsAuthenticated has seen to it
    return request.user
