"""The one way out: events leave after the commit that made them true, and a failed publish never fails a write."""

from __future__ import annotations

import asyncio
import atexit
import threading

from channels.layers import get_channel_layer
from django.conf import settings
from django.db import transaction

from pulse.realtime.bus import Bus, LayerBus
from pulse.realtime.events import Event

FLUSH_SECONDS = 3.0

_bus: Bus | None = None
_making = threading.Lock()


def use_bus(bus: Bus | None) -> None:
    """Tell this process which bus its events leave by; wiring calls it in processes that have a hub."""
    global _bus  # noqa: PLW0603  # one bus a process, set once at its start
    _bus = bus


def publish_on_commit(*events: Event) -> None:
    """Hand ``events`` to the bus once the current transaction has committed; at once where there is none."""

    # A function and not a partial: where it fails, Django logs its __qualname__; without one the sender would get the
    # failure.
    def publish_them() -> None:
        publish(events)

    if events:
        transaction.on_commit(publish_them, robust=True)


def publish(events: tuple[Event, ...]) -> None:
    bus = _bus or _publishing_bus()
    if bus is not None:
        bus.publish(events)


def _publishing_bus() -> Bus | None:
    """The bus of a process without a hub: one loop in a thread, kept, so that no publish makes a connection of its own.

    None where there is no Redis: then the process with the sockets finds the change by its next heads.
    """
    global _bus  # noqa: PLW0603  # see use_bus
    if not settings.REDIS_URL:
        return None
    with _making:
        if _bus is None:
            loop = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, name="pulse-publish", daemon=True).start()

            async def make() -> LayerBus:
                layer = get_channel_layer()
                assert layer is not None
                bus = LayerBus(loop, layer)
                bus.start()
                return bus

            publishing = asyncio.run_coroutine_threadsafe(make(), loop).result()
            # A command ends right after its commit, and its news must not end with it.
            atexit.register(publishing.flush, FLUSH_SECONDS)
            _bus = publishing
    return _bus
