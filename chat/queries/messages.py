"""Reading messages: pages of history, and what has changed since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chat.errors import Reset
from chat.models import Hidden, Mention, Message, Participant, Reaction, Star
from chat.models.messages import MessageQuerySet
from chat.serializers import Json, has_expired, media_json, message_json, reply_json, sender_json
from media.models import Media
from pulse.lib.errors import NotThere

PAGE = 50
REACTION_USERS_SHOWN = 50

_COLUMNS = (
    "id", "conversation_id", "seq", "version", "type", "sender_id", "sender__name", "sender__avatar", "receiver_id",
    "group_id", "content", "location", "system", "reply_to_id", "reply_to__seq", "reply_to__sender_id",
    "reply_to__type", "reply_to__expires_at", "reply_excerpt", "forwarded", "pinned_at", "created_at", "updated_at",
    "edited_at", "deleted_at", "expires_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """A stretch of one conversation, ascending by seq, with what is personal beside it."""

    messages: list[Json]
    starred: list[str]
    has_before: bool
    has_after: bool


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed after a version. ``version`` is where the caller stands once it has put these in."""

    messages: list[Json]
    starred: list[str]
    hidden: list[str]
    version: int
    more: bool


def seat(user_id: UUID, conversation_id: UUID) -> Participant:
    """The person's own row in a conversation, or :class:`NotThere`."""
    found = (
        Participant.objects.filter(user_id=user_id, conversation_id=conversation_id)
        .select_related("conversation")
        .first()
    )
    if found is None:
        raise NotThere
    return found


def seen_from(place: Participant) -> MessageQuerySet:
    """The messages that can be seen from a seat."""
    found: MessageQuerySet = Message.objects.filter(conversation_id=place.conversation_id)
    return found.after(max(place.first_seq - 1, place.cleared_seq)).exclude(hidden_by__user_id=place.user_id)


def message_rows(queryset: MessageQuerySet) -> list[Json]:
    """Messages in their JSON shape, in the queryset's order: one query, and one for each kind of thing attached."""
    rows = list(queryset.values_list(*_COLUMNS))
    ids = [row[0] for row in rows]
    media, mentions, reactions = _media(ids), _mentions(ids), _reactions(ids)
    return [_message(row, media.get(row[0]), mentions.get(row[0]), reactions.get(row[0])) for row in rows]


def messages_by_id(ids: Collection[UUID]) -> dict[UUID, Json]:
    """Stored messages by id, whoever may see them: for the write core, which answers a retry with them."""
    return {UUID(row["id"]): row for row in message_rows(Message.objects.filter(id__in=ids))}


def _message(row: tuple[Any, ...], media: Any, mentions: Any, reactions: Any) -> Json:
    (
        id, conversation_id, seq, version, type, sender_id, sender_name, sender_avatar, receiver_id, group_id,
        content, location, system, reply_id, reply_seq, reply_sender_id, reply_type, reply_expires_at, reply_excerpt,
        forwarded, pinned_at, created_at, updated_at, edited_at, deleted_at, expires_at,
    ) = row  # fmt: skip
    quoted = "" if has_expired(reply_expires_at) else reply_excerpt
    return message_json(
        id=id,
        conversation_id=conversation_id,
        seq=seq,
        version=version,
        type=type,
        sender=sender_json(sender_id, sender_name, sender_avatar),
        receiver_id=receiver_id,
        group_id=group_id,
        content=content,
        location=location,
        system=system,
        reply_to=reply_json(reply_id, reply_seq, reply_sender_id, reply_type, quoted) if reply_id else None,
        forwarded=forwarded,
        created_at=created_at,
        updated_at=updated_at,
        edited_at=edited_at,
        deleted_at=deleted_at,
        expires_at=expires_at,
        pinned_at=pinned_at,
        media=media,
        mentions=mentions,
        reactions=reactions,
    )


def message_of(message: Message) -> Json:
    """One message that was read as a model, with its sender and what it answers: the last one of a conversation."""
    reply = message.reply_to
    answered = (reply.seq, reply.sender_id, reply.type, reply.expires_at) if reply else (None,) * 4
    return _message(
        (
            message.id, message.conversation_id, message.seq, message.version, message.type, message.sender_id,
            message.sender.name, message.sender.avatar.name, message.receiver_id, message.group_id, message.content,
            message.location, message.system, message.reply_to_id, *answered, message.reply_excerpt, message.forwarded,
            message.pinned_at, message.created_at, message.updated_at, message.edited_at, message.deleted_at,
            message.expires_at,
        ),
        *([], [], []),
    )  # fmt: skip


