"""What the API's bodies may hold. Shapes only: what a name or a password must be, the actions know."""

from rest_framework import serializers

from accounts.rules import DEVICE_ID_MAX_CHARACTERS, PASSWORD_MAX_CHARACTERS
from pulse.lib.rest import FlagField, StrictSerializer, TextField

# Beyond any rule's own bound, whose message is better.
ANY_LENGTH = 2000


class RegisterBody(StrictSerializer):
    name = TextField(max_length=ANY_LENGTH)
    email = TextField(max_length=ANY_LENGTH)
    password = TextField(max_length=ANY_LENGTH)
    invitation = TextField(max_length=200, required=False, allow_blank=True, default="")


class VerifyEmailBody(StrictSerializer):
    token = TextField(max_length=200)


class ResendVerificationBody(StrictSerializer):
    email = TextField(max_length=ANY_LENGTH)


class PasswordResetBody(StrictSerializer):
    email = TextField(max_length=ANY_LENGTH)


class NewPasswordBody(StrictSerializer):
    token = TextField(max_length=200)
    password = TextField(max_length=ANY_LENGTH)


class ChangePasswordBody(StrictSerializer):
    current_password = TextField(max_length=ANY_LENGTH)
    new_password = TextField(max_length=ANY_LENGTH)


class ChangeEmailBody(StrictSerializer):
    password = TextField(max_length=ANY_LENGTH)
    email = TextField(max_length=ANY_LENGTH)


class LoginBody(StrictSerializer):
    email = TextField(max_length=ANY_LENGTH)
    password = TextField(max_length=PASSWORD_MAX_CHARACTERS)
    device_id = TextField(max_length=DEVICE_ID_MAX_CHARACTERS)
    platform = TextField(max_length=100)
    name = TextField(max_length=ANY_LENGTH, required=False, allow_blank=True, default="")
    # Six digits of the authenticator app, or a recovery code; or what the device was given instead the last time.
    code = TextField(max_length=100, required=False, allow_blank=True, default="")
    trust_token = TextField(max_length=100, required=False, allow_blank=True, default="")
    remember = FlagField(required=False, default=False)


class ProfileBody(StrictSerializer):
    name = TextField(max_length=ANY_LENGTH, required=False)
    about = TextField(max_length=ANY_LENGTH, required=False, allow_blank=True)
    # What may be in it, accounts/preferences.py knows.
    preferences = serializers.JSONField(required=False)
