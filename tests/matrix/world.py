"""The seven who ask, and what they ask for: Alice's group and direct chats, and what she keeps for herself."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.actions import start_session
from accounts.actions.trust import remember_device
from accounts.models import Block, DeviceSession, Passkey, TrustedDevice, User
from chat import actions
from chat.models import Conversation
from chat.writing import Draft, Written, write_messages
from groups.models import Group, GroupMember
from pulse.office.models import PersonalExport

PASSWORD = "correct horse battery"
# Who asks. All but the first and the last two know Alice: from her group, from a direct chat, or from both.
CAST = ("anonymous", "stranger", "removed", "blocked", "member", "admin", "staff")
NAMES = {
    "alice": "Alice",
    "stranger": "Charlie",
    "removed": "Rita",
    "blocked": "Bea",
    "member": "Bob",
    "admin": "Ada",
    "staff": "Mia",
}


@dataclass(frozen=True)
class World:
    """Ids and tokens as text: it is made in one process and asked about from another.

    ``things`` are what paths and bodies name in braces. What is the asker's own is in ``own``, by who asks.
    """

    tokens: dict[str, str]
    things: dict[str, str]
    own: dict[str, dict[str, str]]

    def names(self, who: str) -> dict[str, str]:
        return self.things | self.own.get(who, self.own["stranger"])

    def as_json(self) -> str:
        return json.dumps(asdict(self))


@transaction.atomic
def build() -> World:
    people = {who: _person(name, is_staff=who == "staff") for who, name in NAMES.items()}
    alice = people["alice"]
    started = {who: _signed_in(person) for who, person in people.items()}
    group = _group(alice, people)
    direct = actions.open_direct_between(alice.id, people["member"].id)
    export = PersonalExport.objects.create(
        user=alice, state="READY", file="exports/alices.zip", size=2, expires_at=timezone.now() + timedelta(days=1)
    )
    with_blocked = actions.open_direct_between(alice.id, people["blocked"].id)
    things = {
        "alice": alice.id,
        "alices_session": started["alice"][0].id,
        "alices_export": export.id,
        "member": people["member"].id,
        "alices_passkey": Passkey.objects.create(user=alice, name="Phone", credential_id="x", public_key="x").id,
        "alices_trusted_device": _trusted(alice),
    }
    for name, conversation in (("group", group), ("direct", direct), ("blocked_direct", with_blocked)):
        things |= {name: conversation.id, f"{name}_message": _say(alice, conversation)}
    # Unread when the others have read the first.
    _say(alice, with_blocked)
    Block.objects.create(blocker=alice, blocked=people["blocked"])
    with transaction.atomic():
        GroupMember.objects.filter(group_id=group.id, user=people["removed"]).delete()
        assert actions.remove_participant(conversation_id=group.id, user_id=people["removed"].id)
    return World(
        tokens={who: token for who, (_, token) in started.items()},
        things={name: str(id) for name, id in things.items()},
        own={
            who: {"me": str(people[who].id), "own_session": str(session.id), "own_email": people[who].email}
            for who, (session, _) in started.items()
        },
    )


def _person(name: str, *, is_staff: bool) -> User:
    user: User = User.objects.create_user(
        email=f"{name.lower()}@example.org", name=name, password=PASSWORD, verified=True, is_staff=is_staff
    )
    return user


def _signed_in(person: User) -> tuple[DeviceSession, str]:
    return start_session(user=person, device_id="laptop", platform="CLI", name="Laptop", address="127.0.0.1")


def _trusted(person: User) -> UUID:
    remember_device(user=person, name="Laptop")
    return TrustedDevice.objects.get(user=person).id


def _group(alice: User, people: dict[str, User]) -> Conversation:
    group = Group.objects.create(name="Climbing", created_by=alice)
    inside = ("alice", "removed", "blocked", "member", "admin")
    for who in inside:
        role = GroupMember.Role.ADMIN if who in {"alice", "admin"} else GroupMember.Role.MEMBER
        GroupMember.objects.create(group=group, user=people[who], role=role)
    return actions.make_group_conversation(group_id=group.id, user_ids=[people[who].id for who in inside])


def _say(person: User, conversation: Conversation) -> UUID:
    (written,) = write_messages([Draft(conversation_id=conversation.id, sender_id=person.id, content="Hello")])
    assert isinstance(written, Written)
    return UUID(written.message["id"])
