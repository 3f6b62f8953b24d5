"""The first pass over an archive: every line is checked, alone and against the others, before one is imported."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from chat.models import Message
from pulse.lib.ids import direct_conversation_id
from pulse.office.importing.identities import group_id
from pulse.office.importing.lines import BadLine, Chat, Line, read_archive

NO_SUCH_MESSAGE = "reply_to: No earlier message of this conversation has that id."


@dataclass(frozen=True, slots=True)
class _Orphan:
    """A reply to something that did not come before it in the file: it may have been imported already."""

    number: int
    target: UUID
    chat: Chat


@dataclass
class Survey:
    """What an archive holds. It grows with the number of lines, by about 200 bytes each, not with their length."""

    good: int = 0
    bad: dict[int, str] = field(default_factory=dict)
    """{line number: what is wrong with it}: these can't be imported."""
    lost_replies: dict[int, str] = field(default_factory=dict)
    """{line number: why}: these can be, but not as a reply."""
    speakers: dict[Chat, dict[UUID, str]] = field(default_factory=dict)
    """Who speaks in each direct chat: {id: name} of one or two people."""
    _seen: dict[bytes, Chat] = field(default_factory=dict)
    _chats: dict[Chat, Chat] = field(default_factory=dict)
    _orphans: list[_Orphan] = field(default_factory=list)

    @property
    def problems(self) -> list[BadLine]:
        return [BadLine(number, reason) for number, reason in sorted((self.bad | self.lost_replies).items())]

    def conversation_id(self, chat: Chat) -> UUID:
        """Where a chat of the archive is, or will be, in Pulse."""
        if chat not in self.speakers:
            return group_id(*chat)
        low, high = self.pair(chat)
        return direct_conversation_id(low, high)

    def pair(self, chat: Chat) -> tuple[UUID, UUID]:
        """The two people of a direct chat, in order. Where only one speaks, it is their notes to themselves."""
        people = sorted(self.speakers[chat])
        return people[0], people[-1]

    def add(self, line: Line | BadLine) -> None:
        reason = line.reason if isinstance(line, BadLine) else self._conflict(line)
        if reason:
            self.bad[line.number] = reason
        elif isinstance(line, Line):
            self._accept(line)

    def _conflict(self, line: Line) -> str | None:
        if line.id.bytes in self._seen:
            return "id: An earlier line has it."
        people = self.speakers.get(line.chat, {})
        if len(people) == 2 and line.sender_id not in people:
            return f"sender: {line.conversation} is a chat of two, and this is a third."
        return None

    def _accept(self, line: Line) -> None:
        # One tuple for each chat, not for each line.
        chat = self._chats.setdefault(line.chat, line.chat)
        self.good += 1
        if line.is_direct:
            self.speakers.setdefault(chat, {})[line.sender_id] = line.sender
        if line.reply_to is not None and self._seen.get(line.reply_to.bytes) != chat:
            self._orphans.append(_Orphan(line.number, line.reply_to, chat))
        self._seen[line.id.bytes] = chat

    def find_lost_replies(self) -> None:
        """Look for what is answered and isn't in the file: an earlier import may have brought it."""
        for start in range(0, len(self._orphans), 1000):
            orphans = self._orphans[start : start + 1000]
            ids = {orphan.target for orphan in orphans}
            there = dict(Message.objects.filter(id__in=ids).values_list("id", "conversation_id"))
            for orphan in orphans:
                if there.get(orphan.target) != self.conversation_id(orphan.chat):
                    self.lost_replies[orphan.number] = NO_SUCH_MESSAGE
        self._orphans.clear()


def survey(path: Path, *, source: str, on_bytes: Callable[[int], None]) -> Survey:
    """Read the whole archive once. Raises BrokenArchive."""
    found = Survey()
    for line in read_archive(path, source=source, on_bytes=on_bytes):
        found.add(line)
    found.find_lost_replies()
    return found
