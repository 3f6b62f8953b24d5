"""Sends: messages written a second, by 20 people in 10 conversations of five, each delivered to all five."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bench.raw import raw_sends
from bench.stage import Stage, load
from bench.subjects.frames import HISTORY, content
from bench.table import Row, busy, median_of
from tests.installations import PulseProcess

if TYPE_CHECKING:
    from bench.people import WantedConversation

CONVERSATIONS, MEMBERS, SENDERS = 10, 5, 2
GOALS = {1: "2,500/s", 5: ""}


def sends(stage: Stage) -> list[Row]:
    made = _members(stage)
    pairs = [
        (id, made["people"][number * MEMBERS + sender])
        for number, id in enumerate(made["conversations"])
        for sender in range(SENDERS)
    ]
    one = raw_sends(stage, pairs, content(), clients=1, seconds=stage.seconds)
    eight = raw_sends(stage, pairs, content(), clients=8, seconds=stage.seconds)
    stage.settle()
    rows = []
    with stage.pulse() as pulse:
        for in_flight, goal in GOALS.items():
            found = _measured(stage, [pulse], made, in_flight)
            rows += _rows(f"{in_flight} in flight", found, eight.per_second if eight else None, goal)
    if one is not None and eight is not None:
        rows.append(Row("the same transaction alone, 1 client", one.per_second, "/s", note=f"p50 {one.p50_ms:.2f} ms"))
        rows.append(Row("the same, 8 clients", eight.per_second, "/s", note=f"p50 {eight.p50_ms:.2f} ms"))
    return rows


def sends_two(stage: Stage) -> list[Row]:
    made = _members(stage)
    with stage.two_pulses() as pulses:
        return [
            row
            for in_flight in GOALS
            for row in _rows(
                f"{in_flight} in flight, two processes over Redis", _measured(stage, pulses, made, in_flight), None, ""
            )
        ]


def sends_sqlite(stage: Stage) -> list[Row]:
    made = _members(stage, "sqlite")
    with stage.pulse("sqlite") as pulse:
        return [
            row
            for in_flight in GOALS
            for row in _rows(f"{in_flight} in flight, SQLite", _measured(stage, [pulse], made, in_flight), None, "")
        ]


def _members(stage: Stage, kind: str = "postgres") -> Any:
    conversations: list[WantedConversation] = [
        {"people": list(range(start, start + MEMBERS)), "group": True, "messages": HISTORY}
        for start in range(0, CONVERSATIONS * MEMBERS, MEMBERS)
    ]
    return stage.people({"people": CONVERSATIONS * MEMBERS, "conversations": conversations}, kind)


def _measured(stage: Stage, pulses: Sequence[PulseProcess], made: Any, in_flight: int) -> dict[str, Any]:
    conversations = [
        {"id": id, "tokens": made["tokens"][number * MEMBERS : (number + 1) * MEMBERS]}
        for number, id in enumerate(made["conversations"])
    ]
    return median_of(
        [
            load(
                "sends",
                urls=[pulse.ws_url for pulse in pulses],
                conversations=conversations,
                senders=SENDERS,
                in_flight=in_flight,
                content=content(),
                seconds=stage.seconds,
                ordered=len(pulses) == 1,
                pids={
                    f"pulse {number}" if len(pulses) > 1 else "pulse": one.pid for number, one in enumerate(pulses, 1)
                },
            )
            for _ in range(stage.rounds)
        ]
    )


def _rows(how: str, found: dict[str, Any], limit: float | None, goal: str) -> list[Row]:
    strays = f"; {found['out_of_order']:.0f} out of order" if found["out_of_order"] else ""
    return [
        Row(
            f"sends, {how}",
            found["per_second"],
            "messages/s",
            limit,
            "8 raw clients" if limit else "",
            goal,
            f"{found['delivered_per_second']:,.0f} deliveries/s; "
            f"p50 {found['p50_ms']:.1f} p99 {found['p99_ms']:.1f} ms; "
            f"{found['cpu_us']:.0f} us each ({busy(found['busy'])}){strays}",
        )
    ]
