"""An export that is built while it is read."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime

from django.utils import timezone

from accounts.models import User
from pulse.office.errors import Busy
from pulse.office.exporting.archive import zipped
from pulse.office.exporting.contents import contents
from pulse.office.limits import EXPORTS

# Of a process's few threads, so many may be held by readers who take their time.
AT_ONCE = 2
RETRY_AFTER_SECONDS = 60
_places = threading.BoundedSemaphore(AT_ONCE)


class Download:
    """The archive's chunks. :meth:`close` gives its place to the next, read to the end or not."""

    def __init__(self, user: User) -> None:
        self.name = archive_name(timezone.now())
        self._chunks = zipped(contents(user))
        self._closing = threading.Lock()
        self._closed = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._chunks)

    def close(self) -> None:
        with self._closing:
            if not self._closed:
                self._closed = True
                _places.release()


def start_download(*, user: User) -> Download:
    """Begin ``user``'s export; whoever gets it closes it. Raises TooMany, and Busy where others hold all places."""
    EXPORTS.count(str(user.pk))
    if not _places.acquire(blocking=False):
        EXPORTS.forgive(str(user.pk))
        raise Busy(retry_after_seconds=RETRY_AFTER_SECONDS)
    return Download(user)


def archive_name(made_at: datetime) -> str:
    return f"pulse-{timezone.localdate(made_at):%Y-%m-%d}.zip"
