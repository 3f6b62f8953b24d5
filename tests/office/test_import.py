"""An archive comes in whole, once, and in its own order, and nobody can sign in as who is in it."""

import gzip
import itertools
import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F

from accounts.models import User
from chat.actions import send_message
from chat.models import Conversation, Message, Participant
from groups.actions.membership import leave_group
from groups.models import Group, GroupMember
from pulse.office.importing import import_archive, survey
from pulse.office.importing.identities import group_id, message_id, person_id
from tests.office.archives import Say, everything, texts

ARCHIVE = Path(__file__).resolve().parents[3] / "shared" / "data" / "chat_archive.jsonl.gz"
pytestmark = pytest.mark.django_db

# --- What comes of it ---


def test_a_conversation_becomes_a_group_of_those_who_speak_in_it(bring: Callable[..., str], say: Say) -> None:
    bring(
        [say("nora", "The heron is back."), say("ben", "Where?"), say("nora", "By the pond."), say("mo", "?", "#other")]
    )

    garden = Group.objects.get(id=group_id("irc", "#garden/2026"))
    assert garden.name == "#garden/2026"
    assert garden.created_by.name == "nora"
    assert dict(garden.members.values_list("user__name", "role")) == {"nora": "ADMIN", "ben": "MEMBER"}
    assert set(garden.conversation.participants.values_list("user__name", flat=True)) == {"nora", "ben"}
    assert texts(garden.id) == ["The heron is back.", "Where?", "By the pond."]


def test_a_dm_becomes_the_one_chat_of_two_people(bring: Callable[..., str], say: Say) -> None:
    bring(
        [
            say("ben", "Bread?", "dm/1"),
            say("nora", "Yes.", "dm/1"),
            say("nora", "Again?", "dm/2"),
            say("ben", "No.", "dm/2"),
        ]
    )

    chat = Conversation.objects.get()
    assert chat.kind == "DIRECT"
    assert texts(chat.id) == ["Bread?", "Yes.", "Again?", "No."]
    bread = Message.objects.get(seq=1)
    assert (bread.sender.name, bread.receiver and bread.receiver.name) == ("ben", "nora")


def test_a_dm_of_one_becomes_notes_to_oneself(bring: Callable[..., str], say: Say) -> None:
    bring([say("ben", "Buy bread", "dm/ben")])

    chat = Conversation.objects.get()
    assert chat.user_low == chat.user_high == User.objects.get(name="ben")


def test_a_group_that_has_ended_takes_nobody_in_again(bring: Callable[..., str], say: Say) -> None:
    bring([say("nora", "Hello")])
    leave_group(user=User.objects.get(), group=Group.objects.get())

    with pytest.raises(pytest.fail.Exception, match="2 messages were refused"):
        bring([say("nora", "Still here"), say("ben", "Me too")])
    assert not Participant.objects.exists()
    assert not GroupMember.objects.exists()
    assert [message.content for message in Message.objects.all()] == ["Hello"]


def test_nobody_can_sign_in_as_somebody_imported(bring: Callable[..., str], say: Say) -> None:
    bring([say("nora", "Hello")])

    nora = User.objects.get()
    assert not nora.has_usable_password()
    assert not nora.verified
    assert nora.email.endswith("@imported.invalid")
    # Whoever registers an unverified account's address renames it: so nobody may guess this one.
    assert "nora" not in nora.email
    bring([say("nora", "Hello", source="slack")])
    assert len(set(User.objects.values_list("email", flat=True))) == 2


def test_the_order_is_the_files_and_the_times_are_as_they_were(bring: Callable[..., str], say: Say) -> None:
    bring(
        [
            say("nora", "late", timestamp="2026-05-01T11:30:00.000001+02:00"),
            say("ben", "early", timestamp="2004-11-15T00:18:00Z"),
            say("ben", "earliest", timestamp="1970-01-01T01:00:00+01:00"),
        ]
    )

    late, early, earliest = Message.objects.order_by("seq")
    assert (late.content, early.content) == ("late", "early")
    assert late.created_at == datetime(2026, 5, 1, 9, 30, 0, 1, tzinfo=UTC)
    assert early.created_at == datetime(2004, 11, 15, 0, 18, tzinfo=UTC)
    assert earliest.created_at == datetime(1970, 1, 1, tzinfo=UTC)


def test_a_reply_answers_and_quotes(bring: Callable[..., str], say: Say) -> None:
    bring([say("nora", "The heron is back."), say("ben", "Where?", reply_to=1), say("nora", "Pond", reply_to="2")])

    where, pond = Message.objects.filter(seq__in=[2, 3]).order_by("seq")
    assert where.reply_to_id == message_id("irc", "1")
    assert where.reply_excerpt == "The heron is back."
    assert pond.reply_to_id == where.id


def test_everybody_has_read_what_is_imported(bring: Callable[..., str], say: Say) -> None:
    bring(
        [
            say("nora", "one"),
            say("ben", "two"),
            say("nora", "three"),
            say("ben", "four", "dm/1"),
            say("nora", "5", "dm/1"),
        ]
    )

    assert Participant.objects.count() == 4
    assert not Participant.objects.exclude(last_read_seq=F("conversation__last_seq")).exists()
    assert not Participant.objects.exclude(last_delivered_seq=F("conversation__last_seq")).exists()


