"""Fan-out: deliveries a second of one event to everyone in a conversation."""

from __future__ import annotations

from typing import Any

from bench.stage import Stage, load
from bench.subjects.frames import HISTORY, command, event
from bench.table import Row, busy, median_of

SIZES = (100, 500)
IN_FLIGHT = 32


def fanout(stage: Stage) -> list[Row]:
    rows = []
    for size in SIZES:
        made = _members(stage, size)
        # In turn, so that what else the machine does falls on both alike.
        with stage.pulse() as pulse, stage.bare() as bare:
            ours, theirs = [], []
            for _ in range(stage.rounds):
                ours.append(
                    load(
                        "fanout",
                        urls=[pulse.ws_url],
                        tokens=made["tokens"],
                        text=command(made["conversations"][0]),
                        in_flight=IN_FLIGHT,
                        seconds=stage.seconds,
                        pids={"pulse": pulse.pid},
                    )
                )
                theirs.append(
                    load(
                        "fanout",
                        urls=[bare.url],
                        tokens=[""] * size,
                        text=event(),
                        in_flight=IN_FLIGHT,
                        seconds=stage.seconds,
                        pids={"bare": bare.pid},
                    )
                )
        found, limit = median_of(ours), median_of(theirs)
        rows.append(
            Row(
                f"fan-out to {size} sockets",
                found["per_second"],
                "deliveries/s",
                limit["per_second"],
                "bare broadcaster",
                "ratio 0.6",
                f"{found['frame_bytes']:.0f} bytes; {found['cpu_us']:.1f} us each ({busy(found['busy'])}), "
                f"limit: {limit['frame_bytes']:.0f} bytes; {limit['cpu_us']:.1f} us each ({busy(limit['busy'])})",
            )
        )
    return rows


def fanout_two(stage: Stage) -> list[Row]:
    rows = []
    for size in SIZES:
        made = _members(stage, size)
        with stage.two_pulses() as pulses:
            found = median_of(
                [
                    load(
                        "fanout",
                        urls=[pulse.ws_url for pulse in pulses],
                        tokens=made["tokens"],
                        text=command(made["conversations"][0]),
                        in_flight=IN_FLIGHT,
                        seconds=stage.seconds,
                        pids={f"live {number}": pulse.pid for number, pulse in enumerate(pulses, 1)},
                    )
                    for _ in range(stage.rounds)
                ]
            )
        rows.append(
            Row(
                f"fan-out to {size} sockets, two processes over Redis",
                found["per_second"],
                "deliveries/s",
                note=f"{found['cpu_us']:.1f} us each ({busy(found['busy'])})",
            )
        )
    return rows


def _members(stage: Stage, size: int) -> Any:
    everyone = list(range(size))
    return stage.people({"people": size, "conversations": [{"people": everyone, "group": True, "messages": HISTORY}]})
