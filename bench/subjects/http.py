"""HTTP through ``serve all``, and catching up over the socket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.stage import Stage, load
from bench.table import Row, busy, median_of

if TYPE_CHECKING:
    from bench.people import WantedConversation

CONNECTIONS = 4
HISTORY = 100_000
CHATS, MISSED = 20, 50
RESUMES = 10


def http(stage: Stage) -> list[Row]:
    long: WantedConversation = {"people": [0, 1, 2], "group": True, "messages": HISTORY}
    made = stage.people({"people": CHATS + 1, "conversations": [long, *_chats(5)]})
    history = f"/api/v1/conversations/{made['conversations'][0]}/messages?limit=50"
    pages = {
        "empty view (/healthz)": "/healthz",
        f"50 messages of {HISTORY:,}": f"{history}&before={HISTORY // 2}",
        "newest 50 messages": history,
        f"chat list of {CHATS + 1}": "/api/v1/conversations",
    }
    with stage.pulse() as pulse:
        found = {
            name: median_of(
                [
                    load(
                        "http",
                        url=pulse.url + path,
                        token=made["tokens"][0],
                        connections=CONNECTIONS,
                        seconds=stage.seconds,
                        pids={"pulse": pulse.pid},
                    )
                    for _ in range(stage.rounds)
                ]
            )
            for name, path in pages.items()
        }
    limit = next(iter(found.values()))["per_second"]
    return [
        Row(
            f"HTTP, {name}",
            one["per_second"],
            "requests/s",
            limit if one["per_second"] != limit else None,
            "empty view",
            "600/s" if "messages" in name else "",
            f"p50 {one['p50_ms']:.1f} p99 {one['p99_ms']:.1f} ms; {one['body_bytes']:,.0f} bytes; {busy(one['busy'])}",
        )
        for name, one in found.items()
    ]


def resume(stage: Stage) -> list[Row]:
    made = stage.people({"people": CHATS + 1, "conversations": _chats(10 + MISSED)})
    with stage.pulse() as pulse:
        found = load(
            "resume",
            urls=[pulse.ws_url],
            token=made["tokens"][0],
            known=dict.fromkeys(made["conversations"], 10),
            messages=CHATS * MISSED,
            times=RESUMES,
        )
    return [
        Row(
            f"resume, {CHATS * MISSED:,} messages in {CHATS} chats", found["p50_ms"], "ms", goal="60 ms",
            note=f"worst of {RESUMES}: {found['p99_ms']:.0f} ms",
        )
    ]  # fmt: skip


def _chats(messages: int) -> list[WantedConversation]:
    """The first person's, with one other each: direct chats and groups in turn."""
    return [{"people": [0, 1 + number], "group": number % 2 == 0, "messages": messages} for number in range(CHATS)]
