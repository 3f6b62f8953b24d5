"""One open socket: whose it is, what it listens to, and what waits for it."""

from __future__ import annotations

import asyncio
from collections import deque
from uuid import UUID

from pulse.realtime.link import Link, text_frame

# The largest frame a client may send; the server refuses a larger one by itself.
MAX_FRAME_BYTES = 128 * 1024
# Past either bound a reader is too slow: it is dropped, and has everything again when it resumes.
MAX_WAITING_FRAMES = 256
MAX_WAITING_BYTES = 1024 * 1024

CLOSE_SESSION_ENDED = 4401
CLOSE_TOO_SLOW = 4408
CLOSE_TOO_LARGE = 4413
CLOSE_FLOOD = 4429
CLOSE_RESTART = 4503


class Socket:
    """Frames go straight to the link while it takes them, else into a bounded queue. Nothing waits for a reader."""

    __slots__ = (
        "_begun",
        "_bytes",
        "_drained",
        "_link",
        "_waiting",
        "closed",
        "session_id",
        "topics",
        "user_id",
        "wants_html",
    )

    def __init__(self, link: Link, *, user_id: UUID, session_id: UUID, wants_html: bool) -> None:
        self._link = link
        # Until the socket has begun, what it hears waits; from then on only what its link does not take. None: nothing.
        self._waiting: deque[bytes] | None = deque()
        self._begun = False
        self._bytes = 0
        self._drained: asyncio.Event | None = None
        self.user_id = user_id
        self.session_id = session_id
        self.wants_html = wants_html
        self.closed = False
        # Topic names; the hub's, kept here so that leaving is one walk.
        self.topics: set[str] = set()
        link.on_writable(self._resume)

    def begin(self, text: str) -> None:
        """Send the first frame, and behind it what was heard meanwhile."""
        if not self.closed:
            self._begun = True
            self._link.write(text_frame(text))
            self._resume()

    def push(self, frame: bytes) -> None:
        """Hand over one frame, as :func:`pulse.realtime.link.text_frame` made it."""
        if self.closed:
            return
        if self._waiting is None:
            if self._link.is_writable:
                self._link.write(frame)
                return
            self._waiting = deque()
        self._waiting.append(frame)
        self._bytes += len(frame)
        if len(self._waiting) > MAX_WAITING_FRAMES or self._bytes > MAX_WAITING_BYTES:
            self.close(CLOSE_TOO_SLOW, "too slow")

    def push_text(self, text: str) -> None:
        self.push(text_frame(text))

    async def drained(self) -> None:
        """Wait until nothing is queued: for answers of any length (a resume), which don't count against the bounds."""
        while not self.closed and (self._waiting or not self._link.is_writable):
            self._drained = self._drained or asyncio.Event()
            self._drained.clear()
            await self._drained.wait()

    def close(self, code: int, reason: str) -> None:
        """End the socket. Its consumer hears of it as a disconnect and leaves the hub."""
        if self.closed:
            return
        self.closed = True
        self._waiting = None
        self._bytes = 0
        if self._drained is not None:
            self._drained.set()
        self._link.close(code, reason)

    def _resume(self) -> None:
        if not self._begun:
            return
        while self._waiting and self._link.is_writable:
            frame = self._waiting.popleft()
            self._bytes -= len(frame)
            self._link.write(frame)
        if not self._waiting:
            self._waiting = None
            if self._drained is not None:
                self._drained.set()
