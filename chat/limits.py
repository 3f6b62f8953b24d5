"""How often one may write."""

from __future__ import annotations

import time
from uuid import UUID
from weakref import WeakValueDictionary

from django.conf import settings

from pulse.lib.throttling import Limit

# Each makes a row, and asks whether somebody is there.
BLOCK = Limit("block", tries=60, seconds=60)
# Ten a second for a minute: far more than a person types, far less than a flood.
SEND = Limit("send", tries=600, seconds=60)
# The same on the socket: so many at once, and so many each second after.
BURST_MESSAGES, MESSAGES_PER_SECOND = 100, 10
# A flood: more frames of any kind.
BURST_FRAMES, FRAMES_PER_SECOND = 300, 50


class Bucket:
    """Holds ``size``, loses one each time, and is filled again at ``per_second``."""

    __slots__ = ("_last", "_left", "_per_second", "_size")

    def __init__(self, size: float, per_second: float) -> None:
        self._size, self._per_second = size, per_second
        self._left, self._last = size, time.monotonic()

    def take(self) -> bool:
        now = time.monotonic()
        self._left = min(self._size, self._left + (now - self._last) * self._per_second)
        self._last = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Allowance:
    """What one person may still send over all their sockets in this process."""

    __slots__ = ("__weakref__", "_frames", "_messages")

    def __init__(self) -> None:
        self._frames = Bucket(BURST_FRAMES, FRAMES_PER_SECOND)
        self._messages = Bucket(BURST_MESSAGES, MESSAGES_PER_SECOND)

    def frame(self) -> bool:
        return not settings.RATE_LIMITS or self._frames.take()

    def message(self) -> bool:
        return not settings.RATE_LIMITS or self._messages.take()


# As long as somebody has a socket open; their sockets hold it.
_allowances: WeakValueDictionary[UUID, Allowance] = WeakValueDictionary()


def allowance_of(user_id: UUID) -> Allowance:
    return _allowances.setdefault(user_id, Allowance())
