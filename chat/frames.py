"""The frames a client may send, declared once: what is not declared here cannot be said on the socket.

Unknown fields are ignored, as the contract says; a wrong type is an error frame that names the place.
"""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, Struct, field

from pulse.lib.errors import BadInput
from pulse.lib.text import text_problem

Ref = Annotated[str, Meta(max_length=64)] | Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)] | None
Seq = Annotated[int, Meta(ge=0, le=2**63 - 1)]


class Command(Struct, frozen=True, kw_only=True):
    ref: Ref = None


class Resume(Command, frozen=True, kw_only=True, tag="resume"):
    """Which version of which conversation the client knows; none for a client with no state."""

    conversations: dict[UUID, Seq] = field(default_factory=dict)


class SendMessage(Command, frozen=True, kw_only=True, tag="message.send"):
    conversation_id: UUID
    content: str
    id: UUID | None = None
    reply_to: UUID | None = None


class Read(Command, frozen=True, kw_only=True, tag="read"):
    conversation_id: UUID
    seq: Seq


class Delivered(Command, frozen=True, kw_only=True, tag="delivered"):
    conversation_id: UUID
    seq: Seq


class Typing(Command, frozen=True, kw_only=True, tag="typing"):
    conversation_id: UUID
    active: bool


class Ping(Command, frozen=True, kw_only=True, tag="ping"):
    pass


Frame = Resume | SendMessage | Read | Delivered | Typing | Ping


class _Ref(Struct):
    ref: Any = None


_decoder: msgspec.json.Decoder[Frame] = msgspec.json.Decoder(Frame)
_ref_decoder = msgspec.json.Decoder(_Ref)


def parse(text: str | bytes) -> Frame:
    """The command in a frame. Raises :class:`BadInput`: ``malformed``, ``unknown_type`` or ``invalid``."""
    try:
        frame = _decoder.decode(text)
    except msgspec.ValidationError as error:
        where = str(error)
        code = "unknown_type" if where.startswith("Invalid value") and "`$.type`" in where else "invalid"
        raise BadInput(where if code == "invalid" else "There is no such command.", code=code) from None
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        raise BadInput("That isn’t a JSON object that can be read.", code="malformed") from None
    if isinstance(frame.ref, str) and text_problem(frame.ref):
        raise BadInput("This ref can’t be stored or answered.", code="invalid")
    return frame


def ref_of(text: str | bytes) -> str | int | None:
    """The ref of a frame that could not be parsed, where it has one that can be answered."""
    try:
        ref = _ref_decoder.decode(text).ref
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return None
    if isinstance(ref, str) and len(ref) <= 64 and not text_problem(ref):
        return ref
    return ref if isinstance(ref, int) and not isinstance(ref, bool) and -(2**63) <= ref < 2**63 else None
