"""Fan-out: one sender, everyone in the conversation receives. Counts every delivery on every socket."""

from __future__ import annotations

import asyncio
from typing import Any

import uuid_utils

from bench.clock import Window
from bench.wire import ERROR, KIND, MESSAGE, Connection, Failed, check_alive, number_after, open_all, settled

# Every tenth socket also checks that each message follows the one before.
SAMPLE = 10


class Tally:
    """Deliveries of all sockets together, and the sender who keeps ``in_flight`` messages under way.

    A message is no longer under way when as many deliveries have arrived as all messages up to it make.
    """

    def __init__(self, sockets: int, in_flight: int, text: str) -> None:
        self.sockets = sockets
        self.in_flight = in_flight
        self.delivered = 0
        self.sent = 0
        self.send_more_at = 0
        self.sending = True
        self.sender: Connection | None = None
        self._before, self._after = text.split("#")

    def advance(self) -> None:
        assert self.sender is not None
        while self.sending and self.delivered >= self.send_more_at:
            self.sent += 1
            self.send_more_at = max(0, (self.sent - self.in_flight + 1) * self.sockets)
            self.sender.send(f"{self._before}{self.sent}{self._after.replace('@', str(uuid_utils.uuid7()))}".encode())


class Receiver(Connection):
    tally: Tally

    def __init__(self, host: str, path: str, token: str) -> None:
        super().__init__(host, path, token)
        self.count = 0
        self.last_seq = 0
        self.in_order = True
        self.sampled = False
        self.refused = ""
        self.frame_bytes = 0

    def data_received(self, data: bytes) -> None:
        before = self.count
        super().data_received(data)
        tally = self.tally
        tally.delivered += self.count - before
        if tally.delivered >= tally.send_more_at and tally.sent:
            tally.advance()

    def frame(self, data: bytes, start: int, end: int) -> None:
        kind = data[start + KIND]
        if kind == MESSAGE:
            self.count += 1
            if self.sampled:
                seq = number_after(b'"seq":', data, start)
                self.in_order &= seq == self.last_seq + 1 or not self.last_seq
                self.last_seq = seq
                self.frame_bytes = end - start
        elif kind == ERROR:
            self.refused = data[start:end].decode()


async def fan_out(plan: dict[str, Any]) -> dict[str, Any]:
    """``plan``: urls, tokens, text (with ``#`` for the frame's number, ``@`` for its id), in_flight, seconds, pids."""
    tally = Tally(len(plan["tokens"]), plan["in_flight"], plan["text"])
    # One class for this run, so that each socket finds the tally without a reference of its own.
    receivers = await open_all(plan["urls"], plan["tokens"], type("Receiver", (Receiver,), {"tally": tally}))
    for receiver in receivers[::SAMPLE]:
        receiver.sampled = True
    # The bare broadcaster says nothing when it has let somebody in.
    await asyncio.sleep(0.2)
    tally.sender = receivers[0]
    tally.advance()
    await asyncio.sleep(plan["seconds"] / 3)
    window, before = Window(plan["pids"]), tally.delivered
    await asyncio.sleep(plan["seconds"])
    delivered = tally.delivered - before
    seconds, busy = window.close()
    tally.sending = False
    await _drained(tally, receivers)
    return {
        "per_second": delivered / seconds,
        # What the servers' processors spent on each: it says more than the rate where something else uses them too.
        "cpu_us": sum(share for name, share in busy.items() if name != "load") * seconds / max(1, delivered) * 1e6,
        "busy": busy,
        "frame_bytes": receivers[0].frame_bytes,
    }


async def _drained(tally: Tally, receivers: list[Any]) -> None:
    """Wait for what is still under way, then count. Raises :class:`Failed` for what is lost, double or out of order."""
    await settled(lambda: tally.delivered >= tally.sent * tally.sockets)
    if receivers[0].refused:
        raise Failed(f"A message was refused: {receivers[0].refused}")
    check_alive(receivers)
    wrong = [receiver.count for receiver in receivers if receiver.count != tally.sent]
    if wrong:
        raise Failed(f"{len(wrong)} of {len(receivers)} sockets have {wrong[0]} messages (first) of {tally.sent}.")
    if not all(receiver.in_order for receiver in receivers):
        raise Failed("Messages arrived out of order.")
