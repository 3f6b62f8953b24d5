"""The second pass: people, groups and messages, a thousand lines to a transaction.

What a transaction wrote, it wrote whole: an import that was killed goes on where it stopped, since ids that are there
already are passed over.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.db import transaction

from accounts.actions.operators import import_people
from chat.actions import open_direct_between
from chat.actions.history import write_history
from chat.writing import Draft
from groups.actions.imports import import_group, import_members
from pulse.lib.errors import DomainError
from pulse.office.importing.lines import BadLine, Chat, Line, batches, read_archive
from pulse.office.importing.survey import Survey, stored_messages

LINES_PER_TRANSACTION = 1000


@dataclass
class Imported:
    """What an import came to."""

    messages: int = 0
    there_already: int = 0
    people: int = 0  # who are new
    conversations: int = 0  # of the archive: two chats of the same two people are one in Pulse
    refused: list[BadLine] = field(default_factory=list)
    """Lines that the chat did not take: the group is closed, its person suspended, or the like."""


def import_archive(
    path: Path,
    found: Survey,
    *,
    source: str,
    on_lines: Callable[[int], None],
    lines_per_transaction: int = LINES_PER_TRANSACTION,
) -> Imported:
    """Write what ``found`` says is good, in the order of the file. Raises BrokenArchive."""
    importer = _Importer(found)
    lines = (
        line for line in read_archive(path, source=source) if isinstance(line, Line) and line.number not in found.bad
    )
    for batch in batches(lines, lines_per_transaction):
        importer.write(batch)
        on_lines(len(batch))
    return importer.imported


class _Importer:
    def __init__(self, found: Survey) -> None:
        self.found = found
        self.imported = Imported()
        self.chats: set[Chat] = set()
        self.people: set[UUID] = set()
        self.seated: set[tuple[UUID, UUID]] = set()

    @transaction.atomic
    def write(self, lines: Sequence[Line]) -> None:
        there = stored_messages(lines)
        # Somebody else's message may have taken an id since the survey: the write core refuses that one.
        missing = [
            line for line in lines if there.get(line.id) != (self.found.conversation_id(line.chat), line.sender_id)
        ]
        self.imported.there_already += len(lines) - len(missing)
        if not missing:
            return
        self._bring_people(missing)
        self._open_chats(missing)
        self._seat(missing)
        for line, outcome in zip(missing, write_history([self._draft(line) for line in missing]), strict=True):
            if isinstance(outcome, DomainError):
                self.imported.refused.append(BadLine(line.number, outcome.detail))
            else:
                self.imported.messages += 1

    def _bring_people(self, lines: Sequence[Line]) -> None:
        names = {line.sender_id: line.sender for line in lines}
        for line in lines:
            # Of a chat of two, both: the other may speak first in a later batch.
            names |= self.found.speakers.get(line.chat, {})
        new = {id: name for id, name in names.items() if id not in self.people}
        self.imported.people += import_people(new)
        self.people |= new.keys()

    def _open_chats(self, lines: Sequence[Line]) -> None:
        for line in lines:
            if line.chat in self.chats:
                continue
            self.chats.add(line.chat)
            self.imported.conversations += 1
            if line.is_direct:
                open_direct_between(*self.found.pair(line.chat))
            else:
                import_group(
                    id=self.found.conversation_id(line.chat),
                    name=line.conversation,
                    founder_id=line.sender_id,
                    created_at=line.sent_at,
                )

    def _seat(self, lines: Sequence[Line]) -> None:
        """Everyone who speaks in a group is a member, from when they first did."""
        new: dict[UUID, dict[UUID, datetime]] = defaultdict(dict)
        for line in lines:
            group_id = self.found.conversation_id(line.chat)
            if not line.is_direct and (group_id, line.sender_id) not in self.seated:
                new[group_id].setdefault(line.sender_id, line.sent_at)
        for group_id, joined in new.items():
            import_members(group_id=group_id, joined=joined)
            self.seated |= {(group_id, user_id) for user_id in joined}

    def _draft(self, line: Line) -> Draft:
        return Draft(
            id=line.id,
            conversation_id=self.found.conversation_id(line.chat),
            sender_id=line.sender_id,
            content=line.content,
            reply_to_id=None if line.number in self.found.lost_replies else line.reply_to,
            created_at=line.sent_at,
        )
