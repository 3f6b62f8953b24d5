"""What travels from a commit to the sockets: an event is a topic and a frame, encoded once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pulse.lib.encoding import dumps
from pulse.realtime.topics import conversation_topic, user_topic


@dataclass(frozen=True, slots=True)
class Event:
    """One frame for everyone on one topic.

    ``access_version``: the conversation's, as read when the event was made; a hub that knows an older one reloads who
    may listen before it hands the frame over. ``seq``: of the message inside; sockets whose history begins later are
    skipped (0: for all). ``control``: an order to the hubs themselves, which no client can send: ``("join",
    conversation id)``, ``("leave", conversation id)``, ``("epoch", conversation id, access version)`` or ``("end",
    session id or "*", session id to spare, reason)``. ``fleeting``: true of its own epoch alone; a hub that knows a
    newer one drops it.
    """

    topic: str
    text: str
    access_version: int = 0
    seq: int = 0
    control: tuple[str, ...] = ()
    fleeting: bool = False


def to_conversation(
    conversation_id: UUID, frame: dict[str, Any], *, access_version: int, seq: int = 0, fleeting: bool = False
) -> Event:
    text = dumps(frame).decode()
    return Event(conversation_topic(conversation_id), text, access_version, seq, fleeting=fleeting)


def to_user(user_id: UUID, frame: dict[str, Any], *, control: tuple[str, ...] = ()) -> Event:
    return Event(user_topic(user_id), dumps(frame).decode(), control=control)


def epoch_moved(user_id: UUID, conversation_id: UUID, access_version: int) -> Event:
    """Has the hubs that hold a person's sockets learn a conversation's epoch, before what follows reaches them.

    On the person's topic, and not on the conversation's: between two topics the bus keeps no order.
    """
    return Event(user_topic(user_id), "", control=("epoch", str(conversation_id), str(access_version)))


def session_ended(user_id: UUID, *, session_id: UUID | None, spare: UUID | None = None, reason: str) -> Event:
    """Closes the sockets of one session, or with ``session_id=None`` of all the person's sessions but ``spare``."""
    control = ("end", str(session_id or "*"), str(spare or ""), reason)
    return Event(user_topic(user_id), "", control=control)
