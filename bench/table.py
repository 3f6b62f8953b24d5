"""What a run found: one row a figure, each beside its limit."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """``limit`` is a figure of the same unit, measured in the same run, of what ``limit_is`` names.

    ``goal`` says what we mean to reach. Nothing fails for not reaching it: a figure depends on the machine.
    """

    what: str
    figure: float
    unit: str
    limit: float | None = None
    limit_is: str = ""
    goal: str = ""
    note: str = ""

    @property
    def ratio(self) -> float | None:
        return self.figure / self.limit if self.limit else None

    def as_json(self) -> dict[str, Any]:
        return {
            "what": self.what,
            "figure": self.figure,
            "unit": self.unit,
            "limit": self.limit,
            "limit_is": self.limit_is,
            "ratio": self.ratio,
            "goal": self.goal,
            "note": self.note,
        }

    def cells(self) -> list[str]:
        return [
            self.what,
            f"{shown(self.figure)} {self.unit}",
            f"{shown(self.limit)} {self.limit_is}" if self.limit else "",
            f"{self.ratio:.2f}" if self.ratio else "",
            self.goal,
            self.note,
        ]


HEADINGS = ["", "Pulse", "limit", "ratio", "goal", "while measured"]


def table(rows: Sequence[Row]) -> str:
    """As Markdown, which also reads well in a terminal."""
    lines = [HEADINGS, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    drawn = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    ]
    drawn.insert(1, "| " + " | ".join("-" * width for width in widths) + " |")
    return "\n".join(drawn)


def shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def medians(measure: Callable[[], Mapping[str, Any]], rounds: int) -> dict[str, Any]:
    """:func:`median_of` so many calls of ``measure``."""
    return median_of([measure() for _ in range(rounds)])


def median_of(findings: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Of each number the median over some findings; of what is nested likewise."""
    first = findings[0]
    return {
        key: median_of([found[key] for found in findings])
        if isinstance(first[key], Mapping)
        else statistics.median(found[key] for found in findings)
        for key in first
    }


def busy(shares: Mapping[str, float]) -> str:
    """As ``pulse 92 %, load 40 %``: of one processor each."""
    return ", ".join(f"{name} {share:.0%}".replace("%", " %") for name, share in shares.items())
