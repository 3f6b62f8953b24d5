"""Writing down what was said elsewhere, before."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from chat.models import Conversation, Participant
from chat.writing import Draft, Outcome, write_messages


@transaction.atomic
def write_history(drafts: Sequence[Draft]) -> list[Outcome]:
    """Write imported messages, announced to nobody. Whoever had read everything before has read everything after."""
    ids = {draft.conversation_id for draft in drafts}
    # The same lock in the same order as the write core, which takes it again.
    rows = Conversation.objects.select_for_update(no_key=True).filter(id__in=ids).order_by("id")
    before = dict(rows.values_list("id", "last_seq"))
    outcomes = write_messages(drafts, announce=False)
    _count_as_read(before)
    return outcomes


def _count_as_read(before: Mapping[UUID, int]) -> None:
    """Move the marks of those who stood at the end of ``before``, or beyond, to the end of now."""
    now = timezone.now()
    for id, last_seq in Conversation.objects.filter(id__in=before).values_list("id", "last_seq"):
        seats = Participant.objects.filter(conversation_id=id, last_read_seq__range=(before[id], last_seq - 1))
        seats.update(last_read_seq=last_seq, last_delivered_seq=last_seq, updated_at=now)
