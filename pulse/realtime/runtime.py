"""What one process with sockets keeps running: its hub, its bus, and the rounds that trust nobody.

The rounds re-read sessions and access versions every few seconds, so that an ended session and a removed person are
shut out even when the bus lost the news; and tell sockets what moved, so that a lost event is found.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

import structlog
from channels.layers import get_channel_layer
from django.conf import settings

from pulse.realtime import alone, outbox
from pulse.realtime.bus import Bus, LayerBus, LocalBus
from pulse.realtime.hub import Hub, Listeners, Membership, end_session
from pulse.realtime.threads import in_thread
from pulse.realtime.topics import conversation_topic

log = structlog.get_logger(__name__)

RECHECK_SECONDS = 5.0
HEADS_SECONDS = 15.0
USERS_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What realtime asks of whoever knows the models. All but ``draw_html`` read the database, in a thread."""

    listeners: Callable[[UUID], Listeners]
    memberships: Callable[[Collection[UUID]], Mapping[UUID, list[Membership]]]
    membership: Callable[[UUID, UUID], Membership | None]
    versions: Callable[[Collection[UUID]], Mapping[UUID, tuple[int, int]]]
    still_signed_in: Callable[[Collection[UUID]], set[UUID]]
    seen: Callable[[Collection[UUID]], None]
    draw_html: Callable[[str], str]


class Runtime:
    def __init__(self, knowledge: Knowledge) -> None:
        alone.claim()
        self.knowledge = knowledge
        loop = asyncio.get_running_loop()
        self.hub = Hub(
            load_listeners=lambda conversation_id: in_thread(knowledge.listeners, conversation_id),
            load_membership=lambda user_id, conversation_id: in_thread(knowledge.membership, user_id, conversation_id),
            draw_html=knowledge.draw_html,
        )
        self.bus: Bus
        if settings.REDIS_URL:
            layer = get_channel_layer()
            assert layer is not None
            self.bus = LayerBus(loop, layer, deliver=self.hub.deliver, on_return=self._bus_returned)
            self.bus.start()
        else:
            self.bus = LocalBus(loop, self.hub.deliver)
        self.hub.on_topic = self.bus.want
        outbox.use_bus(self.bus)
        self._tasks = {loop.create_task(self._rounds())}

    async def stop(self) -> None:
        self.hub.close_all()
        outbox.use_bus(None)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if isinstance(self.bus, LayerBus):
            await self.bus.stop()

    def _bus_returned(self) -> None:
        task = asyncio.get_running_loop().create_task(self._send_all_heads())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send_all_heads(self) -> None:
        try:
            await self._check_versions(heads=True, all_of_them=True)
        except Exception as error:  # noqa: BLE001  # the database may be away too; the next round comes
            log.warning("heads not sent", error=type(error).__name__)

    async def _rounds(self) -> None:
        last_heads = time.monotonic()
        while True:
            await asyncio.sleep(RECHECK_SECONDS)
            heads = time.monotonic() - last_heads >= HEADS_SECONDS
            if heads:
                last_heads = time.monotonic()
            try:
                await self._check_sessions()
                await self._check_versions(heads=heads)
                if heads:
                    await in_thread(self.knowledge.seen, {socket.user_id for socket in self.hub.sockets})
                    await self._check_memberships()
            except Exception as error:  # noqa: BLE001  # the database may be away; the next round comes
                log.warning("round failed", error=type(error).__name__)

    async def _check_sessions(self) -> None:
        sockets = list(self.hub.sockets)
        if sockets:
            good = await in_thread(self.knowledge.still_signed_in, {socket.session_id for socket in sockets})
            for socket in sockets:
                if socket.session_id not in good:
                    end_session(socket, "signed_out")

    async def _check_versions(self, *, heads: bool, all_of_them: bool = False) -> None:
        ids = [UUID(name.partition(".")[2]) for name in self.hub.topics if name.startswith("conversation.")]
        if not ids:
            return
        found = await in_thread(self.knowledge.versions, ids)
        for conversation_id, (_, access_version) in found.items():
            name = conversation_topic(conversation_id)
            topic = self.hub.topics.get(name)
            if topic is not None and access_version > topic.access_version:
                self.hub.recheck(name)
        if heads:
            self.hub.send_heads(
                {conversation_topic(key): version for key, (version, _) in found.items()}, all_of_them=all_of_them
            )

    async def _check_memberships(self) -> None:
        """Find the conversations that somebody was added to while the bus lost the news."""
        user_ids = list({socket.user_id for socket in self.hub.sockets})
        for start in range(0, len(user_ids), USERS_AT_ONCE):
            memberships = await in_thread(self.knowledge.memberships, user_ids[start : start + USERS_AT_ONCE])
            for socket in list(self.hub.sockets):
                for membership in memberships.get(socket.user_id, []):
                    if conversation_topic(membership.conversation_id) not in socket.topics:
                        self.hub.join(socket, membership)
                        self.hub.tell_head(socket, membership)
