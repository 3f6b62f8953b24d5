"""A copy of one's own data: what is in it, and what is not."""

import io
import json
import tracemalloc
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.signals import request_finished
from django.db import close_old_connections
from django.utils import timezone

from accounts.actions import start_session
from accounts.models import Authenticator, Block, Invitation, Passkey, RecoveryCode, User
from chat import actions
from chat.models import Hidden, Message, Participant, Star
from groups.actions.membership import leave_group
from media.models import Media
from pulse.office.exporting.archive import zipped
from pulse.office.exporting.contents import contents, safe_name
from pulse.office.models import Report
from tests.accounts.conftest import Program, program_of
from tests.chat.conftest import fill, say
from tests.groups.conftest import make_group

pytestmark = pytest.mark.django_db

Files = dict[str, bytes]


def opened(data: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def export_of(user: User) -> Files:
    return opened(b"".join(zipped(contents(user))))


def lines(text: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def said(files: Files, conversation_id: object) -> list[str | None]:
    return [one["content"] for one in lines(files[f"conversations/{conversation_id}/messages.jsonl"])]


def hang_up(answer: Any) -> None:
    """Closes an answer as a server does, read or not; but leaves the test its database connection."""
    request_finished.disconnect(close_old_connections)
    try:
        answer.close()
    finally:
        request_finished.connect(close_old_connections)


def upload(user: User, data: bytes, name: str, **fields: Any) -> Media:
    stored = default_storage.save("media/file", ContentFile(data))
    usual = {"kind": "FILE", "status": "READY", "type": "application/pdf", "size": len(data)}
    return Media.objects.create(uploader=user, file=stored, name=name, **usual | fields)


def test_alice_downloads_a_zip_that_opens(alice: User, bob: User) -> None:
    direct = actions.open_direct_between(alice.id, bob.id)
    sent = [say(alice, direct, "Grüße 👋"), say(bob, direct, "مرحبا")]
    Star.objects.create(message_id=sent[1]["id"], user=alice)
    answer = program_of(alice).get("me/export")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    assert answer["Content-Disposition"] == f'attachment; filename="pulse-{timezone.localdate():%Y-%m-%d}.zip"'
    assert "no-store" in answer["Cache-Control"]
    files = opened(b"".join(answer.streaming_content))
    hang_up(answer)
    messages = lines(files[f"conversations/{direct.id}/messages.jsonl"])
    assert messages == [sent[0] | {"starred": False}, sent[1] | {"starred": True}]
    assert json.loads(files[f"conversations/{direct.id}/conversation.json"])["title"] == "Bob"
    people = lines(files[f"conversations/{direct.id}/participants.jsonl"])
    assert sorted(one["name"] for one in people) == ["Alice", "Bob"]
    assert "Alice" in files["README.txt"].decode()


def test_the_profile_has_facts_and_no_secrets(alice: User, bob: User) -> None:
    session, token = start_session(user=alice, device_id="d", platform="CLI", name="Laptop", address="192.0.2.7")
    now = timezone.now()
    Authenticator.objects.create(user=alice, secret="sealed-secret", confirmed_at=now)
    RecoveryCode.objects.create(user=alice, code="hash-of-a-code")
    RecoveryCode.objects.create(user=alice, code="hash-of-another", used_at=now)
    Passkey.objects.create(user=alice, credential_id="credential", public_key="public-key", name="Blue key")
    Block.objects.create(blocker=alice, blocked=bob)
    Invitation.objects.create(
        token="hash-of-a-link", email=bob.email, created_by=alice, expires_at=now + timedelta(days=1)
    )
    profile = json.loads(export_of(alice)["profile.json"])
    assert profile["me"]["email"] == "alice@example.org"
    (shown,) = profile["sessions"]
    assert (shown["name"], shown["last_address"]) == ("Laptop", "192.0.2.7")
    assert profile["blocks"][0]["user"] == {"id": str(bob.id), "name": "Bob"}
    assert profile["second_factor"]["recovery_codes_left"] == 1
    assert profile["second_factor"]["passkeys"][0]["name"] == "Blue key"
    assert profile["invitations"][0]["max_uses"] == 1
    text = json.dumps(profile)
    for secret in ("sealed-secret", "hash-of", "credential", "public-key", token, session.token, alice.password):
        assert secret not in text


def test_only_what_alice_may_see_is_in_it(alice: User, bob: User, charlie: User) -> None:
    group = make_group(bob, members=(alice, charlie))
    conversation = group.conversation
    before, theirs, hidden, deleted, expired = (
        say(bob, conversation, words) for words in ("Before you came", "For all", "Hide me", "Oops", "Gone soon")
    )
    Participant.objects.filter(conversation=conversation, user=alice).update(first_seq=2)
    Hidden.objects.create(message_id=hidden["id"], user=alice)
    Message.objects.filter(pk=deleted["id"]).update(content=None, deleted_at=timezone.now())
    Message.objects.filter(pk=expired["id"]).update(expires_at=timezone.now())
    left = make_group(bob, members=(alice, charlie), name="Left behind")
    say(bob, left.conversation, "Not for you any more")
    leave_group(user=alice, group=left)
    strangers = actions.open_direct_between(bob.id, charlie.id)
    say(bob, strangers, "Between us two")
    files = export_of(alice)
    assert [one["id"] for one in lines(files[f"conversations/{group.id}/messages.jsonl"])] == [
        theirs["id"], deleted["id"], expired["id"],
    ]  # fmt: skip
    assert said(files, group.id) == ["For all", None, None]
    everything = b"\n".join(files.values()).decode()
    for words in ("Before you came", "Hide me", "Oops", "Gone soon", "Not for you", "Left behind", "Between us"):
        assert words not in everything
    assert before["id"] not in everything


def test_what_she_cleared_is_gone_and_what_she_archived_is_there(alice: User, bob: User, charlie: User) -> None:
    cleared, archived = actions.open_direct_between(alice.id, bob.id), actions.open_direct_between(alice.id, charlie.id)
    say(bob, cleared, "Cleared away")
    say(charlie, archived, "Put aside")
    Participant.objects.filter(conversation=cleared, user=alice).update(cleared_seq=1)
    Participant.objects.filter(conversation=archived, user=alice).update(archived_at=timezone.now())
    files = export_of(alice)
    assert said(files, archived.id) == ["Put aside"]
    assert not any(str(cleared.id) in name for name in files)


def test_nobody_else_s_address_is_anywhere_in_it(alice: User, bob: User, charlie: User) -> None:
    make_group(bob, members=(alice, charlie))
    say(bob, actions.open_direct_between(alice.id, bob.id), "Hello")
    Block.objects.create(blocker=charlie, blocked=alice)
    Report.objects.create(reporter=alice, user=charlie, reason="Spam", note="Again and again")
    files = export_of(alice)
    everything = b"\n".join(files.values()).decode()
    assert "alice@example.org" in everything
    assert "bob@example.org" not in everything
    assert "charlie@example.org" not in everything
    assert json.loads(files["reports.json"])[0]["note"] == "Again and again"
    (membership,) = json.loads(files["groups.json"])
    assert (membership["name"], membership["role"], membership["founded"]) == ("Climbing", "MEMBER", False)


def test_her_own_files_are_in_it_under_names_that_harm_nobody(alice: User, bob: User) -> None:
    conversation = actions.open_direct_between(alice.id, bob.id)
    message, gone = say(alice, conversation, "Look"), say(alice, conversation, "Gone")
    Message.objects.filter(pk=gone["id"]).update(content=None, deleted_at=timezone.now())
    mine = upload(alice, b"my route", "../../etc/Übersicht 地図.pdf", message_id=message["id"])
    upload(alice, b"deleted since", "deleted.pdf", message_id=gone["id"])
    upload(alice, b"half way", "pending.pdf", status="PENDING")
    lost = upload(alice, b"lost", "lost.pdf")
    default_storage.delete(lost.file.name or "")
    upload(bob, b"his route", "his.pdf")
    files = export_of(alice)
    listed = {one["name"]: one["path"] for one in lines(files["media.jsonl"])}
    assert listed.keys() == {"../../etc/Übersicht 地図.pdf", "lost.pdf"}
    path = listed["../../etc/Übersicht 地図.pdf"]
    assert path == f"media/{mine.id}-etc_Übersicht_地図.pdf"
    assert files[path] == b"my route"
    assert {name for name in files if name.startswith("media/")} == {path}


def test_her_picture_is_in_it(alice: User) -> None:
    alice.avatar = default_storage.save("avatars/0123.webp", ContentFile(b"RIFF"))
    alice.save()
    assert export_of(alice)["avatar.webp"] == b"RIFF"


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("route.pdf", "route.pdf"),
        ("..", "file"),
        ("/etc/passwd", "etc_passwd"),
        ("a\\b:c*d.txt", "a_b_c_d.txt"),
        ("CON\r\nX.pdf", "CON_X.pdf"),
        ("日本語.png", "日本語.png"),
        ("x" * 300 + ".jpeg", "x" * 75 + ".jpeg"),
        ("\u202egpj.exe", "gpj.exe"),
    ],
)
def test_a_file_s_name_is_made_safe(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_twenty_thousand_messages_take_no_more_memory_than_a_few(alice: User, bob: User) -> None:
    direct = actions.open_direct_between(alice.id, bob.id)

    def most_while_exporting() -> tuple[int, int]:
        tracemalloc.start()
        size = sum(len(chunk) for chunk in zipped(contents(alice)))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return size, most

    for _ in range(2):
        fill(bob, direct, 1000)
    most_while_exporting()  # what is imported and compiled at the first time
    few_bytes, few = most_while_exporting()
    for _ in range(18):
        fill(bob, direct, 1000)
    many_bytes, many = most_while_exporting()
    assert many_bytes > 5 * few_bytes
    assert many < few * 1.5 + 1_000_000, f"{few} for 2,000 messages, {many} for 20,000"


def test_whoever_asks_too_often_is_told_when_to_come_back(alice: User, rate_limits: None) -> None:
    program = program_of(alice)
    answers: list[Any] = []
    for _ in range(6):
        answers.append(program.get("me/export"))
        hang_up(answers[-1])
    assert [one.status_code for one in answers] == [200] * 5 + [429]
    assert int(answers[-1]["Retry-After"]) > 0


def test_an_export_is_for_whoever_is_signed_in() -> None:
    assert Program().get("me/export").status_code == 401
    assert Program().post("me/export").status_code == 401


def test_somebody_removed_while_the_archive_is_read_gets_no_more_of_it(alice: User, bob: User) -> None:
    group = make_group(bob, members=(alice,))
    for _ in range(3):
        fill(bob, group.conversation, 400)
    entries = contents(alice)
    entry = next(one for one in entries if one.name.endswith("messages.jsonl"))
    chunks = iter(entry.chunks)
    assert len(next(chunks).splitlines()) == 200
    leave_group(user=alice, group=group)
    assert list(chunks) == []
