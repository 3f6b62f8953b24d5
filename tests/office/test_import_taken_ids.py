"""Ids of imported messages can be guessed: whoever sends under one first makes no line of the archive vanish."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from accounts.models import User
from chat.actions import open_direct, send_message
from chat.models import Message
from groups.models import GroupMember
from pulse.office.importing import import_archive, survey
from pulse.office.importing.identities import group_id, message_id, person_id
from tests.office.archives import Say, texts

pytestmark = pytest.mark.django_db
TAKEN = "id: Another message has it in Pulse"


def take(somebody: User, line_id: str) -> None:
    """``somebody`` sends, to themselves, under the id that a line of the archive will have."""
    notes, _ = open_direct(actor=somebody, peer_id=somebody.pk)
    send_message(actor=somebody, conversation_id=notes.id, content="mine", id=message_id("irc", line_id))


@pytest.mark.parametrize("conversation", ["#garden/2026", "dm/1"])
def test_a_line_whose_id_is_taken_is_a_problem(
    bring: Callable[..., str], say: Say, charlie: User, conversation: str
) -> None:
    lines = [say("nora", "one", conversation), say("ben", "two", conversation), say("nora", "three", "#other")]
    take(charlie, "2")

    with pytest.raises(pytest.fail.Exception, match=f"(?s)Nothing was imported.*line 2: {TAKEN}"):
        bring(lines)
    assert Message.objects.count() == 1

    said = bring(lines, "--skip-bad")
    assert "Imported 2 messages" in said
    assert "0 were there already" in said


def test_a_reply_to_a_taken_id_keeps_its_words_alone(bring: Callable[..., str], say: Say, charlie: User) -> None:
    take(charlie, "1")

    said = bring([say("nora", "one"), say("ben", "two", reply_to=1)], "--skip-bad")

    assert f"line 1: {TAKEN}" in said
    assert "line 2: reply_to" in said
    assert Message.objects.get(content="two").reply_to_id is None


def test_a_member_who_takes_an_id_in_the_very_conversation_is_found_out(bring: Callable[..., str], say: Say) -> None:
    bring([say("nora", "one"), say("ben", "two")])
    ben = User.objects.get(name="ben")
    send_message(actor=ben, conversation_id=group_id("irc", "#garden/2026"), content="mine", id=message_id("irc", "3"))

    with pytest.raises(pytest.fail.Exception, match=f"line 1: {TAKEN}"):
        bring([say("nora", "three"), say("ben", "four", reply_to=3)])
    bring([say("mo", "five", id=3), say("mo", "six", reply_to=3, id=6)], "--skip-bad")
    assert Message.objects.get(content="six").reply_to_id is None


def test_notes_to_oneself_do_not_pass_for_a_chat_of_two(bring: Callable[..., str], say: Say) -> None:
    first = say("ben", "Bread?", "dm/1")
    bring([first])

    with pytest.raises(pytest.fail.Exception, match=f"line 1: {TAKEN}"):
        bring([first, say("nora", "Yes.", "dm/1")])
    # The same file again is still the same.
    assert "1 were there already" in bring([first])


def test_an_id_that_is_taken_after_the_survey_is_refused(tmp_path: Path, say: Say, charlie: User) -> None:
    path = tmp_path / "archive.jsonl"
    path.write_text("\n".join(json.dumps(say("nora", text)) for text in ("one", "two")))
    found = survey(path, source="irc", on_bytes=lambda size: None)
    take(charlie, "1")

    imported = import_archive(path, found, source="irc", on_lines=lambda count: None)

    assert (imported.messages, imported.there_already) == (1, 0)
    assert [refused.number for refused in imported.refused] == [1]
    garden = group_id("irc", "#garden/2026")
    assert texts(garden) == ["two"]
    assert list(GroupMember.objects.values_list("user_id", flat=True)) == [person_id("irc", "nora")]
