"""The indexes do their work: what people wrote is found, and reading a conversation never walks through the others."""

import uuid
from collections.abc import Callable

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from chat.models import Conversation, Message
from groups.models import Group

pytestmark = pytest.mark.django_db

# --- Search ---


@pytest.fixture
def notes(alice: User) -> Conversation:
    """Alice's notes to herself."""
    notes: Conversation = Conversation.objects.create(kind="DIRECT", user_low=alice, user_high=alice)
    return notes


def note(notes: Conversation, seq: int, content: str | None) -> Message:
    alice = notes.user_low
    return Message(conversation=notes, sender=alice, receiver=alice, seq=seq, version=seq, content=content)


def found(word: str) -> list[uuid.UUID]:
    """The ids of messages the full-text index gives for a word, asked as directly as the database allows."""
    if connection.vendor == "postgresql":
        sql = "SELECT id FROM chat_message WHERE search @@ plainto_tsquery('pulse', %s)"
    else:
        sql = (
            "SELECT message_id FROM chat_message_search_row WHERE id IN"
            " (SELECT rowid FROM chat_message_search WHERE chat_message_search MATCH %s)"
        )
    with connection.cursor() as cursor:
        cursor.execute(sql, [word])
        return [uuid.UUID(str(value)) for (value,) in cursor.fetchall()]


def test_the_full_text_index_follows_every_insert_edit_and_deletion(notes: Conversation) -> None:
    message = note(notes, 1, "Treffen im Café, bitte")
    message.save()
    note(notes, 2, "ja gern").save()
    note(notes, 3, None).save()
    assert found("cafe") == found("CAFÉ") == [message.id]

    Message.objects.filter(id=message.id).update(content="Treffen am Bahnhof")
    assert found("cafe") == []
    assert found("bahnhof") == [message.id]

    Message.objects.filter(id=message.id).update(content=None, deleted_at=timezone.now())
    assert found("bahnhof") == found("treffen") == []

    Message.objects.filter(id=message.id).update(content="doch wieder", deleted_at=None)
    assert found("wieder") == [message.id]
    Message.objects.filter(id=message.id).delete()
    assert found("wieder") == []


def test_of_many_written_at_once_each_is_found(notes: Conversation) -> None:
    messages = [note(notes, n, f"word{n} common") for n in range(1, 301)]
    Message.objects.bulk_create(messages)

    assert found("word217") == [messages[216].id]
    assert len(found("common")) == 300


# --- Plans ---

ROWS = 4000
CHATS = 8
MEDIA = ["IMAGE", "VIDEO", "AUDIO", "FILE"]


@pytest.fixture
def busy_chat(alice: User) -> Conversation:
    """One conversation among several, with some thousand messages in all, and statistics to plan with."""
    groups = Group.objects.bulk_create([Group(name=f"Group {n}", created_by=alice) for n in range(CHATS)])
    chats = Conversation.objects.bulk_create([Conversation(id=one.id, kind="GROUP", group=one) for one in groups])
    Message.objects.bulk_create(
        Message(
            conversation=chats[n % CHATS],
            group=groups[n % CHATS],
            sender=alice,
            seq=n // CHATS + 1,
            version=n // CHATS + 1,
            type="IMAGE" if n % 50 == 0 else "TEXT",
            content=f"number {n} of many" + (" heron" if n % 400 == 0 else ""),
        )
        for n in range(ROWS)
    )
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # What autovacuum does a little later: until then the words just inserted wait outside the index's tree.
            cursor.execute("SELECT gin_clean_pending_list('message_search')")
        cursor.execute("ANALYZE")
    return chats[0]


@pytest.mark.parametrize(
    ("index", "query"),
    [
        ("one_message_per_seq", lambda messages: messages.before(400).order_by("-seq")[:50]),
        ("one_message_per_seq", lambda messages: messages.after(40).order_by("seq")[:50]),
        ("one_message_per_seq", lambda messages: messages.order_by("-seq")[:50]),
        ("message_changes", lambda messages: messages.changed_since(450).order_by("version")[:200]),
        ("message_pins", lambda messages: messages.filter(pinned_at__isnull=False).order_by("-pinned_at")[:50]),
    ],
    ids=["history before", "history after", "newest", "changes", "pins"],
)
def test_reading_a_conversation_is_a_range_of_an_index(
    busy_chat: Conversation, index: str, query: Callable[..., object]
) -> None:
    plan = query(Message.objects.filter(conversation=busy_chat)).explain()  # type: ignore[attr-defined]  # a queryset

    index_as_sqlite_calls_it = "conversation_id=?" if index == "one_message_per_seq" else index
    assert (index if connection.vendor == "postgresql" else index_as_sqlite_calls_it) in plan
    assert "Seq Scan" not in plan
    assert "SCAN chat_message" not in plan
    assert "TEMP B-TREE" not in plan


@pytest.mark.postgres
def test_the_gallery_and_the_search_are_index_scans(busy_chat: Conversation) -> None:
    pictures = Message.objects.filter(conversation=busy_chat, type__in=MEDIA).order_by("-seq")[:50].explain()
    words = (
        Message.objects.filter(conversation=busy_chat)
        .extra(where=["search @@ plainto_tsquery('pulse', %s)"], params=["heron"])
        .explain()
    )

    assert "message_gallery" in pictures
    assert "message_search" in words
    assert "Seq Scan" not in pictures + words
