"""The pictures people show of themselves: at the API, on the page, and to whom."""

from collections.abc import Callable
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from accounts.actions.avatars import change_avatar
from accounts.models import User
from chat import actions
from tests.accounts.conftest import Answer, Program, browser_of, program_of
from tests.media.pictures import BLUE, RED, is_nearly, opened, picture
from tests.together import at_once

pytestmark = pytest.mark.django_db

Work = Callable[[], Any]


@pytest.fixture(autouse=True)
def own_storage(settings: Settings, tmp_path: Path) -> None:
    """Files of this test alone."""
    settings.MEDIA_ROOT = tmp_path


def key_of(user: User) -> str:
    """By which a picture's address knows it."""
    user.refresh_from_db()
    return str(user.avatar.name).removeprefix("avatars/").removesuffix(".webp")


def put(program: Program, data: bytes, *, type: str = "image/png", name: str = "me.png", **others: str) -> Answer:
    """As curl -F does it."""
    parts = [("file", f'; filename="{name}"\r\nContent-Type: {type}', data)]
    parts += [(field, "", value.encode()) for field, value in others.items()]
    body = b"".join(
        b'--xyz\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n' % (field.encode(), rest.encode(), content)
        for field, rest, content in parts
    )
    return put_raw(program, body + b"--xyz--\r\n", type="multipart/form-data; boundary=xyz")


def put_raw(program: Program, data: bytes, *, type: str = "image/png") -> Answer:
    headers = {"authorization": f"Bearer {program.token}"}
    return program.client.put("/api/v1/me/avatar", data, content_type=type, headers=headers)


def shown(program: Program, url: str) -> Any:
    answer = program.client.get(url, headers={"authorization": f"Bearer {program.token}"})
    assert (answer.status_code, answer["Content-Type"], answer["X-Content-Type-Options"]) == (
        200,
        "image/webp",
        "nosniff",
    )
    return opened(answer.content)


def test_alice_shows_a_picture_and_bob_sees_it_everywhere(alice: User, bob: User) -> None:
    hers, his = program_of(alice), program_of(bob)
    answer = put(hers, picture("JPEG", size=(900, 600)), type="image/jpeg")
    assert answer.status_code == 200
    url = answer.json()["avatar_url"]
    assert answer.json()["email"] == alice.email
    assert url.startswith("/avatars/")
    assert (shown(his, url).size, shown(his, f"{url}/small").size) == ((512, 512), (128, 128))

    chat, _ = actions.open_direct(actor=alice, peer_id=bob.id)
    actions.send_message(actor=alice, conversation_id=chat.id, content="Hello")
    assert his.get(f"users/{alice.id}").json()["avatar_url"] == url
    assert his.get("conversations").json()["results"][0]["avatar_url"] == url
    assert his.get(f"conversations/{chat.id}/messages").json()["results"][0]["sender"]["avatar_url"] == url
    page = browser_of(bob).get(f"/chats/{chat.id}").text
    assert page.count(f'<img src="{url}/small"') >= 3, "in the list, in the header and beside the message"


def test_a_picture_may_be_the_whole_body(alice: User) -> None:
    program = program_of(alice)
    answer = put_raw(program, picture("WEBP", color=BLUE), type="image/webp")
    assert answer.status_code == 200
    assert is_nearly(shown(program, answer.json()["avatar_url"]).getpixel((256, 256)), BLUE)


def test_a_new_picture_has_a_new_address_and_the_old_one_is_gone(alice: User, work: Work) -> None:
    program = program_of(alice)
    with work():
        before = put(program, picture()).json()["avatar_url"]
    with work():
        after = put(program, picture(color=BLUE)).json()["avatar_url"]
    assert before != after
    assert program.client.get(before, headers={"authorization": f"Bearer {program.token}"}).status_code == 404
    assert is_nearly(shown(program, f"{after}/small").getpixel((64, 64)), BLUE)

    with work():
        assert program.delete("me/avatar").status_code == 204
        assert program.delete("me/avatar").status_code == 204
    assert program.get("me").json()["avatar_url"] is None
    assert default_storage.listdir("avatars")[1] == []


