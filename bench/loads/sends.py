"""Sends: people who write in small conversations, a few messages in flight each; everybody's copies are checked."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import uuid_utils

from bench.clock import Window, percentile
from bench.wire import ACK, ERROR, KIND, MESSAGE, Connection, Failed, check_alive, number_after, open_all, settled


class Run:
    """What all sockets of a run share."""

    def __init__(self, in_flight: int, content: str) -> None:
        self.in_flight = in_flight
        self.content = content
        self.sending = True
        self.acked: dict[str, list[int]] = {}
        self.waits: list[float] = []
        self.delivered = 0


class Member(Connection):
    run: Run

    def __init__(self, host: str, path: str, token: str) -> None:
        super().__init__(host, path, token)
        self.conversation = ""
        self.seqs: list[int] = []
        self.sent_at: dict[int, float] = {}
        self.number = 0
        self.refused = ""

    def frame(self, data: bytes, start: int, end: int) -> None:
        kind = data[start + KIND]
        if kind == MESSAGE:
            self.seqs.append(number_after(b'"seq":', data, start))
            self.run.delivered += 1
        elif kind == ACK:
            run = self.run
            run.waits.append(time.perf_counter() - self.sent_at.pop(number_after(b'"ref":', data, start)))
            run.acked[self.conversation].append(number_after(b'"seq":', data, start))
            if run.sending:
                self.say()
        elif kind == ERROR:
            self.refused = data[start:end].decode()

    def say(self) -> None:
        self.number += 1
        self.sent_at[self.number] = time.perf_counter()
        self.send(
            f'{{"type":"message.send","ref":{self.number},"conversation_id":"{self.conversation}",'
            f'"id":"{uuid_utils.uuid7()}","content":"{self.run.content}"}}'.encode()
        )


async def send_in_conversations(plan: dict[str, Any]) -> dict[str, Any]:
    """``plan``: urls, conversations [{id, tokens}], senders (the first so many of each), in_flight, content, seconds,
    ordered (whether events must arrive in order: with one live process they do), pids."""
    run = Run(plan["in_flight"], plan["content"])
    tokens = [token for conversation in plan["conversations"] for token in conversation["tokens"]]
    members = await open_all(plan["urls"], tokens, type("Member", (Member,), {"run": run}))
    named = [conversation["id"] for conversation in plan["conversations"] for _ in conversation["tokens"]]
    for member, id in zip(members, named, strict=True):
        member.conversation = id
        run.acked[id] = []
    size = len(plan["conversations"][0]["tokens"])
    for number, member in enumerate(members):
        if number % size < plan["senders"]:
            for _ in range(run.in_flight):
                member.say()
    await asyncio.sleep(plan["seconds"] / 3)
    window, acked, delivered = Window(plan["pids"]), len(run.waits), run.delivered
    await asyncio.sleep(plan["seconds"])
    written, received = len(run.waits) - acked, run.delivered - delivered
    seconds, busy = window.close()
    waits = run.waits[acked : acked + written]
    run.sending = False
    strays = await _settled(run, members, ordered=plan["ordered"])
    return {
        "per_second": written / seconds,
        "delivered_per_second": received / seconds,
        "p50_ms": percentile(waits, 0.5) * 1000,
        "p99_ms": percentile(waits, 0.99) * 1000,
        "cpu_us": sum(share for name, share in busy.items() if name != "load") * seconds / max(1, written) * 1e6,
        "out_of_order": strays,
        "busy": busy,
    }


async def _settled(run: Run, members: list[Any], *, ordered: bool) -> int:
    """Wait for the last answers and copies, then compare. Returns how many came out of order, where that may be."""
    await settled(
        lambda: all(
            not member.sent_at and len(member.seqs) >= len(run.acked[member.conversation]) for member in members
        )
    )
    refused = [member.refused for member in members if member.refused]
    if refused:
        raise Failed(f"A message was refused: {refused[0]}")
    check_alive(members)
    unanswered = sum(len(member.sent_at) for member in members)
    if unanswered:
        raise Failed(f"{unanswered} messages were never acknowledged.")
    strays = 0
    for member in members:
        acked = sorted(run.acked[member.conversation])
        if acked != list(range(acked[0], acked[0] + len(acked))):
            raise Failed("The acknowledged messages of a conversation have gaps.")
        if sorted(member.seqs) != acked:
            raise Failed(
                f"A member has {len(member.seqs)} messages, {len(set(member.seqs))} of them different, of {len(acked)}."
            )
        strays += sum(1 for before, after in zip(member.seqs, member.seqs[1:], strict=False) if after < before)
    if ordered and strays:
        raise Failed(f"{strays} messages arrived out of order.")
    return strays
