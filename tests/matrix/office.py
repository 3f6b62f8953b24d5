"""What the office's doors answer. In order: anonymous, stranger, removed, blocked, member, admin, staff."""

from tests.matrix.rows import Row
from tests.matrix.world import PASSWORD

ROWS = [
    Row("DELETE me", "401 204 204 204 204 204 204", {"password": PASSWORD}),
    Row("GET me/export", "401 200 200 200 200 200 200"),
    Row("POST me/export", "401 202 202 202 202 202 202"),
    Row("GET /settings/data", "login 200 200 200 200 200 200"),
    Row("POST /settings/data/export", "login 302 302 302 302 302 302"),
    # Alice's: nobody else learns that it is there.
    Row("GET /settings/data/export/{alices_export}", "login 404 404 404 404 404 404"),
    Row("GET /settings/data/close", "login 200 200 200 200 200 200"),
    Row("POST /settings/data/close", "login 302 302 302 302 302 302", {"password": PASSWORD}),
    Row("GET /account-closed", "200"),
]
