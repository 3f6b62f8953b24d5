"""Reading conversations: a page of the chat list is one query, bounded by one's own participants."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import BooleanField, Case, Exists, F, OuterRef, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import Block, User
from chat.models import Conversation, Hidden, Participant
from chat.queries.messages import message_of
from chat.queries.participants import shown_user
from chat.serializers import Json
from media.serializers import avatar_url
from pulse.lib.encoding import iso, iso_or_none
from pulse.lib.errors import NotThere

NOTES_TITLE = "Notes to self"

# The order of the chat list: pinned first, newest activity first. Names of annotations of `chat_list`.
CHAT_LIST_ORDER = ("-pinned", "-active_at", "-conversation_id")


def _places(user_id: UUID) -> QuerySet[Participant]:
    """The person's seats, with all that a Conversation shows: one query."""
    pair = OuterRef("conversation__user_low"), OuterRef("conversation__user_high")
    return (
        Participant.objects.filter(user_id=user_id)
        .select_related(
            "user",
            "conversation__group",
            "conversation__user_low",
            "conversation__user_high",
            "conversation__last_message__sender",
            "conversation__last_message__reply_to",
        )
        .annotate(
            blocked=Exists(Block.objects.between(*pair)),
            last_hidden=Exists(
                Hidden.objects.filter(user_id=user_id, message_id=OuterRef("conversation__last_message"))
            ),
            active_at=Coalesce("conversation__last_message__created_at", "conversation__created_at"),
            pinned=Case(
                When(pinned_at__isnull=False, then=Value(True)), default=Value(False), output_field=BooleanField()
            ),
        )
    )


def chat_list(user_id: UUID, *, unread: bool = False, archived: bool = False) -> QuerySet[Participant]:
    """The person's chats, to be ordered by CHAT_LIST_ORDER. What was cleared comes back with its next message."""
    places = _places(user_id).filter(
        Q(conversation__last_seq__gt=F("cleared_seq")) | Q(conversation__last_seq=0), archived_at__isnull=not archived
    )
    return places.filter(conversation__last_seq__gt=F("last_read_seq")) if unread else places


def conversation_json(user_id: UUID, conversation_id: UUID) -> Json:
    """One conversation as the person sees it. Raises :class:`NotThere` to whoever takes no part."""
    place = _places(user_id).filter(conversation_id=conversation_id).first()
    if place is None:
        raise NotThere
    return conversation_of(place)


def conversation_jsons(user_id: UUID, conversation_ids: Sequence[UUID]) -> list[Json]:
    """Some conversations as the person sees them, those alone in which they take part."""
    return [conversation_of(place) for place in _places(user_id).filter(conversation_id__in=conversation_ids)]


def unread_total(user_id: UUID) -> int:
    """Unread messages over all of the person's chats that are neither muted nor archived."""
    total = (
        Participant.objects.filter(
            user_id=user_id, archived_at__isnull=True, conversation__last_seq__gt=F("last_read_seq")
        )
        .exclude(muted_until__gt=timezone.now())
        .aggregate(total=Sum(F("conversation__last_seq") - F("last_read_seq")))["total"]
    )
    return total or 0


def peer_of(conversation: Conversation, user_id: UUID) -> User | None:
    """The other person of a direct conversation; oneself in notes to oneself; None in a group."""
    return conversation.user_high if conversation.user_low_id == user_id else conversation.user_low


def my_json(place: Participant, *, can_post: bool) -> Json:
    return {
        "last_read_seq": place.last_read_seq,
        "last_delivered_seq": place.last_delivered_seq,
        "first_seq": place.first_seq,
        "muted_until": iso_or_none(place.muted_until),
        "pinned_at": iso_or_none(place.pinned_at),
        "archived_at": iso_or_none(place.archived_at),
        "can_post": can_post,
    }


def conversation_of(place: Participant) -> Json:
    """A Conversation as the person in ``place`` sees it; ``place`` comes from :func:`chat_list`."""
    conversation = place.conversation
    group, peer = conversation.group, peer_of(conversation, place.user_id)
    if group is not None:
        title, avatar = group.name, avatar_url(group.avatar.name)
    elif peer is not None and peer.id != place.user_id:
        title, avatar = peer.name, avatar_url(peer.avatar.name)
    else:
        title, avatar = NOTES_TITLE, None
    last = conversation.last_message
    if last is not None and (last.seq < place.first_seq or last.seq <= place.cleared_seq or place.last_hidden):  # type: ignore[attr-defined]  # annotated
        last = None
    blocked: bool = place.blocked  # type: ignore[attr-defined]  # annotated
    deserted = peer is not None and peer.closed_at is not None
    can_post = not (place.read_only or conversation.closed_at or blocked or deserted or place.user.is_suspended)
    return {
        "id": str(conversation.id),
        "kind": conversation.kind,
        "title": title,
        "avatar_url": avatar,
        "peer": shown_user(peer, apart=blocked, viewer_hides=place.user.hides_last_seen) if peer is not None else None,
        "group_id": str(conversation.id) if group is not None else None,
        "last_seq": conversation.last_seq,
        "version": conversation.version,
        "last_message": message_of(last) if last is not None else None,
        "unread_count": max(0, conversation.last_seq - place.last_read_seq),
        "message_lifetime": conversation.message_lifetime,
        "created_at": iso(conversation.created_at),
        "updated_at": iso(conversation.updated_at),
        "my": my_json(place, can_post=can_post),
    }
