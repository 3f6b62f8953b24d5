"""What the database itself refuses, whatever code asks: each rule beside what it allows."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Block, DeviceSession, User, VerificationToken
from chat.models import Conversation, LiveShare, Message, Participant, Reaction
from groups.models import Group, GroupInvite, GroupMember
from pulse.lib.ids import direct_conversation_id

pytestmark = pytest.mark.django_db


@pytest.fixture
def chat(alice: User, bob: User) -> Conversation:
    """The direct conversation of alice and bob, with both in it."""
    low, high = sorted([alice, bob], key=lambda person: person.id)
    chat: Conversation = Conversation.objects.create(
        id=direct_conversation_id(low.id, high.id), kind="DIRECT", user_low=low, user_high=high, last_seq=9, version=9
    )
    for person in (alice, bob):
        Participant.objects.create(conversation=chat, user=person)
    return chat


@pytest.fixture
def group(alice: User) -> Group:
    group = Group.objects.create(name="Walkers", created_by=alice)
    Conversation.objects.create(id=group.id, kind="GROUP", group=group)
    return group


def say(chat: Conversation, sender: User, receiver: User | None, **fields: object) -> Message:
    message: Message = Message.objects.create(
        **{"conversation": chat, "sender": sender, "receiver": receiver, "seq": 1, "version": 1, "content": "Hi"}
        | fields
    )
    return message


def refused(rule: str, write: Callable[[], object]) -> None:
    """``write`` breaks ``rule``: the constraint's name, or on SQLite for a unique one its columns."""
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        write()


def test_a_message_goes_to_a_person_or_a_group_never_both_never_neither(
    chat: Conversation, group: Group, alice: User, bob: User
) -> None:
    say(chat, alice, bob)
    say(group.conversation, alice, None, group=group)

    refused("message_to_a_person_or_a_group", lambda: say(chat, alice, bob, seq=2, version=2, group=group))
    refused("message_to_a_person_or_a_group", lambda: say(chat, alice, None, seq=2, version=2))


def test_two_messages_never_share_a_place(chat: Conversation, alice: User, bob: User) -> None:
    say(chat, alice, bob)
    say(chat, bob, alice, seq=2, version=2)

    refused("one_message_per_seq|conversation_id, chat_message.seq", lambda: say(chat, bob, alice, seq=2, version=3))


def test_a_message_counts_from_one_and_its_version_never_lags_behind(
    chat: Conversation, alice: User, bob: User
) -> None:
    say(chat, alice, bob, seq=2, version=7)

    refused("message_counters_are_sane", lambda: say(chat, alice, bob, seq=0, version=0))
    refused("message_counters_are_sane", lambda: say(chat, alice, bob, seq=5, version=4))


def test_a_message_is_of_a_kind_we_know(chat: Conversation, alice: User, bob: User) -> None:
    say(chat, alice, bob, type="AUDIO")

    refused("message_type_is_known", lambda: say(chat, alice, bob, seq=2, version=2, type="FAX"))


def test_a_tombstone_is_empty(chat: Conversation, alice: User, bob: User) -> None:
    now = timezone.now()
    say(chat, alice, bob, content=None, deleted_at=now)

    refused("message_tombstone_is_empty", lambda: say(chat, alice, bob, seq=2, version=2, deleted_at=now))
    where = {"latitude": 1.5, "longitude": 2.5}
    refused(
        "message_tombstone_is_empty",
        lambda: say(chat, alice, bob, seq=2, version=2, content=None, location=where, deleted_at=now),
    )


def test_nobody_has_read_what_did_not_reach_them(chat: Conversation, bob: User) -> None:
    his = Participant.objects.filter(conversation=chat, user=bob)
    his.update(last_read_seq=3, last_delivered_seq=3)

    refused("participant_read_is_delivered", lambda: his.update(last_read_seq=4))
    refused("participant_read_is_delivered", lambda: his.update(last_read_seq=-1))


def test_one_person_takes_part_once(chat: Conversation, alice: User, charlie: User) -> None:
    Participant.objects.create(conversation=chat, user=charlie)

    refused(
        "one_participant_per_user|participant.user_id",
        lambda: Participant.objects.create(conversation=chat, user=alice),
    )


