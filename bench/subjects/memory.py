"""Memory: what a thousand people cost who have Pulse open and say nothing."""

from __future__ import annotations

import json
import time

from bench.clock import resident_kib
from bench.stage import LoadFailed, Stage, loading
from bench.table import Row
from tests.services import Service

SOCKETS = 1000
GROUP = 10
# So many sockets first, to have loaded whatever is loaded once.
WARM = 100
SETTLE_SECONDS = 2.0


def memory(stage: Stage) -> list[Row]:
    """Each person takes part in three groups of ten."""
    groups = [list(range(start, start + GROUP)) for start in range(0, SOCKETS, GROUP)] + [
        [(start + step * offset) % SOCKETS for offset in range(GROUP)]
        for step in (GROUP + 1, 2 * GROUP + 1)
        for start in range(0, SOCKETS, GROUP)
    ]
    made = stage.people(
        {
            "people": SOCKETS,
            "conversations": [{"people": sorted(set(people)), "group": True, "messages": 1} for people in groups],
        }
    )
    with stage.pulse() as pulse:
        ours = _growth_kib(pulse, pulse.ws_url, made["tokens"])
    with stage.bare() as bare:
        theirs = _growth_kib(bare, bare.url, [""] * SOCKETS)
    return [
        Row(
            f"memory of {SOCKETS:,} idle sockets", ours / 1024, "MiB", theirs / 1024, "bare broadcaster", "32 MiB",
            f"{len(groups) * GROUP / SOCKETS:.0f} conversations each",
        )
    ]  # fmt: skip


def _growth_kib(service: Service, url: str, tokens: list[str]) -> int:
    _held(service, url, tokens[:WARM])
    before = resident_kib(service.pid)
    return _held(service, url, tokens) - before


def _held(service: Service, url: str, tokens: list[str]) -> int:
    """The server's memory while the sockets are open."""
    with loading("idle", urls=[url], tokens=tokens) as process:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline() or '{"failed": "The load process died."}')
        if "failed" in said:
            raise LoadFailed(said["failed"])
        time.sleep(SETTLE_SECONDS)
        resident = resident_kib(service.pid)
        process.communicate("\n")
    time.sleep(SETTLE_SECONDS)
    return resident
