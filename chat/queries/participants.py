"""Who takes part in a conversation, and what each may know of the others: blocks, and what people keep to themselves.

In a direct conversation one's read mark is known to the other unless one of the two keeps theirs private; with a block
between them no mark is. What is known then is what their messages say anyway: whoever writes has read what is above.
"""

from __future__ import annotations

from uuid import UUID

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from accounts.models import Block, User
from accounts.serializers import UNSEEN, user_json
from chat.models import Conversation, Message, Participant
from chat.queries.messages import seat
from chat.serializers import Json
from pulse.lib.errors import NotThere
from pulse.lib.ids import direct_conversation_id


def seats_of(viewer_id: UUID, conversation_id: UUID) -> QuerySet[Participant]:
    """Who takes part, with their users, for :func:`participant_json`. Raises :class:`NotThere` to whoever doesn't."""
    seat(viewer_id, conversation_id)
    return shown_seats(viewer_id, conversation_id)


def shown_seats(viewer_id: UUID, conversation_id: UUID) -> QuerySet[Participant]:
    """Every seat, with what ``viewer`` may know of it; for those who have checked that the viewer has one."""
    peers = Q(conversation__kind=Conversation.Kind.DIRECT) & ~Q(user_id=viewer_id)
    apart = Exists(Block.objects.between(viewer_id, OuterRef("user")))
    private = Exists(User.objects.hiding_reading().filter(Q(id=viewer_id) | Q(id=OuterRef("user"))))
    said = Message.objects.filter(conversation_id=conversation_id, sender=OuterRef("user")).order_by("-seq")
    said_seq = Coalesce(Subquery(said.values("seq")[:1]), Value(0))
    return (
        Participant.objects.filter(conversation_id=conversation_id)
        .select_related("user")
        .annotate(
            apart=apart,
            viewer_hides=Exists(User.objects.hiding_last_seen().filter(id=viewer_id)),
            known_read_seq=Case(When(peers & (Q(apart) | Q(private)), then=said_seq), default=F("last_read_seq")),
            known_delivered_seq=Case(When(peers & Q(apart), then=said_seq), default=F("last_delivered_seq")),
        )
    )


def participant_json(row: Participant) -> Json:
    return {
        "user": shown_user(row.user, apart=row.apart, viewer_hides=row.viewer_hides),  # type: ignore[attr-defined]  # annotated
        "last_read_seq": row.known_read_seq,  # type: ignore[attr-defined]  # annotated
        "last_delivered_seq": row.known_delivered_seq,  # type: ignore[attr-defined]  # annotated
    }


def shown_user(user: User, *, apart: bool, viewer_hides: bool) -> Json:
    """A User; with a block between them, only what the conversation's history says of them anyway."""
    shown = user_json(user)
    if apart:
        return shown | UNSEEN | {"about": ""}
    return shown | UNSEEN if viewer_hides else shown


def blocked_json(block: Block) -> Json:
    """The User whom somebody has blocked, as the blocker sees them."""
    return shown_user(block.blocked, apart=True, viewer_hides=False)


def is_blocked(conversation: Conversation) -> bool:
    """Whether either of a direct conversation's two has blocked the other."""
    low, high = conversation.user_low_id, conversation.user_high_id
    return low is not None and high is not None and Block.objects.between(low, high).exists()


def is_deserted(conversation: Conversation) -> bool:
    """Whether either of a direct conversation's two has closed their account."""
    pair = (conversation.user_low_id, conversation.user_high_id)
    found: bool = User.objects.filter(id__in=pair, closed_at__isnull=False).exists()
    return found


def has_blocked(user_id: UUID, other_id: UUID) -> bool:
    return Block.objects.filter(blocker_id=user_id, blocked_id=other_id).exists()


def is_reading_private(conversation: Conversation) -> bool:
    """Whether either of a direct conversation's two keeps to themselves what they have read."""
    pair = (conversation.user_low_id, conversation.user_high_id)
    found: bool = User.objects.hiding_reading().filter(id__in=pair).exists()
    return found


def last_said_seq(place: Participant) -> int:
    """The number of the last message that somebody wrote from their seat; 0 where they wrote none."""
    said = Message.objects.filter(conversation_id=place.conversation_id, sender_id=place.user_id)
    return said.order_by("-seq").values_list("seq", flat=True).first() or 0


def acquaintance(user: User, other_id: UUID) -> User:
    """Somebody whom the person can see, shares a conversation with, or has blocked. Raises :class:`NotThere`.

    Who blocked the person is found by the last two alone, as if there were no such block: that nobody can tell by it.
    """
    mine = Participant.objects.filter(user=user)
    if (
        User.objects.visible_to(user).filter(id=other_id).exists()
        or has_blocked(user.id, other_id)
        or mine.filter(conversation_id=direct_conversation_id(*sorted((user.id, other_id)))).exists()
        or mine.filter(conversation__participants__user_id=other_id).exists()
    ):
        known: User = User.objects.get(id=other_id)
        return known
    raise NotThere
