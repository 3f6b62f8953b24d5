"""What the accounts' doors answer. In order: anonymous, stranger, removed, blocked, member, admin, staff."""

from tests.matrix.rows import Row

# Open to all: what they hold is checked by their own tests.
OPEN = [
    Row("GET config", "200"),
    Row(
        "POST auth/register",
        "202",
        {"name": "Nora", "email": "nora@example.org", "password": "seven herons on the pier"},
    ),
    Row("POST auth/verify-email", "400", {"token": "guessed"}),
    Row("POST auth/resend-verification", "202", {"email": "alice@example.org"}),
    Row("POST auth/password-reset", "202", {"email": "alice@example.org"}),
    Row("POST auth/password-reset/confirm", "400", {"token": "guessed", "password": "seven herons on the pier"}),
    Row(
        "POST auth/login",
        "401",
        {"email": "alice@example.org", "password": "guessed wrongly", "device_id": "d", "platform": "CLI"},
    ),
]

OWN = [
    Row("POST auth/logout", "401 204 204 204 204 204 204"),
    Row("POST auth/socket-ticket", "401 201 201 201 201 201 201"),
    Row("GET me", "401 200 200 200 200 200 200"),
    Row("PATCH me", "401 200 200 200 200 200 200", {"about": "Here"}),
    Row("GET sessions", "401 200 200 200 200 200 200"),
    Row("DELETE sessions", "401 204 204 204 204 204 204"),
    Row("DELETE sessions/{own_session}", "401 204 204 204 204 204 204"),
    Row("DELETE sessions/{alices_session}", "401 404 404 404 404 404 404"),
]

# Whoever has the session and not the password changes nothing.
WITH_THE_PASSWORD = [
    Row(
        "POST auth/password",
        "401 400 400 400 400 400 400",
        {"current_password": "guessed wrongly", "new_password": "seven herons on the pier"},
    ),
    Row("POST auth/email", "401 400 400 400 400 400 400", {"password": "guessed wrongly", "email": "x@example.org"}),
    Row(
        "POST /settings/account/password",
        "login 400 400 400 400 400 400",
        {"current_password": "guessed wrongly", "new_password": "seven herons on the pier"},
    ),
    Row(
        "POST /settings/account/email",
        "login 400 400 400 400 400 400",
        {"password": "guessed wrongly", "email": "x@example.org"},
    ),
]

OTHERS = [
    Row("GET users?q=Al", "401 200 200 200 200 200 200"),
    # What the blocked are told of her is nothing at all.
    Row("GET users/{alice}", "401 200 200 404 200 200 200"),
    Row("GET users/{me}", "401 200 200 200 200 200 200"),
]

PAGES = [
    Row("GET /signup", "200 302 302 302 302 302 302"),
    Row("POST /signup", "400 302 302 302 302 302 302", {"name": "Nora"}),
    Row("GET /login", "200 302 302 302 302 302 302"),
    Row("POST /login", "401 302 302 302 302 302 302", {"email": "alice@example.org", "password": "guessed wrongly"}),
    Row("POST /logout", "302"),
    Row("GET /verify", "200"),
    Row("POST /verify", "302", {"email": "alice@example.org"}),
    Row("GET /verify/guessed", "200"),
    Row("POST /verify/guessed", "400"),
    Row("GET /password-reset", "200"),
    Row("POST /password-reset", "302", {"email": "alice@example.org"}),
    Row("GET /password-reset/guessed", "400"),
    Row("POST /password-reset/guessed", "400", {"password": "seven herons on the pier"}),
    Row("GET /settings/account", "login 200 200 200 200 200 200"),
    Row("POST /settings/account/email/cancel", "login 302 302 302 302 302 302"),
    Row("GET /settings/account/email", "login 302 302 302 302 302 302"),
    Row("GET /settings/account/password", "login 302 302 302 302 302 302"),
    Row("GET /settings", "login 200 200 200 200 200 200"),
    Row("GET /settings/profile", "login 200 200 200 200 200 200"),
    Row("POST /settings/profile", "login 302 302 302 302 302 302", {"name": "Somebody"}),
    Row("GET /settings/devices", "login 200 200 200 200 200 200"),
    Row("POST /settings/devices/end-others", "login 302 302 302 302 302 302"),
    Row("POST /settings/devices/{own_session}/end", "login 302 302 302 302 302 302"),
    Row("POST /settings/devices/{alices_session}/end", "login 302 302 302 302 302 302"),
    # The suite's server is meant for one machine, and asks come from it.
    Row("GET /dev/mail", "404"),
    Row("GET /dev/mail/0190a1b2-0000-7000-8000-000000000000", "404"),
    Row("GET /dev/mail/0190a1b2-0000-7000-8000-000000000000/html", "404"),
]

ROWS = [*OPEN, *OWN, *WITH_THE_PASSWORD, *OTHERS, *PAGES]
