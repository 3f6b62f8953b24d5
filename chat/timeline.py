"""History as one reader sees it: days, runs of one sender, whose a message is and how far it got."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import User
from chat.serializers import Json

RUN = timedelta(minutes=5)
# Where there are more, nobody is told how far each has read.
MOST_PEOPLE = 100


@dataclass(frozen=True, slots=True)
class Drawn:
    message: Json
    own: bool
    head: bool
    tick: str
    new: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    date: date
    label: str
    drawn: list[Drawn] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Marks:
    """How far the others have come: what all of them have read, and what has reached all of them."""

    read_seq: int
    delivered_seq: int

    @classmethod
    def of(cls, people: Iterable[Mapping[str, Any]], reader_id: UUID) -> "Marks":
        others = [one for one in people if one["user"]["id"] != str(reader_id)]
        if len(others) >= MOST_PEOPLE:
            return cls(0, 0)
        return cls(
            min((one["last_read_seq"] for one in others), default=0),
            min((one["last_delivered_seq"] for one in others), default=0),
        )

    def tick(self, seq: int) -> str:
        if seq <= self.read_seq:
            return "read"
        return "delivered" if seq <= self.delivered_seq else "sent"


def days(messages: Sequence[Json], reader_id: UUID, marks: Marks, *, new_after: int | None = None) -> list[Day]:
    """``messages``, ascending, by the reader's days. The first of others' after ``new_after`` is marked new."""
    found: list[Day] = []
    previous: Json | None = None
    divided = new_after is None
    for message in messages:
        day = timezone.localdate(datetime.fromisoformat(message["created_at"]))
        begins_day = not found or found[-1].date != day
        if begins_day:
            found.append(Day(day, day_label(day)))
        own = message["sender"]["id"] == str(reader_id)
        new = not divided and not own and message["seq"] > (new_after or 0)
        divided = divided or new
        head = new or begins_day or begins_run(previous, message)
        tick = marks.tick(message["seq"]) if own and not message["system"] and not message["deleted_at"] else ""
        found[-1].drawn.append(Drawn(message, own, head, tick, new))
        previous = message
    return found


def begins_run(previous: Json | None, message: Json) -> bool:
    """Whether ``message`` shows its sender anew: someone else wrote before, or it was more than five minutes ago."""
    if previous is None or previous["system"] or previous["sender"]["id"] != message["sender"]["id"]:
        return True
    return datetime.fromisoformat(message["created_at"]) - datetime.fromisoformat(previous["created_at"]) > RUN


def day_label(day: date) -> str:
    today = timezone.localdate()
    if day == today:
        return "Today"
    if day == today - timedelta(days=1):
        return "Yesterday"
    return date_format(day, "l j F" if day.year == today.year else "l j F Y")


def names_in(messages: Iterable[Json], known: Mapping[str, str]) -> dict[str, str]:
    """The names that quotes and mentions need: a message's shape gives only ids for those. At most one query."""
    names = dict(known)
    wanted: set[str] = set()
    for message in messages:
        names[message["sender"]["id"]] = message["sender"]["name"]
        wanted.update(message["mentions"])
        if message["reply_to"]:
            wanted.add(message["reply_to"]["sender_id"])
    wanted -= names.keys()
    if wanted:
        names |= {str(id): name for id, name in User.objects.filter(id__in=wanted).values_list("id", "name")}
    return names
