"""The server under the sockets: uvicorn, with two doors of its own opened for the hub and an orderly end."""

from __future__ import annotations

import gc
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar

import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from pulse.realtime.http import BoundedHttpProtocol
from pulse.realtime.link import CLOSE_GRACE_SECONDS
from pulse.realtime.socket import CLOSE_FLOOD, MAX_FRAME_BYTES

# A dead connection is found after one unanswered ping: at most 40 s.
PING_SECONDS = 20.0
MAX_FRAME_PARTS = 1000
# This much for one socket leaves at once, and not at the end of the loop's turn.
FULL_BYTES = 64 * 1024
# New objects between two collections of the youngest. Python's own 700 takes a fifth of a busy process's time.
COLLECT_EVERY = 50_000


class LinkedProtocol(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket protocol, which is also the hub's Link: found in ``scope["extensions"]["pulse.link"]``.

    One event goes to hundreds of sockets as the same bytes; written here it costs a buffer append each, where a trip
    through ASGI's ``send`` would build and encode the frame again for everyone. What is written to a socket in one turn
    of the loop leaves together: the system call costs more than everything before it.
    """

    _resume: Callable[[], None] | None = None
    # The sockets that were written to in this turn of the loop.
    _unsent: ClassVar[list[LinkedProtocol]] = []

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._frames_out: list[bytes] = []
        self._bytes_out = 0

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        if hasattr(self, "scope"):
            extensions: dict[str, Any] = self.scope["extensions"]
            extensions["pulse.link"] = self

    @property
    def is_writable(self) -> bool:
        return self.writable.is_set()

    def on_writable(self, callback: Callable[[], None]) -> None:
        self._resume = callback

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._resume is not None:
            self._resume()

    def write(self, frame: bytes) -> None:
        if not self._frames_out:
            if not self._unsent:
                self.loop.call_soon(self._send_all)
            self._unsent.append(self)
        self._frames_out.append(frame)
        self._bytes_out += len(frame)
        # A turn may bring much to one socket. It must leave while the turn lasts, or a good reader would look slow.
        if self._bytes_out >= FULL_BYTES:
            self._send_out()

    @classmethod
    def _send_all(cls) -> None:
        sockets = cls._unsent.copy()
        cls._unsent.clear()
        for socket in sockets:
            socket._send_out()

    def _send_out(self) -> None:
        frames = self._frames_out
        self._frames_out, self._bytes_out = [], 0
        if not frames or self.close_sent or self.disconnected or self.transport.is_closing():
            return
        self.transport.write(frames[0] if len(frames) == 1 else b"".join(frames))

    def close(self, code: int, reason: str) -> None:
        if self.close_sent or self.transport.is_closing():
            self.transport.abort()
            return
        self._send_out()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self._cut_soon()

    def _cut_soon(self) -> None:
        # A reader that never reads would keep the close frame, and all before it, in our memory for ever.
        self.close_timer = self.loop.call_later(CLOSE_GRACE_SECONDS, self.transport.abort)

    def handle_cont(self, event: Any) -> None:
        # Empty parts cost nothing to send and a place in a list here.
        if len(self.frames) >= MAX_FRAME_PARTS:
            self.close(CLOSE_FLOOD, "too many parts")
            return
        super().handle_cont(event)

    def handle_close(self, event: Any) -> None:
        super().handle_close(event)
        if self.transport.get_write_buffer_size() and self.close_timer is None:
            self._cut_soon()

    def handle_parser_exception(self) -> None:
        super().handle_parser_exception()
        self._cut_soon()

    def handle_ping(self) -> None:
        # Who pings and reads nothing gets no more pongs: they would pile up (RFC 6455, 5.5.3: the last one is enough).
        if self.is_writable:
            super().handle_ping()
        else:
            self.conn.data_to_send()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        # A lost connection calls no resume_writing(): whoever waits for this one to take more must not wait on.
        if self._resume is not None:
            self._resume()

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        # transport.close() waits for what was written to leave, and on a dead line it never does.
        self.transport.abort()


class Server(uvicorn.Server):
    """uvicorn, that tells the application before it hangs up."""

    def __init__(
        self, config: uvicorn.Config, *, started: Callable[[], None], before_shutdown: Callable[[], Awaitable[None]]
    ) -> None:
        super().__init__(config)
        self._when_started = started
        self._before_shutdown = before_shutdown

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            # What is loaded by now stays: the collector need not look at it again.
            gc.collect()
            gc.freeze()
            gc.set_threshold(COLLECT_EVERY, 20, 50)
            self._when_started()

    async def shutdown(self, sockets: Any = None) -> None:
        for server in self.servers:
            server.close()
        await self._before_shutdown()
        await super().shutdown(sockets=sockets)


def serve(
    application: Any,
    *,
    host: str,
    port: int,
    before_shutdown: Callable[[], Awaitable[None]],
    started: Callable[[], None],
) -> None:
    """Run ``application`` until SIGTERM or SIGINT. ``started`` is called once the port is open."""
    config = uvicorn.Config(
        application,
        host=host,
        port=port,
        loop="uvloop",
        http=BoundedHttpProtocol,
        ws=LinkedProtocol,
        ws_max_size=MAX_FRAME_BYTES,
        ws_per_message_deflate=False,
        ws_ping_interval=PING_SECONDS,
        ws_ping_timeout=PING_SECONDS,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=8,
        backlog=4096,
    )
    Server(config, started=started, before_shutdown=before_shutdown).run()