def test_two_people_have_one_direct_conversation(chat: Conversation, alice: User, bob: User) -> None:
    low, high = sorted([alice, bob], key=lambda person: person.id)
    Conversation.objects.create(kind="DIRECT", user_low=alice, user_high=alice)  # notes to herself

    refused(
        "one_direct_conversation_per_pair|user_low_id, chat_conversation.user_high_id",
        lambda: Conversation.objects.create(kind="DIRECT", user_low=low, user_high=high),
    )
    refused(
        "conversation_is_direct_or_a_groups",
        lambda: Conversation.objects.create(kind="DIRECT", user_low=high, user_high=low),
    )


def test_a_direct_conversation_has_two_people_and_a_groups_has_its_group(alice: User, bob: User) -> None:
    group = Group.objects.create(name="Walkers", created_by=alice)
    Conversation.objects.create(id=group.id, kind="GROUP", group=group)

    # A comparison with NULL is neither true nor false, and a CHECK would let it pass.
    rule = "conversation_is_direct_or_a_groups"
    refused(rule, lambda: Conversation.objects.create(kind="DIRECT", user_low=alice))
    refused(rule, lambda: Conversation.objects.create(kind="DIRECT", user_high=bob))
    refused(rule, lambda: Conversation.objects.create(kind="GROUP"))
    other = Group.objects.create(name="Runners", created_by=alice)
    refused(rule, lambda: Conversation.objects.create(kind="GROUP", group=other))


def test_one_person_shares_one_live_position_in_a_conversation(chat: Conversation, alice: User, bob: User) -> None:
    first, second = (say(chat, alice, bob, seq=seq, version=seq, type="LOCATION") for seq in (1, 2))
    until = timezone.now() + timedelta(hours=1)
    share = LiveShare.objects.create(message=first, user=alice, conversation=chat, expires_at=until)

    refused(
        "one_running_share_per_conversation|liveshare.user_id, chat_liveshare.conversation_id",
        lambda: LiveShare.objects.create(message=second, user=alice, conversation=chat, expires_at=until),
    )
    LiveShare.objects.filter(id=share.id).update(ended_at=timezone.now())
    LiveShare.objects.create(message=second, user=alice, conversation=chat, expires_at=until)


def test_the_same_reaction_counts_once(chat: Conversation, alice: User, bob: User) -> None:
    message = say(chat, alice, bob)
    for emoji in ("👍", "❤️"):
        Reaction.objects.create(message=message, user=bob, emoji=emoji)

    refused("one_reaction_per|reaction.emoji", lambda: Reaction.objects.create(message=message, user=bob, emoji="👍"))


def test_one_membership_of_a_known_role(group: Group, alice: User, bob: User) -> None:
    GroupMember.objects.create(group=group, user=alice, role="ADMIN")

    refused("one_membership_per_user|groupmember.user_id", lambda: GroupMember.objects.create(group=group, user=alice))
    refused("role_is_known", lambda: GroupMember.objects.create(group=group, user=bob, role="OWNER"))


def test_an_address_a_token_and_a_device_are_each_there_once(alice: User, bob: User) -> None:
    tomorrow = timezone.now() + timedelta(days=1)
    token = {"token": "a" * 64, "type": "PASSWORD_RESET", "email": alice.email}
    VerificationToken.objects.create(user=alice, expires_at=tomorrow, **token)
    DeviceSession.objects.create(user=alice, device_id="phone", token="b" * 64)

    refused("email", lambda: User.objects.create_user(email="Alice@Example.org", name="Other"))
    refused("token", lambda: VerificationToken.objects.create(user=bob, expires_at=tomorrow, **token))
    refused("device", lambda: DeviceSession.objects.create(user=alice, device_id="phone", token="c" * 64))
    refused("token", lambda: DeviceSession.objects.create(user=bob, device_id="phone", token="b" * 64))
    yesterday = timezone.now() - timedelta(days=1)
    refused(
        "verification_token_expires_later",
        lambda: VerificationToken.objects.create(user=bob, expires_at=yesterday, **token | {"token": "d" * 64}),
    )


def test_nobody_blocks_themselves_or_the_same_person_twice(alice: User, bob: User) -> None:
    Block.objects.create(blocker=alice, blocked=bob)

    refused("one_block_per_pair|block.blocked_id", lambda: Block.objects.create(blocker=alice, blocked=bob))
    refused("nobody_blocks_themselves", lambda: Block.objects.create(blocker=alice, blocked=alice))


def test_an_invite_is_not_used_more_often_than_it_says(group: Group, alice: User) -> None:
    invite = GroupInvite.objects.create(group=group, secret_hash="e" * 64, created_by=alice, max_uses=1, uses=1)

    refused("invite_within_its_uses", lambda: GroupInvite.objects.filter(id=invite.id).update(uses=2))
