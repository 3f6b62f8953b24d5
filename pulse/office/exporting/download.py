"""Exports on their way to their readers: built while they are read, or prepared before."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from uuid import UUID

from django.core.files import File
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.models import User
from pulse.office.errors import Busy
from pulse.office.exporting.archive import zipped
from pulse.office.exporting.contents import contents
from pulse.office.limits import EXPORTS
from pulse.office.models import PersonalExport

# Of a process's few threads, so many may be held by readers who take their time, and of these so many by one person.
AT_ONCE = 4
OF_ONE_PERSON = 2
RETRY_AFTER_SECONDS = 60
_BLOCK_BYTES = 64 * 1024

_taken: Counter[UUID] = Counter()
_taking = threading.Lock()


class Download:
    """An archive's chunks. :meth:`close` gives its place to the next, read to the end or not."""

    def __init__(
        self, user: User, name: str, open_it: Callable[[], tuple[Iterator[bytes], File[bytes] | None]]
    ) -> None:
        """Raises Busy, and what ``open_it`` raises."""
        self.name = name
        self._user_id = user.pk
        _take_place(user.pk)
        try:
            self._chunks, self._file = open_it()
        except BaseException:
            _give_place_back(user.pk)
            raise
        self._closing = threading.Lock()
        self._closed = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._chunks)

    def close(self) -> None:
        with self._closing:
            if self._closed:
                return
            self._closed = True
        _give_place_back(self._user_id)
        if self._file is not None:
            self._file.close()


def start_download(*, user: User) -> Download:
    """Begin ``user``'s export; whoever gets it closes it. Raises TooMany, and Busy where others hold all places."""
    EXPORTS.count(str(user.pk))
    try:
        return Download(user, archive_name(timezone.now()), lambda: (zipped(contents(user)), None))
    except Busy:
        EXPORTS.forgive(str(user.pk))
        raise


def fetch_prepared(*, user: User, export: PersonalExport) -> Download:
    """The file of ``user``'s prepared export, from a local storage; whoever gets it closes it.

    Raises Busy, and FileNotFoundError.
    """

    def open_it() -> tuple[Iterator[bytes], File[bytes]]:
        file = default_storage.open(str(export.file.name), "rb")
        return file.chunks(_BLOCK_BYTES), file

    return Download(user, archive_name(export.created_at), open_it)


def _take_place(user_id: UUID) -> None:
    with _taking:
        if _taken.total() >= AT_ONCE or _taken[user_id] >= OF_ONE_PERSON:
            raise Busy(retry_after_seconds=RETRY_AFTER_SECONDS)
        _taken[user_id] += 1


def _give_place_back(user_id: UUID) -> None:
    with _taking:
        _taken[user_id] -= 1
        if _taken[user_id] <= 0:
            del _taken[user_id]


def archive_name(made_at: datetime) -> str:
    return f"pulse-{timezone.localdate(made_at):%Y-%m-%d}.zip"
