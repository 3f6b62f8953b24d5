"""Identifiers: UUID version 7, made by the application (RFC 9562)."""

import uuid

from uuid_utils.compat import uuid7 as _uuid7

# The namespace under which a direct conversation's id follows from its two people. Never change it.
DIRECT_CONVERSATIONS = uuid.UUID("6f1a3c0e-5d0f-5b5e-9a52-3c1d4f7b2a90")


def uuid7() -> uuid.UUID:
    """A new id. Sorts by the millisecond it was made in; monotonic within one process only."""
    return _uuid7()


def direct_conversation_id(user_low: uuid.UUID, user_high: uuid.UUID) -> uuid.UUID:
    """The id of the direct conversation of two people; ``user_low <= user_high``."""
    return uuid.uuid5(DIRECT_CONVERSATIONS, f"{user_low}:{user_high}")
