"""What the doors to second factors answer. In order: anonymous, stranger, removed, blocked, member, admin, staff."""

from tests.matrix.rows import Row

ALL = "401 200 200 200 200 200 200"
NONE = "401 404 404 404 404 404 404"
GONE = "401 204 204 204 204 204 204"
WRONG = "401 400 400 400 400 400 400"
PASSWORD = {"password": "correct horse battery"}
# Nobody's passkey answered this.
CREDENTIAL = {"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {}}

API = [
    Row("POST auth/passkey/options", "200"),
    Row("POST auth/passkey", "401", {"credential": CREDENTIAL, "device_id": "d", "platform": "CLI"}),
    Row("GET me/second-factor", ALL),
    Row("POST me/totp", "401 201 201 201 201 201 201", PASSWORD),
    Row("DELETE me/totp", NONE, PASSWORD),
    Row("POST me/totp/confirm", "401 409 409 409 409 409 409", {"code": "123456"}),
    Row("POST me/recovery-codes", "401 409 409 409 409 409 409", PASSWORD),
    Row("GET me/trusted-devices", ALL),
    Row("DELETE me/trusted-devices", GONE),
    Row("DELETE me/trusted-devices/{alices_trusted_device}", NONE),
    Row("GET me/passkeys", ALL),
    Row("POST me/passkeys", WRONG, {"credential": CREDENTIAL, "name": "Phone"}),
    Row("POST me/passkeys/options", ALL, PASSWORD),
    Row("PATCH me/passkeys/{alices_passkey}", NONE, {"name": "Mine"}),
    Row("DELETE me/passkeys/{alices_passkey}", NONE, PASSWORD),
]

SHOWN = "login 200 200 200 200 200 200"
LED_ON = "login 302 302 302 302 302 302"
ABSENT = "login 404 404 404 404 404 404"

PAGES = [
    # Who is signed in has no second step to take, and who is not has no first one behind them.
    Row("GET /login/second", "login 302 302 302 302 302 302"),
    Row("POST /login/second", "login 302 302 302 302 302 302", {"code": "123456"}),
    Row("POST /login/second/passkey-options", "401"),
    Row("POST /login/passkey", "401 302 302 302 302 302 302", {"credential": "null"}),
    Row("GET /settings/security", SHOWN),
    Row("GET /settings/security/authenticator", SHOWN),
    Row("POST /settings/security/authenticator", LED_ON, PASSWORD),
    Row("GET /settings/security/authenticator/confirm", LED_ON),
    Row("POST /settings/security/authenticator/confirm", LED_ON, {"code": "123456"}),
    Row("GET /settings/security/authenticator/remove", SHOWN),
    Row("POST /settings/security/authenticator/remove", LED_ON, PASSWORD),
    Row("GET /settings/security/recovery-codes", SHOWN),
    Row("POST /settings/security/recovery-codes", LED_ON, PASSWORD),
    Row("GET /settings/security/passkeys/new", SHOWN),
    Row("GET /settings/security/passkeys/{alices_passkey}", ABSENT),
    Row("POST /settings/security/passkeys/{alices_passkey}", ABSENT, {"name": "Mine"}),
    Row("GET /settings/security/passkeys/{alices_passkey}/remove", ABSENT),
    Row("POST /settings/security/passkeys/{alices_passkey}/remove", ABSENT, PASSWORD),
    Row("POST /settings/security/browsers/forget", LED_ON),
    # As for a device: a second press finds it gone already.
    Row("POST /settings/security/browsers/{alices_trusted_device}/forget", LED_ON),
]

ROWS = [*API, *PAGES]
