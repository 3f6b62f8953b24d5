"""An archive is a file of JSON lines, one message each: docs/import.md says what they hold."""

import gzip
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import IO, Any, TypeVar
from uuid import UUID

import orjson
from django.utils import timezone

from pulse.lib.errors import BadInput
from pulse.lib.text import checked_message, checked_name, text_problem
from pulse.office.importing.identities import message_id, person_id

DIRECT_PREFIX = "dm/"
ID_MAX_CHARACTERS = 200
LINE_MAX_BYTES = 1 << 20
GZIP_MAGIC = b"\x1f\x8b"
# Nothing was said in a chat before. A time near year 1 has no local form west of Greenwich, and breaks pages there.
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)

T = TypeVar("T")

Chat = tuple[str, str]  # its source, and its name there


class BrokenArchive(Exception):
    """The file can't be read to its end."""


@dataclass(frozen=True, slots=True)
class Line:
    """One message of an archive, checked by itself; ``number`` counts the file's lines from 1."""

    number: int
    id: UUID
    source: str
    conversation: str
    sender: str
    sent_at: datetime
    content: str
    reply_to: UUID | None

    @property
    def sender_id(self) -> UUID:
        return person_id(self.source, self.sender)

    @property
    def chat(self) -> Chat:
        return self.source, self.conversation

    @property
    def is_direct(self) -> bool:
        return self.conversation.startswith(DIRECT_PREFIX)


@dataclass(frozen=True, slots=True)
class BadLine:
    number: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.number}: {self.reason}"


class _Bad(Exception):
    pass


def read_archive(
    path: Path, *, source: str, on_bytes: Callable[[int], None] = lambda size: None
) -> Iterator[Line | BadLine]:
    """Every line of a file, gzipped or not, one at a time. ``on_bytes`` hears how much of the file was read."""
    try:
        with path.open("rb") as file:
            zipped = file.read(2) == GZIP_MAGIC
            file.seek(0)
            stream: IO[bytes] = gzip.GzipFile(fileobj=file) if zipped else file  # type: ignore[assignment]  # an IO in all but name
            position = 0
            for number, raw in _raw_lines(stream):
                if raw is None or raw.strip():
                    yield _line(number, raw, source)
                if number % 1000 == 0:
                    on_bytes(file.tell() - position)
                    position = file.tell()
            on_bytes(file.tell() - position)
    except (OSError, EOFError, zlib.error) as error:
        raise BrokenArchive(f"{path} can’t be read: {error}") from error


def batches(lines: Iterator[T], size: int) -> Iterator[list[T]]:
    while batch := list(islice(lines, size)):
        yield batch


def _raw_lines(stream: IO[bytes]) -> Iterator[tuple[int, bytes | None]]:
    """Numbered lines; None for one that is too long to hold."""
    number = 0
    while raw := stream.readline(LINE_MAX_BYTES):
        number += 1
        too_long = len(raw) == LINE_MAX_BYTES and not raw.endswith(b"\n")
        if too_long:
            while (rest := stream.readline(LINE_MAX_BYTES)) and not rest.endswith(b"\n"):
                pass
        yield number, None if too_long else raw


def _line(number: int, raw: bytes | None, source: str) -> Line | BadLine:
    try:
        return _parsed(number, raw, source)
    except _Bad as error:
        return BadLine(number, str(error))
    except BadInput as error:
        return BadLine(number, " ".join(f"{field}: {' '.join(texts)}" for field, texts in error.errors.items()))


def _parsed(number: int, raw: bytes | None, default_source: str) -> Line:
    if raw is None:
        raise _Bad(f"It is longer than {LINE_MAX_BYTES} bytes.")
    try:
        data = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise _Bad(f"It isn’t valid JSON: {error.msg}") from error
    if not isinstance(data, dict):
        raise _Bad("It isn’t a JSON object.")
    source = checked_source(_text(data, "source") if data.get("source") is not None else default_source)
    reply_to = _id(data, "reply_to") if data.get("reply_to") is not None else None
    return Line(
        number=number,
        id=message_id(source, _id(data, "id")),
        source=source,
        conversation=_name(_text(data, "conversation"), "conversation"),
        sender=_name(_text(data, "sender"), "sender"),
        sent_at=_time(data),
        content=checked_message(_text(data, "content")),
        reply_to=None if reply_to is None else message_id(source, reply_to),
    )


# The same few names stand in line after line.
@lru_cache(maxsize=10_000)
def _name(name: str, field: str) -> str:
    return checked_name(name, field=field)


@lru_cache(maxsize=100)
def checked_source(source: str) -> str:
    """``source`` as it is used, or BadInput. SOURCE/NAME is how operators write a person, so it has no slash."""
    source = checked_name(source, field="source")
    if "/" in source:
        raise BadInput(errors={"source": ["It can’t hold a slash."]})
    return source


def _text(data: dict[str, Any], field: str) -> str:
    value = data.get(field)
    if not isinstance(value, str):
        raise _Bad(f"{field}: {'It is missing.' if value is None else 'It isn’t a string.'}")
    return value


def _id(data: dict[str, Any], field: str) -> str:
    """The archive's own id of a message. 5 and "5" are the same one."""
    value = data.get(field)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise _Bad(f"{field}: {'It is missing.' if value is None else 'It isn’t a whole number or a string.'}")
    if not 0 < len(value) <= ID_MAX_CHARACTERS:
        raise _Bad(f"{field}: From 1 to {ID_MAX_CHARACTERS} characters.")
    if (problem := text_problem(value)) is not None:
        raise _Bad(f"{field}: {problem}")
    return value


def _time(data: dict[str, Any]) -> datetime:
    try:
        moment = datetime.fromisoformat(_text(data, "timestamp"))
        if moment.tzinfo is None:
            raise _Bad("timestamp: It doesn’t say its time zone: end it with Z or +hh:mm.")
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _Bad("timestamp: It isn’t a time of ISO 8601.") from error
    if moment < EARLIEST:
        raise _Bad("timestamp: It lies before 1970.")
    if moment > timezone.now() + timedelta(days=1):
        raise _Bad("timestamp: It lies in the future.")
    return moment
