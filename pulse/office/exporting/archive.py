"""A ZIP that is written while it is read: at no time is more of it in memory than a few chunks."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

# Text is squeezed; photos, videos and voice are as small already as they get.
SQUEEZED, AS_IS = zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED
# Years before which a ZIP knows nothing.
_FIRST_YEAR = 1980


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the archive. ``large``: it may exceed 2 GiB, which ZIP wants to know beforehand."""

    name: str
    chunks: Iterable[bytes]
    made_at: datetime
    squeezed: bool = True
    large: bool = False


class _Pipe(io.RawIOBase):
    """Where the archive is written to, and taken from in between. The ZIP never goes back, since this can't."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # zipfile gives bytes
        self._waiting += data
        return len(data)

    def take(self) -> bytes:
        taken = bytes(self._waiting)
        self._waiting.clear()
        return taken


def zipped(entries: Iterable[Entry]) -> Iterator[bytes]:
    """The archive of ``entries``, in chunks, each made when it is asked for."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", allowZip64=True) as archive:
        for entry in entries:
            info = zipfile.ZipInfo(entry.name, date_time=_zip_time(entry.made_at))
            info.compress_type = SQUEEZED if entry.squeezed else AS_IS
            info.external_attr = 0o600 << 16
            with archive.open(info, "w", force_zip64=entry.large) as file:
                for chunk in entry.chunks:
                    file.write(chunk)
                    if taken := pipe.take():
                        yield taken
    yield pipe.take()


def _zip_time(moment: datetime) -> tuple[int, int, int, int, int, int]:
    moment = max(moment, moment.replace(year=_FIRST_YEAR, month=1, day=1))
    return moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second