def test_who_had_something_to_read_still_has(bring: Callable[..., str], say: Say) -> None:
    first = [say("nora", "one"), say("ben", "two"), say("mo", "three")]
    bring(first)
    garden = group_id("irc", "#garden/2026")
    nora = User.objects.get(name="nora")
    send_message(actor=nora, conversation_id=garden, content="Live, and unread by the others")

    bring([*first, say("nora", "five")])

    marks = dict(Participant.objects.values_list("user__name", "last_read_seq"))
    assert marks == {"nora": 5, "ben": 3, "mo": 3}


# --- Once ---


def test_importing_twice_is_importing_once(bring: Callable[..., str], say: Say) -> None:
    lines = [
        say("nora", "one"),
        say("ben", "two", reply_to=1),
        say("ben", "three", "dm/1"),
        say("nora", "four", "dm/1"),
    ]
    bring(lines)
    before = everything()

    said = bring(lines)

    assert everything() == before
    assert "Imported 0 messages" in said
    assert "4 were there already" in said


def test_what_became_of_a_message_since_is_left_alone(bring: Callable[..., str], say: Say) -> None:
    lines = [say("nora", "one"), say("ben", "two"), say("mo", "three")]
    bring(lines)
    Message.objects.filter(seq=1).update(content="edited")
    GroupMember.objects.filter(user__name="ben").delete()
    Participant.objects.filter(user__name="ben").delete()
    before = everything()

    bring(lines)

    assert everything() == before


@pytest.mark.parametrize("transactions", [1, 2, 3])
def test_an_import_that_was_stopped_goes_on_where_it_stopped(
    bring: Callable[..., str], say: Say, tmp_path: Path, transactions: int
) -> None:
    speakers = [("nora", "#a"), ("ben", "dm/1"), ("mo", "dm/1")]
    lines = [say(name, f"{name} {n}", chat) for n in range(5) for name, chat in speakers]
    path = tmp_path / "stopped.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    left = iter(range(transactions - 1))

    def stop(_: int) -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt

    found = survey(path, source="irc", on_bytes=lambda size: None)
    with pytest.raises(KeyboardInterrupt):
        import_archive(path, found, source="irc", on_lines=stop, lines_per_transaction=4)
    assert Message.objects.count() == transactions * 4

    said = bring(lines)

    assert f"{transactions * 4} were there already" in said
    assert texts(group_id("irc", "#a")) == [f"nora {n}" for n in range(5)]
    assert Message.objects.count() == 15
    assert not Participant.objects.exclude(last_read_seq=F("conversation__last_seq")).exists()


def test_a_longer_export_adds_what_is_new_and_may_answer_what_was_there(bring: Callable[..., str], say: Say) -> None:
    bring([say("nora", "one"), say("ben", "two")])

    bring([say("mo", "three", reply_to=1)])

    assert Message.objects.get(seq=3).reply_to_id == message_id("irc", "1")
    assert set(GroupMember.objects.values_list("user__name", flat=True)) == {"nora", "ben", "mo"}


def test_a_gzipped_file_is_read_and_a_cut_one_refused(tmp_path: Path, say: Say) -> None:
    whole = gzip.compress("\n".join(json.dumps(say("nora", f"message {n}")) for n in range(50)).encode())
    (tmp_path / "whole.gz").write_bytes(whole)
    (tmp_path / "cut.gz").write_bytes(whole[:-20])

    with pytest.raises(CommandError, match="can’t be read"):
        call_command("import_conversations", str(tmp_path / "cut.gz"))
    with pytest.raises(CommandError, match="can’t be read"):
        call_command("import_conversations", str(tmp_path / "none.gz"))
    assert not Message.objects.exists()

    call_command("import_conversations", str(tmp_path / "whole.gz"), stdout=StringIO())
    assert Message.objects.count() == 50


# --- Real people's words ---


@pytest.mark.skipif(
    not ARCHIVE.exists(), reason="the real archive isn't on this machine; everything it shows is tested above"
)
def test_a_real_archive_comes_in_as_it_is(bring: Callable[..., str]) -> None:
    with gzip.open(ARCHIVE, "rt", encoding="utf-8") as file:
        english = [json.loads(line) for line in itertools.islice(file, 3000)]
        japanese = [json.loads(line) for line in itertools.islice(file, 78_000, 78_500)]
    lines = english + [line for line in japanese if line["conversation"].startswith("dm/")]

    bring(lines, "--skip-bad")

    assert Message.objects.count() == len(lines)
    people = {person_id(line["source"], line["sender"]) for line in lines}
    assert set(User.objects.values_list("id", flat=True)) == people
    counted = Counter(line["conversation"] for line in lines if not line["conversation"].startswith("dm/"))
    assert dict(Group.objects.values_list("name", "conversation__last_seq")) == counted
    name = english[0]["conversation"]
    assert texts(group_id("ubuntu-irc", name)) == [line["content"] for line in english if line["conversation"] == name]
    replies = sum("reply_to" in line for line in english)
    assert Message.objects.exclude(reply_to=None).count() >= replies
