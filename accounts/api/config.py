"""What clients would otherwise hard-code."""

from django.conf import settings
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import OpenView
from accounts.rules import (
    ABOUT_MAX_CHARACTERS,
    DEVICE_ID_MAX_CHARACTERS,
    PASSWORD_MAX_CHARACTERS,
    PASSWORD_MIN_CHARACTERS,
)
from media.actions.avatars import AVATAR_MAX_BYTES
from pulse.lib.pagination import DEFAULT_LIMIT, MAX_LIMIT
from pulse.lib.text import MESSAGE_MAX_BYTES, MESSAGE_MAX_CHARACTERS, NAME_MAX_CHARACTERS
from pulse.realtime.socket import MAX_FRAME_BYTES


class Config(OpenView):
    def get(self, request: Request) -> Response:
        limits = {
            "message_characters": MESSAGE_MAX_CHARACTERS,
            "message_bytes": MESSAGE_MAX_BYTES,
            "name_characters": NAME_MAX_CHARACTERS,
            "about_characters": ABOUT_MAX_CHARACTERS,
            "password_min_characters": PASSWORD_MIN_CHARACTERS,
            "password_max_characters": PASSWORD_MAX_CHARACTERS,
            "device_id_characters": DEVICE_ID_MAX_CHARACTERS,
            "avatar_bytes": AVATAR_MAX_BYTES,
            "page": MAX_LIMIT,
            "page_default": DEFAULT_LIMIT,
            "frame_bytes": MAX_FRAME_BYTES,
        }
        features = {
            "registration": settings.REGISTRATION == "open",
            "registration_mode": settings.REGISTRATION,
            "push": False,
        }
        return Response({"version": 1, "limits": limits, "features": features, "push_key": None})
