"""`make test`: starts real servers, runs the suite on SQLite and on PostgreSQL with Redis, and says what ran where."""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from tests.programs import ProgramMissing, chromium_program, ensure
from tests.services import PostgresServer, RedisServer, server_version, throwaway_folder

NOTHING_COLLECTED = 5  # pytest's exit status


@dataclass
class Outcome:
    """What one pass of the suite came to."""

    where: str
    status: int
    seconds: float
    outcomes: Mapping[str, int]
    groups: Mapping[str, int]
    left_out: int

    def __str__(self) -> str:
        counts = ", ".join(f"{count} {outcome}" for outcome, count in self.outcomes.items()) or "nothing ran"
        parts = [f"{self.where}: {counts} in {self.seconds:.0f} s"]
        if self.left_out:
            parts.append(f"{self.left_out} need PostgreSQL")
        if self.status not in {0, 1, NOTHING_COLLECTED}:
            parts.append(f"pytest ended with {self.status}")
        return "; ".join(parts)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.run", description=__doc__)
    parser.add_argument("passes", nargs="+", choices=["sqlite", "postgres"])
    arguments = sys.argv[1:]
    cut = arguments.index("--") if "--" in arguments else len(arguments)
    passes = parser.parse_args(arguments[:cut]).passes
    pytest_arguments = arguments[cut + 1 :]

    signal.signal(signal.SIGTERM, _stop_in_order)
    try:
        ensure(_packages(passes))
    except ProgramMissing as missing:
        print(missing, file=sys.stderr)
        return 2
    with ExitStack() as stack:
        folder = stack.enter_context(throwaway_folder())
        outcomes = []
        for name in passes:
            servers = _start_servers(stack, folder) if name == "postgres" else {}
            outcomes.append(run_suite(servers, pytest_arguments, tally=folder / f"{name}.json"))
    return summarise(outcomes, narrowed=bool(pytest_arguments))


def _packages(passes: Sequence[str]) -> list[str]:
    """The Debian packages whose programs these passes start."""
    packages = ["chromium"]
    if "TEST_REDIS_URL" not in os.environ:
        packages.append("redis-server")
    if "postgres" in passes and "TEST_DATABASE_URL" not in os.environ:
        packages.append("postgresql")
    return packages


def _start_servers(stack: ExitStack, folder: Path) -> dict[str, str]:
    """The servers' addresses as the settings want them; those already given in TEST_* are used as they are."""
    servers = {}
    for variable, preset, service in (
        ("DATABASE_URL", "TEST_DATABASE_URL", PostgresServer),
        ("REDIS_URL", "TEST_REDIS_URL", RedisServer),
    ):
        if preset in os.environ:
            servers[variable] = os.environ[preset]
        else:
            server = service(folder)
            stack.callback(server.stop)
            server.start()
            servers[variable] = server.url
    return servers


def run_suite(servers: Mapping[str, str], pytest_arguments: Sequence[str], *, tally: Path) -> Outcome:
    """One pass: on these servers, or embedded without any. By files, so that tests of one file share what it starts."""
    where = " + ".join(server_version(url) for url in servers.values()) or "SQLite"
    print(f"\n=== {where} ===", flush=True)
    environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    # All that the tests leave lies in the throwaway folder too, whatever way they end.
    temporary = tally.with_suffix("")
    temporary.mkdir()
    environment |= {**servers, "PULSE_TALLY": str(tally), "TMPDIR": str(temporary)}
    command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadfile", *pytest_arguments]
    started = time.monotonic()
    with subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL) as process:
        try:
            status = process.wait()
        except KeyboardInterrupt:
            process.wait()  # Ctrl-C reached pytest as well, which now ends what it started
            raise
        except SystemExit:
            process.send_signal(signal.SIGINT)
            process.wait()
            raise
    seconds = time.monotonic() - started
    counted = json.loads(tally.read_text()) if tally.exists() else {"outcomes": {}, "groups": {}, "left_out": 0}
    return Outcome(where, status, seconds, **counted)


def summarise(outcomes: Sequence[Outcome], *, narrowed: bool) -> int:
    """Prints the summary; returns the exit status. Only a narrowed run may leave out a whole group of tests."""
    print("\n=== What ran where ===")
    for outcome in outcomes:
        print(outcome)
    browser_tests = sum(outcome.groups.get("browser", 0) for outcome in outcomes)
    print(f"{_chromium_version()}: {browser_tests} browser tests")

    problems = [f"{outcome.where} failed" for outcome in outcomes if outcome.status not in {0, NOTHING_COLLECTED}]
    if not any(outcome.outcomes for outcome in outcomes):
        problems.append("no test ran")
    if not narrowed:
        for outcome in outcomes:
            groups = ["browser", "processes", *(["postgres"] if outcome.where != "SQLite" else [])]
            problems += [f"{outcome.where} ran no {group} test" for group in groups if not outcome.groups.get(group)]
    for problem in problems:
        print(f"FAILED: {problem}.")
    return 1 if problems else 0


def _chromium_version() -> str:
    program = chromium_program()
    if program is None:
        return "Chromium"
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False, timeout=60).stdout
    return " ".join(said.split()[:2]) or "Chromium"


def _stop_in_order(*_: object) -> NoReturn:
    sys.exit(128 + signal.SIGTERM)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
