"""Latency: how long a message of one person takes to the other, one at a time."""

from __future__ import annotations

from bench.raw import raw_sends
from bench.stage import Stage, load
from bench.subjects.frames import HISTORY, command, content, event
from bench.table import Row, median_of


def latency(stage: Stage) -> list[Row]:
    made = stage.people(
        {
            "people": 4,
            "conversations": [
                {"people": [0, 1], "group": False, "messages": HISTORY},
                {"people": [2, 3], "group": True, "messages": HISTORY},
            ],
        }
    )
    with stage.pulse() as pulse, stage.bare() as bare:
        ours, theirs = [], []
        for _ in range(stage.rounds):
            ours.append(
                load(
                    "latency",
                    urls=[pulse.ws_url],
                    tokens=made["tokens"][:2],
                    text=command(made["conversations"][0]),
                    seconds=stage.seconds,
                    pids={"pulse": pulse.pid},
                )
            )
            theirs.append(
                load(
                    "latency",
                    urls=[bare.url],
                    tokens=["", ""],
                    text=event(),
                    seconds=stage.seconds,
                    pids={"bare": bare.pid},
                )
            )
    pair = [(made["conversations"][1], made["people"][2])]
    raw = raw_sends(stage, pair, content(), clients=1, seconds=stage.seconds)
    found, bare_found = median_of(ours), median_of(theirs)
    note = f"limit: broadcaster {bare_found['p50_ms']:.2f} / {bare_found['p99_ms']:.2f}"
    if raw is not None:
        note += f", commit {raw.p50_ms:.2f} / {raw.p99_ms:.2f} ms"
    limit_is = "broadcaster + commit" if raw else "broadcaster"
    return [
        Row(
            f"send to received, {name}",
            found[f"{name}_ms"],
            "ms",
            bare_found[f"{name}_ms"] + (getattr(raw, f"{name}_ms") if raw else 0),
            limit_is,
            goal,
            note,
        )
        for name, goal in (("p50", "3 ms"), ("p99", "8 ms"))
    ]
