"""What the socket answers to each frame. In order: stranger, removed, blocked, member, admin, staff; see rows.py.

Whoever is anonymous gets no further than the handshake: 4401.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.matrix.world import CAST

SIGNED_IN = CAST[1:]


@dataclass(frozen=True)
class FrameRow:
    """``answers``: ``ack``, ``pong``, or an error’s code, for each who is signed in."""

    type: str
    answers: str
    fields: dict[str, Any] = field(default_factory=dict)

    @property
    def expected(self) -> dict[str, str]:
        return dict(zip(SIGNED_IN, self.answers.split(), strict=True))

    def __str__(self) -> str:
        return f"{self.type} {self.fields.get('conversation_id', '')}"


GROUP = "not_found not_found ack ack ack not_found"
DIRECT = "not_found not_found not_found ack not_found not_found"
BLOCKED = "not_found not_found ack not_found not_found not_found"
CANNOT_POST = "not_found not_found cannot_post not_found not_found not_found"

IN_GROUP = {"conversation_id": "{group}"}
IN_DIRECT = {"conversation_id": "{direct}"}
IN_BLOCKED = {"conversation_id": "{blocked_direct}"}

ROWS = [
    FrameRow("ping", "pong pong pong pong pong pong"),
    # Everybody may resume; what they are told of, the tests below look at.
    FrameRow("resume", "ack ack ack ack ack ack", {"conversations": {}}),
    FrameRow("message.send", GROUP, IN_GROUP | {"content": "Hello"}),
    FrameRow("message.send", DIRECT, IN_DIRECT | {"content": "Hello"}),
    FrameRow("message.send", CANNOT_POST, IN_BLOCKED | {"content": "Hello"}),
    FrameRow("read", GROUP, IN_GROUP | {"seq": 1}),
    FrameRow("read", DIRECT, IN_DIRECT | {"seq": 1}),
    FrameRow("read", BLOCKED, IN_BLOCKED | {"seq": 1}),
    FrameRow("delivered", GROUP, IN_GROUP | {"seq": 1}),
    FrameRow("delivered", DIRECT, IN_DIRECT | {"seq": 1}),
    FrameRow("delivered", BLOCKED, IN_BLOCKED | {"seq": 1}),
    FrameRow("typing", GROUP, IN_GROUP | {"active": True}),
    FrameRow("typing", DIRECT, IN_DIRECT | {"active": True}),
    FrameRow("typing", CANNOT_POST, IN_BLOCKED | {"active": True}),
]
# Which conversations a resume tells each of.
STANDING = {
    "stranger": set[str](),
    "removed": set[str](),
    "blocked": {"group", "blocked_direct"},
    "member": {"group", "direct"},
    "admin": {"group"},
    "staff": set[str](),
}
# What only some may hear when Alice, or whoever is named, does it: a frame of hers, and who hears which type.
HEARD = [
    ("alice", "message.send", IN_GROUP | {"content": "Psst"}, "message.created", {"blocked", "member", "admin"}),
    ("alice", "message.send", IN_DIRECT | {"content": "Psst"}, "message.created", {"member"}),
    ("alice", "typing", IN_GROUP | {"active": True}, "typing", {"blocked", "member", "admin"}),
    ("alice", "typing", IN_DIRECT | {"active": True}, "typing", {"member"}),
    ("member", "read", IN_DIRECT | {"seq": 1}, "receipt", {"alice"}),
    ("member", "read", IN_GROUP | {"seq": 1}, "receipt", {"alice", "blocked", "admin"}),
    # Between the two there is nothing to hear.
    ("blocked", "read", IN_BLOCKED | {"seq": 2}, "receipt", set[str]()),
]
