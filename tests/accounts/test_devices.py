"""A person's devices: what they are called, where they were last, and how they want to be told."""

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

from accounts.models import DeviceSession, User
from tests.accounts.conftest import Program, browser_of, program_of
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


KEY = encoded(
    ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
)
AUTH = encoded(bytes(range(16)))
ENDPOINT = "https://push.example.com/send/abc?x=1"


def subscription(endpoint: Any = ENDPOINT, p256dh: Any = KEY, auth: Any = AUTH) -> dict[str, Any]:
    return {"endpoint": endpoint, "keys": {"p256dh": p256dh, "auth": auth}}


def own_session(program: Program) -> Any:
    return next(one for one in program.get("sessions").json()["results"] if one["current"])


def put_push(program: Program, body: Any) -> Any:
    return program.call("put", f"sessions/{own_session(program)['id']}/push", body)


def test_alice_sees_where_each_of_her_devices_was_last(alice: User) -> None:
    laptop = program_of(alice)
    phone = Program(address="198.51.100.7")
    phone.sign_in(alice, device_id="phone", platform="IOS")
    places = {one["platform"]: one["last_address"] for one in laptop.get("sessions").json()["results"]}
    assert places == {"CLI": "127.0.0.1", "IOS": "198.51.100.7"}
    page = browser_of(alice).get("/settings/devices").text
    assert "198.51.100.7" in page


def test_alice_calls_a_device_what_she_likes_and_nobody_elses(alice: User, bob: User) -> None:
    program, bobs = program_of(alice), program_of(bob)
    mine, his = own_session(program), own_session(bobs)
    renamed = program.patch(f"sessions/{mine['id']}", {"name": " Kitchen "})
    assert (renamed.status_code, renamed.json()) == (200, mine | {"name": "Kitchen"})
    assert own_session(program)["name"] == "Kitchen"
    assert program.patch(f"sessions/{his['id']}", {"name": "Mine"}).status_code == 404
    for bad in ({"name": ""}, {"name": "x" * 101}, {"name": None}, {"platform": "IOS"}, {}):
        assert program.patch(f"sessions/{mine['id']}", bad).status_code == 400
    assert own_session(bobs)["name"] == his["name"]


def test_a_browser_that_signs_in_again_keeps_the_name_it_was_given(alice: User) -> None:
    browser = browser_of(alice)
    session = DeviceSession.objects.get()
    assert browser.get(f"/settings/devices/{session.id}").status_code == 200
    saved = browser.post(f"/settings/devices/{session.id}", {"name": "Kitchen"}, follow=True)
    assert "This device is called Kitchen now" in saved.text
    refused = browser.post(f"/settings/devices/{session.id}", {"name": "\u200b"})
    assert (refused.status_code, "A name needs something to read" in refused.text) == (400, True)
    # Its cookies' session ran out; that it is the same browser, another cookie says.
    del browser.cookies[settings.SESSION_COOKIE_NAME]
    assert browser.post("/login", {"email": alice.email, "password": PASSWORD}).status_code == 302
    assert [one.name for one in DeviceSession.objects.all()] == ["Kitchen"]
    assert not DeviceSession.objects.filter(pk=session.pk).exists()


def test_nobody_opens_another_persons_device(alice: User, bob: User) -> None:
    program_of(bob)
    session = DeviceSession.objects.get()
    browser = browser_of(alice)
    assert browser.get(f"/settings/devices/{session.id}").status_code == 404
    assert browser.post(f"/settings/devices/{session.id}", {"name": "Mine"}).status_code == 404


def test_a_device_subscribes_and_thinks_better_of_it(alice: User) -> None:
    program = program_of(alice)
    assert own_session(program)["push"] is False
    assert put_push(program, subscription()).status_code == 204
    assert own_session(program)["push"] is True
    assert DeviceSession.objects.get().push == subscription()
    assert put_push(program, subscription("https://updates.push.services.example:443/x", KEY + "=")).status_code == 204
    for _ in range(2):
        assert program.delete(f"sessions/{own_session(program)['id']}/push").status_code == 204
    assert own_session(program)["push"] is False


def test_nobody_subscribes_another_persons_device(alice: User, bob: User) -> None:
    program, bobs = program_of(alice), program_of(bob)
    his = own_session(bobs)["id"]
    assert put_push(bobs, subscription()).status_code == 204
    assert program.call("put", f"sessions/{his}/push", subscription()).status_code == 404
    assert program.delete(f"sessions/{his}/push").status_code == 404
    assert own_session(bobs)["push"] is True


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.example.com/x", "//push.example.com/x", "https://", "https:///x", "ftp://push.example.com", "",
        "https://localhost/x", "https://push.localhost/x", "https://printer/x", "https://db.internal/x", "https://a.local/",
        "https://127.0.0.1/x", "https://10.0.0.1/x", "https://192.168.1.1/", "https://169.254.169.254/latest", "https://0/",
        "https://[::1]/x", "https://[fe80::1]/x", "https://[fd00::1]/", "https://[::ffff:10.0.0.1]/", "https://[::]/x",
        "https://[2002:7f00:1::]/x", "https://224.0.0.1/", "https://2130706433/", "https://0x7f.0.0.1/", "https://127.1/",
        "https://[64:ff9b::7f00:1]/", "https://[64:ff9b:1::a00:1]/", "https://[::a00:1]/", "https://[::ffff:0:a00:1]/",
        "https://[fec0::1]/", "https://192.0.0.8/", "https://localhost.localdomain/", "https://db.corp/", "https://nas.home/",
        "https://kubernetes.default.svc/",
        "https://user@push.example.com/x", "https://push.example.com:8443/x", "https://push.example.com:80/x",
        "https://push.example.com:x/", "https://push.example.com/x#y", "https://push.example.com/x y", "https://ex\u00e4mple.com/",
        "https://push.example.com\\@localhost/", "https://push.example.com./x", "https://-a.example.com/", "https://a..com/",
        "https://push.example.com/" + "x" * 2000, "https://push.example.com/\x00",
    ],
)  # fmt: skip
def test_only_a_public_push_service_is_an_endpoint(alice: User, endpoint: str) -> None:
    program = program_of(alice)
    answer = put_push(program, subscription(endpoint))
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["endpoint"])
    assert own_session(program)["push"] is False


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (subscription(p256dh=encoded(b"\x04" + bytes(64))), ["keys.p256dh"]),
        (subscription(p256dh=encoded(bytes(65))), ["keys.p256dh"]),
        (subscription(p256dh=KEY[:-2]), ["keys.p256dh"]),
        (subscription(auth=encoded(bytes(15))), ["keys.auth"]),
        (subscription(auth="+/" + AUTH[2:]), ["keys.auth"]),
        (subscription(p256dh="", auth=""), ["keys.p256dh", "keys.auth"]),
        (subscription(p256dh=5), ["keys.p256dh"]),
        ({"endpoint": ENDPOINT}, ["keys"]),
        ({"endpoint": ENDPOINT, "keys": []}, ["keys.non_field_errors"]),
        (subscription() | {"ttl": 5}, ["ttl"]),
    ],
)
def test_a_subscription_without_its_keys_is_none(alice: User, body: Any, fields: list[str]) -> None:
    answer = put_push(program_of(alice), body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, fields)
