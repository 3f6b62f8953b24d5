"""What a group's history says of the group itself."""

from collections.abc import Sequence
from uuid import UUID

from chat.models import Message
from chat.serializers import Json
from chat.writing import Draft, write_messages
from pulse.lib.errors import DomainError


def write_system_lines(*, conversation_id: UUID, actor_id: UUID, changes: Sequence[Json]) -> None:
    """Tell everybody in a conversation what somebody did: ``{event, ...}``, one line each, in their order.

    Inside the transaction of the change itself, and after it: whoever was removed by it hears nothing of it. The actor
    needs no seat, since they may have left by the same act.
    """
    drafts = [
        Draft(
            conversation_id=conversation_id,
            sender_id=actor_id,
            new_id=True,
            type=Message.Type.SYSTEM,
            system=change,
        )
        for change in changes
    ]
    for outcome in write_messages(drafts):
        if isinstance(outcome, DomainError):
            raise outcome
