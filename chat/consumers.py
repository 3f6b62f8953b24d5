"""The socket's door, ``/ws/v1``: frames in, actions called, answers out. It decides nothing itself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, cast

import structlog
from channels.consumer import AsyncConsumer
from django.utils import timezone

from chat import frames
from chat.actions import draft_message, mark_delivered, mark_read, set_typing
from chat.limits import Allowance, allowance_of
from chat.live import ensure_runtime
from chat.queries import memberships
from chat.rendering import message_html
from chat.resuming import catch_up, standing
from chat.socket_auth import WrongOrigin, who_connects
from chat.writer import writer
from chat.writing import Outcome
from pulse.lib.encoding import dumps, iso
from pulse.lib.errors import DomainError, TooMany
from pulse.lib.problems import as_domain_error
from pulse.realtime.link import AsgiLink, Link
from pulse.realtime.runtime import Runtime
from pulse.realtime.socket import (
    CLOSE_FLOOD,
    CLOSE_SESSION_ENDED,
    CLOSE_TOO_LARGE,
    CLOSE_TOO_SLOW,
    MAX_FRAME_BYTES,
    Socket,
)
from pulse.realtime.threads import in_thread

log = structlog.get_logger(__name__)

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

CLOSE_TRY_AGAIN = 1013
# A client should say something (a ping will do) at least this often.
HEARTBEAT_SECONDS = 25
# A client that takes nothing of its catch-up for so long is too slow for one.
CATCH_UP_PATIENCE_SECONDS = 20


class ChatConsumer(AsyncConsumer):  # type: ignore[misc]  # channels ships no types
    """One socket, from handshake to close.

    A Channels consumer with a receive loop of its own: Channels' would hop to a thread to clean up connections before
    each event, and relayed events never pass through here at all; the hub hands them to the link.
    """

    socket: Socket
    runtime: Runtime
    allowance: Allowance

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        self.scope = scope
        await receive()  # websocket.connect
        try:
            signed_in = await who_connects(scope)
        except WrongOrigin:
            await send({"type": "websocket.close", "code": 4403})
            return
        except Exception as error:
            if as_domain_error(error) is None:
                log.exception("socket not opened")
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.close", "code": CLOSE_TRY_AGAIN, "reason": "try again"})
            return
        await send({"type": "websocket.accept"})
        if signed_in is None:
            await send({"type": "websocket.close", "code": CLOSE_SESSION_ENDED, "reason": "not signed in"})
            return
        link = cast(Link, scope.get("extensions", {}).get("pulse.link") or AsgiLink(send))
        self.socket = Socket(
            link,
            user_id=signed_in.user_id,
            session_id=signed_in.session_id,
            wants_html=b"html=1" in scope["query_string"].split(b"&"),
        )
        self.runtime = ensure_runtime()
        self.allowance = allowance_of(signed_in.user_id)
        try:
            await self._enter(signed_in.user)
            await self._listen(receive)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            if as_domain_error(error) is None:
                log.exception("socket failed")
            self.socket.close(CLOSE_TRY_AGAIN, "try again")
        finally:
            self.runtime.hub.detach(self.socket)
            self.socket.closed = True

    async def _enter(self, user: dict[str, Any]) -> None:
        """Subscribe, then check again, then say ready: what happens from here on is heard or found."""
        hub, socket = self.runtime.hub, self.socket
        hub.attach(socket)
        found = await in_thread(memberships, [socket.user_id])
        for membership in found.get(socket.user_id, []):
            hub.join(socket, membership)
        await self.runtime.bus.settled()
        if socket.session_id not in await in_thread(self.runtime.knowledge.still_signed_in, [socket.session_id]):
            socket.close(CLOSE_SESSION_ENDED, "not signed in")
            return
        ready = {
            "type": "ready",
            "session_id": socket.session_id,
            "user": user,
            "server_time": iso(timezone.now()),
            "heartbeat_seconds": HEARTBEAT_SECONDS,
        }
        socket.begin(dumps(ready).decode())

    async def _listen(self, receive: Receive) -> None:
        while True:
            event = await receive()
            if event["type"] != "websocket.receive" or self.socket.closed:
                return
            if not self.allowance.frame():
                self.socket.close(CLOSE_FLOOD, "too many frames")
                return
            text = event.get("text")
            raw: str | bytes = text if text is not None else event.get("bytes") or b""
            if len(raw) > MAX_FRAME_BYTES:
                self.socket.close(CLOSE_TOO_LARGE, "frame too large")
                return
            await self._obey(raw)

    async def _obey(self, raw: str | bytes) -> None:
        ref: str | int | None = None
        try:
            frame = frames.parse(raw)
            ref = frame.ref
            match frame:
                case frames.SendMessage():
                    self._send_message(frame)
                    return
                case frames.Ping():
                    self._push({"type": "pong", **_named(ref)})
                    return
                case frames.Resume():
                    await self._resume(frame)
                    return
                case frames.Read():
                    await self._act(mark_read, conversation_id=frame.conversation_id, seq=frame.seq)
                case frames.Delivered():
                    await self._act(mark_delivered, conversation_id=frame.conversation_id, seq=frame.seq)
                case frames.Typing():
                    await self._act(set_typing, conversation_id=frame.conversation_id, active=frame.active)
            self._acknowledge(ref)
        except Exception as error:  # noqa: BLE001  # a refusal, or a fault that ends this command alone
            self._refuse(ref if ref is not None else frames.ref_of(raw), error)

    async def _act(self, action: Callable[..., None], **arguments: Any) -> None:
        await in_thread(partial(action, user_id=self.socket.user_id, **arguments))

    # Sending: handed to the writer and answered when it has committed, so that a client may have many in flight

    def _send_message(self, frame: frames.SendMessage) -> None:
        if not self.allowance.message():
            raise TooMany
        draft = draft_message(
            sender_id=self.socket.user_id,
            conversation_id=frame.conversation_id,
            content=frame.content,
            id=frame.id,
            reply_to=frame.reply_to,
        )
        loop = asyncio.get_running_loop()
        writer().submit(draft, lambda outcome: _on_loop(loop, self._answer, frame.ref, outcome))

    def _answer(self, ref: str | int | None, outcome: Outcome) -> None:
        if isinstance(outcome, DomainError):
            self._refuse(ref, outcome)
        elif ref is not None:
            self.socket.push_text(f'{{"type":"ack","ref":{dumps(ref).decode()},"message":{outcome.encoded.decode()}}}')

    # Resuming

    async def _resume(self, frame: frames.Resume) -> None:
        user_id = self.socket.user_id
        current = await in_thread(standing, user_id)
        self._acknowledge(frame.ref, conversations=current)
        pages = catch_up(user_id, frame.conversations, current)
        while (page := await in_thread(next, pages, None)) is not None and not self.socket.closed:
            for answer in page:
                try:
                    async with asyncio.timeout(CATCH_UP_PATIENCE_SECONDS):
                        await self.socket.drained()
                except TimeoutError:
                    self.socket.close(CLOSE_TOO_SLOW, "too slow")
                    return
                self._push(self._drawn(answer))

    def _drawn(self, answer: dict[str, Any]) -> dict[str, Any]:
        if self.socket.wants_html and "message" in answer:
            return answer | {"html": message_html(answer["message"])}
        return answer

    # Answers

    def _push(self, frame: dict[str, Any]) -> None:
        self.socket.push_text(dumps(frame).decode())

    def _acknowledge(self, ref: str | int | None, **fields: Any) -> None:
        if ref is not None or fields:
            self._push({"type": "ack", "ref": ref, **fields})

    def _refuse(self, ref: str | int | None, error: Exception) -> None:
        refusal = as_domain_error(error)
        if refusal is None:
            log.error("command failed", exc_info=error)
            refusal = DomainError("Something went wrong here. Nothing was changed.", code="internal")
        self._push({"type": "error", "ref": ref, "code": refusal.code, "detail": refusal.detail})


def _named(ref: str | int | None) -> dict[str, Any]:
    return {} if ref is None else {"ref": ref}


def _on_loop(loop: asyncio.AbstractEventLoop, call: Callable[..., None], *args: Any) -> None:
    try:
        loop.call_soon_threadsafe(call, *args)
    except RuntimeError:
        log.info("an answer came after the end")