def _media(ids: list[UUID]) -> dict[UUID, list[Json]]:
    found: dict[UUID, list[Json]] = defaultdict(list)
    for row in Media.objects.filter(message_id__in=ids).order_by("position", "id") if ids else ():
        if row.message_id is not None:
            found[row.message_id].append(media_json(row))
    return found


def _mentions(ids: list[UUID]) -> dict[UUID, list[str]]:
    found: dict[UUID, list[str]] = defaultdict(list)
    for message_id, user_id in (
        Mention.objects.filter(message_id__in=ids).values_list("message_id", "user_id") if ids else ()
    ):
        found[message_id].append(str(user_id))
    return found


def _reactions(ids: list[UUID]) -> dict[UUID, list[Json]]:
    rows: Iterable[tuple[UUID, str, UUID]] = (
        Reaction.objects.filter(message_id__in=ids)
        .order_by("created_at", "id")
        .values_list("message_id", "emoji", "user_id")
        if ids
        else ()
    )
    people: dict[UUID, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for message_id, emoji, user_id in rows:
        people[message_id][emoji].append(str(user_id))
    return {
        message_id: [
            {"emoji": emoji, "count": len(user_ids), "user_ids": user_ids[:REACTION_USERS_SHOWN]}
            for emoji, user_ids in by_emoji.items()
        ]
        for message_id, by_emoji in people.items()
    }


def _starred(user_id: UUID, **where: Any) -> list[str]:
    return [str(id) for id in Star.objects.filter(user_id=user_id, **where).values_list("message_id", flat=True)]


# History


def history_page(
    user_id: UUID,
    conversation_id: UUID,
    *,
    before: int | None = None,
    after: int | None = None,
    around: int | None = None,
    limit: int = PAGE,
) -> HistoryPage:
    """The newest page of history, or what is before, after or around a seq. Raises :class:`NotThere` to a stranger."""
    place = seat(user_id, conversation_id)
    seen = seen_from(place)
    if around is not None:
        # The message itself belongs to the second half.
        half = max(1, limit // 2)
        older, has_before = _stretch(seen.before(around), limit - half, newest=True)
        newer, has_after = _stretch(seen.after(around - 1), half, newest=False)
        messages = older + newer
    elif after is not None:
        messages, has_after = _stretch(seen.after(after), limit, newest=False)
        has_before = bool(messages) and seen.before(messages[0]["seq"]).exists()
    else:
        messages, has_before = _stretch(seen if before is None else seen.before(before), limit, newest=True)
        has_after = before is not None and bool(messages) and seen.after(messages[-1]["seq"]).exists()
    return HistoryPage(messages, _starred(user_id, message_id__in=[m["id"] for m in messages]), has_before, has_after)


def _stretch(seen: MessageQuerySet, limit: int, *, newest: bool) -> tuple[list[Json], bool]:
    """Up to ``limit`` messages ascending, and whether there are more beyond them."""
    rows = message_rows(seen.order_by("-seq" if newest else "seq")[: limit + 1])
    more = len(rows) > limit
    rows = rows[:limit]
    return (rows[::-1] if newest else rows), more


# Changes


def changes(user_id: UUID, conversation_id: UUID, *, since: int, limit: int = PAGE) -> Changes:
    """All that changed after ``since``, ascending by version. Raises :class:`Reset` where ``since`` is yet to come.

    The conversation's version is read before the messages. What changes in between carries a later version and is left
    to the next call, so the two statements agree without a snapshot of their own.
    """
    place = seat(user_id, conversation_id)
    version = place.conversation.version
    if since > version:
        raise Reset(version)
    rows = message_rows(
        seen_from(place).changed_since(since).filter(version__lte=version).order_by("version")[: limit + 1]
    )
    more = len(rows) > limit
    rows = rows[:limit]
    return Changes(
        messages=rows,
        starred=_starred(user_id, message__conversation_id=conversation_id),
        hidden=[
            str(id)
            for id in Hidden.objects.filter(user_id=user_id, message__conversation_id=conversation_id).values_list(
                "message_id", flat=True
            )
        ],
        version=rows[-1]["version"] if more else version,
        more=more,
    )
