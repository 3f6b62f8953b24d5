"""The first pass over an archive: every line is checked, alone and against the others, before one is imported."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from chat.models import Message
from pulse.lib.ids import direct_conversation_id
from pulse.office.importing.identities import group_id
from pulse.office.importing.lines import BadLine, Chat, Line, batches, read_archive

LINES_PER_LOOK = 1000
NO_SUCH_MESSAGE = "reply_to: No earlier message of this conversation has that id."
# Ids follow from the archive's names, so whoever can guess those can send a message of their own under one.
TAKEN = "id: Another message has it in Pulse: of somebody else, or of another conversation."


Stored = dict[UUID, tuple[UUID, UUID]]


def stored_messages(lines: Sequence[Line]) -> Stored:
    """Which of these lines' ids Pulse knows: ``{id: (conversation id, sender id)}``. One query."""
    rows = Message.objects.filter(id__in=[line.id for line in lines]).values_list("id", "conversation_id", "sender_id")
    return {id: (conversation_id, sender_id) for id, conversation_id, sender_id in rows}


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
    _seen: dict[bytes, Chat | None] = field(default_factory=dict)
    """{a line's id: its chat, or None where only the database can say whether it can be answered}"""
    _chats: dict[Chat, Chat] = field(default_factory=dict)
    _orphans: list[_Orphan] = field(default_factory=list)
    _stored: dict[tuple[Chat, UUID], list[tuple[int, UUID]]] = field(default_factory=dict)
    """{(direct chat, conversation it is stored in): [(line number, id)]}. Whose chat it is, the whole file tells."""
    _taken: set[UUID] = field(default_factory=set)

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

    def add(self, lines: Sequence[Line | BadLine]) -> None:
        there = stored_messages([line for line in lines if isinstance(line, Line)])
        for line in lines:
            reason = line.reason if isinstance(line, BadLine) else self._conflict(line, there)
            if reason:
                self.bad[line.number] = reason
            elif isinstance(line, Line):
                self._accept(line, there)

    def _conflict(self, line: Line, there: Stored) -> str | None:
        if line.id.bytes in self._seen:
            return "id: An earlier line has it."
        people = self.speakers.get(line.chat, {})
        if len(people) == 2 and line.sender_id not in people:
            return f"sender: {line.conversation} is a chat of two, and this is a third."
        conversation_id, sender_id = there.get(line.id, (None, line.sender_id))
        is_elsewhere = not line.is_direct and conversation_id not in {None, group_id(*line.chat)}
        if sender_id != line.sender_id or is_elsewhere:
            self._taken.add(line.id)
            return TAKEN
        return None

    def _accept(self, line: Line, there: Stored) -> None:
        # One tuple for each chat, not for each line.
        chat = self._chats.setdefault(line.chat, line.chat)
        self.good += 1
        if line.is_direct:
            self.speakers.setdefault(chat, {})[line.sender_id] = line.sender
        if line.reply_to is not None and self._seen.get(line.reply_to.bytes) != chat:
            self._orphans.append(_Orphan(line.number, line.reply_to, chat))
        self._seen[line.id.bytes] = chat
        if line.is_direct and line.id in there:
            self._seen[line.id.bytes] = None
            self._stored.setdefault((chat, there[line.id][0]), []).append((line.number, line.id))

    def find_taken_ids(self) -> None:
        """Look through what direct chats have in Pulse already: it must be where this file would put it."""
        for (chat, conversation_id), lines in self._stored.items():
            if conversation_id != self.conversation_id(chat):
                self.bad |= {number: TAKEN for number, _ in lines}
                self._taken |= {id for _, id in lines}
                self.good -= len(lines)
        self._stored.clear()

    def find_lost_replies(self) -> None:
        """Look for what is answered and isn't in the file: an earlier import may have brought it."""
        for start in range(0, len(self._orphans), 1000):
            orphans = self._orphans[start : start + 1000]
            ids = {orphan.target for orphan in orphans}
            there = dict(Message.objects.filter(id__in=ids).values_list("id", "conversation_id"))
            for orphan in orphans:
                is_there = there.get(orphan.target) == self.conversation_id(orphan.chat)
                if not is_there or orphan.target in self._taken:
                    self.lost_replies[orphan.number] = NO_SUCH_MESSAGE
        self._orphans.clear()


def survey(path: Path, *, source: str, on_bytes: Callable[[int], None]) -> Survey:
    """Read the whole archive once. Raises BrokenArchive."""
    found = Survey()
    for lines in batches(read_archive(path, source=source, on_bytes=on_bytes), LINES_PER_LOOK):
        found.add(lines)
    found.find_taken_ids()
    found.find_lost_replies()
    return found
