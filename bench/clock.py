"""How long things took, and which processes were busy meanwhile."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def percentile(values: Sequence[float], share: float) -> float:
    """The value that ``share`` (0 to 1) of them do not exceed; 0 where there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def cpu_seconds(pid: int) -> float:
    """What a process has used of the processors so far; 0 where the system does not say (no /proc)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_kib(pid: int) -> int:
    """Memory of a process that is its own or shared and in RAM. Needs /proc."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise RuntimeError(f"Process {pid} has no memory.")


class Window:
    """A stretch of time, and what share of one processor each named process used in it."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._pids = dict(pids)
        self._used = {name: cpu_seconds(pid) for name, pid in self._pids.items()}
        self._own = time.process_time()
        self._began = time.perf_counter()

    def close(self) -> tuple[float, dict[str, float]]:
        """Its length in seconds, and the busy shares; the load process's own under ``load``."""
        seconds = time.perf_counter() - self._began
        shares = {name: (cpu_seconds(pid) - self._used[name]) / seconds for name, pid in self._pids.items()}
        shares["load"] = (time.process_time() - self._own) / seconds
        return seconds, shares
