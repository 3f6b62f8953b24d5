"""The pictures of people and of groups, for whoever is signed in."""

from __future__ import annotations

import re

from django.core.files.storage import default_storage
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actions.avatars import change_avatar, remove_avatar
from accounts.api.views import caller
from accounts.serializers import me_json
from media.actions.avatars import avatar_file
from pulse.lib.errors import NotThere
from pulse.lib.stored_files import is_ours_to_send
from pulse.lib.uploads import FILE_PARSERS, sent_file

# What lies behind a key never changes: a new picture has a new one.
FOR_EVER = "private, max-age=31536000, immutable"
# A signed URL lives an hour; the way to it is kept for less.
FOR_A_WHILE = "private, max-age=1800"


class MyAvatar(APIView):
    parser_classes = FILE_PARSERS

    def put(self, request: Request) -> Response:
        user, _ = caller(request)
        with sent_file(request) as (source, declared):
            return Response(me_json(change_avatar(user=user, source=source, declared=declared)))

    def delete(self, request: Request) -> Response:
        remove_avatar(user=caller(request)[0])
        return Response(status=204)


class Avatar(APIView):
    """Not below /api/: pages show it as well, and its address stands in answers."""

    def get(self, request: Request, key: str, *, small: bool = False) -> HttpResponseBase:
        if re.fullmatch("[0-9a-f]{32}", key) is None:
            raise NotThere
        name = avatar_file(key, small=small)
        if not is_ours_to_send(name):
            return HttpResponseRedirect(default_storage.url(name), headers={"Cache-Control": FOR_A_WHILE})
        try:
            with default_storage.open(name) as file:
                webp = file.read()
        except FileNotFoundError as error:
            raise NotThere from error
        headers = {"Cache-Control": FOR_EVER, "ETag": f'"{key}{"-small" if small else ""}"'}
        response = HttpResponse(webp, content_type="image/webp", headers=headers)
        return get_conditional_response(request._request, etag=headers["ETag"], response=response) or response