def test_only_who_is_signed_in_is_shown_pictures(alice: User, bob: User) -> None:
    url = put(program_of(alice), picture()).json()["avatar_url"]
    assert Client().get(url).status_code == 401
    assert Client().get(url, headers={"authorization": "Bearer nonsense"}).status_code == 401
    browser = browser_of(bob)
    first = browser.get(url)
    assert first["Cache-Control"] == "private, max-age=31536000, immutable"
    again = browser.get(url, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    for unknown in (f"/avatars/{'0' * 32}", "/avatars/..", "/avatars/%00", "/avatars/x/small", f"{url}/large"):
        assert browser.get(unknown).status_code == 404, unknown


@pytest.mark.parametrize(
    ("data", "type", "status", "code"),
    [
        (b"", "image/png", 400, "invalid"),
        (b"<html>", "image/png", 415, "unsupported_media_type"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml", 415, "unsupported_media_type"),
        (picture("PNG"), "image/jpeg", 415, "unsupported_media_type"),
        (picture("PNG")[:80], "image/png", 415, "unsupported_media_type"),
        (picture("PNG") + bytes(8 * 1024 * 1024), "image/png", 413, "too_large"),
        (bytes(9 * 1024 * 1024), "image/png", 413, "too_large"),
    ],
    ids=["empty", "html", "svg", "another kind", "half", "padded", "huge"],
)
def test_what_is_no_picture_is_refused_and_nothing_is_kept(
    alice: User, data: bytes, type: str, status: int, code: str
) -> None:
    program = program_of(alice)
    for answer in (put(program, data, type=type), put_raw(program, data, type=type)):
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert program.get("me").json()["avatar_url"] is None
    assert not default_storage.exists("avatars") or default_storage.listdir("avatars")[1] == []


def test_what_else_a_body_may_hold_is_named(alice: User) -> None:
    program = program_of(alice)
    assert put(program, picture(), owner="bob").json()["errors"] == {
        "owner": ["This field isn’t known or can’t be set."]
    }
    assert put_raw(program, b"", type="image/png").json()["errors"] == {"file": ["Choose a file."]}
    assert program.call("put", "me/avatar", {"file": "x"}).status_code == 415
    assert Program().call("put", "me/avatar", {}).status_code == 401


def test_thirty_changes_an_hour_are_enough(alice: User, rate_limits: None) -> None:
    program = program_of(alice)
    answers = [put(program, b"no picture").status_code for _ in range(31)]
    assert (answers[:30], answers[30]) == ([415] * 30, 429)


def test_alice_changes_her_picture_on_the_page_without_a_script(alice: User) -> None:
    browser = browser_of(alice)
    # A photo saved from the web often has another kind's name; a person can't know.
    sent = {"file": SimpleUploadedFile("holiday.jpg", picture("WEBP"), content_type="image/jpeg")}
    answer = browser.post("/settings/profile/avatar", sent, follow=True)
    assert answer.redirect_chain == [("/settings/profile", 302)]
    assert "Your picture is saved" in answer.text
    assert f'<img src="/avatars/{key_of(alice)}"' in answer.text

    refused = browser.post("/settings/profile/avatar", {"file": SimpleUploadedFile("x.png", b"no")})
    assert refused.status_code == 415
    assert "Choose a JPEG, PNG, GIF, WebP or AVIF image." in refused.text
    assert browser.post("/settings/profile/avatar", {}).status_code == 400
    removed = browser.post("/settings/profile/avatar", {"remove": "1"}, follow=True)
    assert "Your initials are shown" in removed.text
    alice.refresh_from_db()
    assert not alice.avatar


def test_a_file_that_is_too_large_is_answered_by_a_page(alice: User) -> None:
    sent = {"file": SimpleUploadedFile("x.png", picture() + bytes(9 * 1024 * 1024))}
    answer = browser_of(alice).post("/settings/profile/avatar", sent, headers={"accept": "text/html,*/*"})
    assert (answer.status_code, "at most 8 MB" in answer.text) == (413, True)


def test_another_site_cannot_change_her_picture(alice: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    browser.get("/settings/profile")
    sent = {"file": SimpleUploadedFile("x.png", picture())}
    assert browser.post("/settings/profile/avatar", sent).status_code == 403
    token = browser.cookies["pulse_csrf"].value if "pulse_csrf" in browser.cookies else ""
    with_token = {"file": SimpleUploadedFile("x.png", picture()), "csrfmiddlewaretoken": token}
    assert browser.post("/settings/profile/avatar", with_token).status_code == 302
    alice.refresh_from_db()
    assert alice.avatar


def test_a_bucket_serves_what_it_keeps_for_as_long_as_a_link_to_it_lives(alice: User, settings: Settings) -> None:
    keys = {"access_key": "a", "secret_key": "s", "bucket_name": "pulse", "endpoint_url": "http://127.0.0.1:9"}
    s3 = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": keys | {"querystring_auth": True}}
    settings.STORAGES = settings.STORAGES | {"default": s3}
    answer = browser_of(alice).get(f"/avatars/{'ab' * 16}/small")
    assert (answer.status_code, answer["Cache-Control"]) == (302, "private, max-age=1800")
    assert answer["Location"].startswith(f"http://127.0.0.1:9/pulse/avatars/{'ab' * 16}-small.webp?")
    assert "Signature=" in answer["Location"]
    assert Client().get(f"/avatars/{'ab' * 16}").status_code == 401


@pytest.mark.parametrize(
    ("body", "type"),
    [
        (b'--x\r\nContent-Disposition: form-data; name="note"\r\n\r\n' + b"x" * 300_000 + b"\r\n--x--\r\n", "x"),
        (
            b"".join(b'--x\r\nContent-Disposition: form-data; name="n"\r\n\r\n1\r\n' for _ in range(1_500))
            + b"--x--\r\n",
            "x",
        ),
        (b"nothing like a form", "x"),
        (b"--x\r\n", ""),
        (
            b"--x\r\nContent-Disposition: form-data; name=f; filename=x\r\nContent-Transfer-Encoding: base64\r\n\r\n%",
            "x",
        ),
    ],
    ids=["long field", "many fields", "no form", "no boundary", "no base64"],
)
def test_no_form_breaks_the_door(alice: User, body: bytes, type: str) -> None:
    program = program_of(alice)
    boundary = f"; boundary={type}" if type else ""
    assert put_raw(program, body, type=f"multipart/form-data{boundary}").status_code in {400, 415}


def test_a_missing_file_leaves_initials_and_the_page_whole(alice: User) -> None:
    alice = change_avatar(user=alice, source=BytesIO(picture(color=RED)))
    default_storage.delete(str(alice.avatar.name))
    browser = browser_of(alice)
    page = browser.get("/settings/profile")
    assert (page.status_code, browser.get(f"/avatars/{key_of(alice)}").status_code) == (200, 404)
    assert 'aria-hidden="true">A<img' in page.text


@pytest.mark.django_db(transaction=True)
def test_of_pictures_that_come_at_once_one_is_worn_and_no_other_is_kept(alice: User) -> None:
    colors = (RED, BLUE, RED, BLUE)
    at_once([partial(change_avatar, user=alice, source=BytesIO(picture(color=color))) for color in colors])
    key = key_of(alice)
    assert sorted(default_storage.listdir("avatars")[1]) == [f"{key}-small.webp", f"{key}.webp"]
