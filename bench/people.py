"""Fills a database for a bench, without any of the doors: people, devices, conversations, messages.

``python -m bench.people`` is a process of its own, since Django's settings come from the environment it starts in. It
reads a :class:`Wanted` as JSON and answers with a :class:`Made`.
"""

from __future__ import annotations

import json
import sys
from typing import TypedDict

import django

django.setup()

# Only after setup may models be imported.
from accounts.models import DeviceSession, User  # noqa: E402
from chat.models import Conversation, Message, Participant  # noqa: E402
from groups.models import Group, GroupMember  # noqa: E402
from pulse.lib.ids import direct_conversation_id, uuid7  # noqa: E402
from pulse.lib.tokens import new_token, token_hash  # noqa: E402

AT_ONCE = 2000
WORDS = ("quick", "brown", "fox", "jumps", "over", "lazy", "dog", "while", "nobody", "looks", "at", "the", "clock")


class WantedConversation(TypedDict):
    """``people``: numbers of those who take part; two of them and no ``group`` make a direct conversation."""

    people: list[int]
    group: bool
    messages: int


class Wanted(TypedDict):
    people: int
    conversations: list[WantedConversation]


class Made(TypedDict):
    """``tokens``: a bearer token of each person. Ids are strings, in the order asked for."""

    tokens: list[str]
    people: list[str]
    conversations: list[str]


def make(wanted: Wanted) -> Made:
    stamp = uuid7().hex
    users = User.objects.bulk_create(
        [
            User(name=f"Person {number}", email=f"{number}.{stamp}@example.org", password="!", verified=True)
            for number in range(wanted["people"])
        ],
        batch_size=AT_ONCE,
    )
    tokens = [new_token() for _ in users]
    DeviceSession.objects.bulk_create(
        [
            DeviceSession(user=user, device_id="bench", platform="CLI", token=token_hash(token))
            for user, token in zip(users, tokens, strict=True)
        ],
        batch_size=AT_ONCE,
    )
    conversations = [_conversation(one, [users[number] for number in one["people"]]) for one in wanted["conversations"]]
    return {
        "tokens": tokens,
        "people": [str(user.pk) for user in users],
        "conversations": [str(conversation.pk) for conversation in conversations],
    }


def _conversation(wanted: WantedConversation, users: list[User]) -> Conversation:
    last = wanted["messages"]
    if wanted["group"]:
        group = Group.objects.create(name=f"{len(users)} people", created_by=users[0])
        GroupMember.objects.bulk_create([GroupMember(group=group, user=user) for user in users])
        conversation = Conversation(id=group.pk, group=group, kind="GROUP", last_seq=last, version=last)
    else:
        low, high = sorted(users, key=lambda user: user.pk)
        id = direct_conversation_id(low.pk, high.pk)
        conversation = Conversation(id=id, user_low=low, user_high=high, kind="DIRECT", last_seq=last, version=last)
    conversation.save(force_insert=True)
    Participant.objects.bulk_create([Participant(conversation=conversation, user=user) for user in users])
    for start in range(1, last + 1, AT_ONCE):
        rows = [_message(conversation, seq, users) for seq in range(start, min(start + AT_ONCE, last + 1))]
        Message.objects.bulk_create(rows)
        Conversation.objects.filter(pk=conversation.pk).update(last_message=rows[-1])
    return conversation


def _message(conversation: Conversation, seq: int, users: list[User]) -> Message:
    sender = users[seq % len(users)]
    peer = None if conversation.group_id else next(user for user in users if user is not sender)
    return Message(
        conversation=conversation,
        seq=seq,
        version=seq,
        sender=sender,
        receiver=peer,
        group_id=conversation.group_id,
        content=" ".join(WORDS[(seq * step) % len(WORDS)] for step in range(1, 10)),
    )


if __name__ == "__main__":
    json.dump(make(json.load(sys.stdin)), sys.stdout)
