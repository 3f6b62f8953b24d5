"""What the API's bodies about second factors may hold."""

from rest_framework import serializers

from accounts.bodies import ANY_LENGTH
from accounts.rules import DEVICE_ID_MAX_CHARACTERS, PASSWORD_MAX_CHARACTERS
from pulse.lib.rest import StrictSerializer, TextField


class PasswordBody(StrictSerializer):
    password = TextField(max_length=PASSWORD_MAX_CHARACTERS)


class CodeBody(StrictSerializer):
    code = TextField(max_length=100)


class PasskeyBody(StrictSerializer):
    # As the browser's toJSON() writes it; what is in it, the library reads.
    credential = serializers.DictField()
    name = TextField(max_length=ANY_LENGTH)


class PasskeyNameBody(StrictSerializer):
    name = TextField(max_length=ANY_LENGTH)


class PasskeyLoginBody(StrictSerializer):
    credential = serializers.DictField()
    device_id = TextField(max_length=DEVICE_ID_MAX_CHARACTERS)
    platform = TextField(max_length=100)
    name = TextField(max_length=ANY_LENGTH, required=False, allow_blank=True, default="")
