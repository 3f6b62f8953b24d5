"""Measures Pulse on this machine and prints one table. Fails only on lost, doubled or disordered messages."""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack
from typing import NoReturn

from bench.stage import LoadFailed, Stage
from bench.subjects.fanout import fanout, fanout_two
from bench.subjects.http import http, resume
from bench.subjects.latency import latency
from bench.subjects.memory import memory
from bench.subjects.sends import sends, sends_sqlite, sends_two
from bench.table import Row, table
from tests.programs import ProgramMissing, ensure
from tests.services import throwaway_folder

# By the names that --only takes, in the order of the table.
SUBJECTS: dict[str, list[Callable[[Stage], list[Row]]]] = {
    "fanout": [fanout],
    "sends": [sends],
    "latency": [latency],
    "memory": [memory],
    "two": [fanout_two, sends_two],
    "sqlite": [sends_sqlite],
    "http": [http],
    "resume": [resume],
}


def main() -> int:
    options = _options()
    signal.signal(signal.SIGTERM, _stop_in_order)
    # A thousand sockets are more files than many systems allow at first; what is started here inherits it.
    _, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))
    try:
        ensure(["postgresql", "redis-server"])
    except ProgramMissing as missing:
        print(missing, file=sys.stderr)
        return 2
    rows: list[Row] = []
    failures: list[str] = []
    with ExitStack() as stack:
        folder = stack.enter_context(throwaway_folder())
        stage = Stage(stack, folder, seconds=options.seconds, rounds=options.rounds)
        for name in options.only:
            for subject in SUBJECTS[name]:
                _say(options, f"{name}: {subject.__name__} ...")
                try:
                    found = subject(stage)
                except LoadFailed as failed:
                    failures.append(f"{subject.__name__}: {failed}")
                    _say(options, "\n".join(getattr(failed, "__notes__", [])))
                    _say(options, f"FAILED: {failures[-1]}")
                    continue
                rows += found
                for row in found:
                    _say(options, "  " + "  ".join(cell for cell in row.cells() if cell))
    if options.json:
        print(
            json.dumps({"machine": _machine(), "rows": [row.as_json() for row in rows], "failures": failures}, indent=2)
        )
    else:
        print(f"\n{_machine()}; median of {options.rounds} rounds of {options.seconds:g} s\n\n{table(rows)}")
    for failure in failures:
        print(f"FAILED: {failure}", file=sys.stderr)
    return 1 if failures else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench ARGS=...", description=__doc__)
    parser.add_argument("--only", type=_subjects, default=list(SUBJECTS), help=f"of: {','.join(SUBJECTS)}")
    parser.add_argument("--seconds", type=float, default=4.0, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=3, help="of each measurement; the median counts")
    parser.add_argument("--json", action="store_true", help="for programs")
    return parser.parse_args()


def _subjects(text: str) -> list[str]:
    names = text.split(",")
    unknown = [name for name in names if name not in SUBJECTS]
    if unknown:
        raise argparse.ArgumentTypeError(f"there is no {', '.join(unknown)}; there are {', '.join(SUBJECTS)}")
    return names


def _say(options: argparse.Namespace, text: str) -> None:
    print(text, file=sys.stderr if options.json else sys.stdout, flush=True)


def _machine() -> str:
    load = os.getloadavg()[0]
    return f"{os.cpu_count()} cores, load {load:.1f}, Python {platform.python_version()}, {platform.system()}"


def _stop_in_order(*_: object) -> NoReturn:
    sys.exit(128 + signal.SIGTERM)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
