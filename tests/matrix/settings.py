"""What the doors to profiles, devices and settings answer. In order: anonymous, stranger, removed, blocked, member,
admin, staff."""

from tests.matrix.rows import Row

PAGE = "login 200 200 200 200 200 200"
SAVED = "login 302 302 302 302 302 302"
HIDDEN = "login 404 404 404 404 404 404"
DONE = "401 204 204 204 204 204 204"
NONE = "401 404 404 404 404 404 404"
# A point of the curve, and sixteen bytes.
P256DH = "BGsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"
PUSH = {"endpoint": "https://push.example.com/x", "keys": {"p256dh": P256DH, "auth": "AAECAwQFBgcICQoLDA0ODw"}}
PICTURE = "0" * 32

ROWS = [
    Row("PUT me/avatar", "401 415 415 415 415 415 415", {"file": "text"}),
    Row("DELETE me/avatar", DONE),
    # Nobody's; whose there are, everybody who is signed in may see.
    Row(f"GET /avatars/{PICTURE}", NONE),
    Row(f"GET /avatars/{PICTURE}/small", NONE),
    Row("PATCH sessions/{own_session}", "401 200 200 200 200 200 200", {"name": "Kitchen"}),
    Row("PATCH sessions/{alices_session}", NONE, {"name": "Mine"}),
    Row("PUT sessions/{own_session}/push", DONE, PUSH),
    Row("PUT sessions/{alices_session}/push", NONE, PUSH),
    Row("DELETE sessions/{own_session}/push", DONE),
    Row("DELETE sessions/{alices_session}/push", NONE),
    Row("POST /settings/profile/avatar", SAVED, {"remove": "1"}),
    Row("GET /settings/devices/{own_session}", PAGE),
    Row("GET /settings/devices/{alices_session}", HIDDEN),
    Row("POST /settings/devices/{own_session}", SAVED, {"name": "Kitchen"}),
    Row("POST /settings/devices/{alices_session}", HIDDEN, {"name": "Mine"}),
    Row("GET /settings/appearance", PAGE),
    Row("POST /settings/appearance", SAVED, {"theme": "dark", "language": "de"}),
    Row("GET /settings/notifications", PAGE),
    Row("POST /settings/notifications", SAVED, {"sound": "on"}),
    # What the blocked are told of her is nothing at all.
    Row("GET /people/{alice}", "login 200 200 404 200 200 200"),
    Row("GET /people/{me}", PAGE),
]
