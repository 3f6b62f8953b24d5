"""Topics: what sockets listen to. (A channel layer calls them groups; Pulse has groups enough.)"""

from uuid import UUID


def user_topic(user_id: UUID) -> str:
    """One person's own affairs, on all their devices: sessions ended, conversations gained and lost, own marks."""
    return f"user.{user_id}"


def conversation_topic(conversation_id: UUID) -> str:
    """Everything that happens in a conversation, for whoever takes part."""
    return f"conversation.{conversation_id}"
