"""Counts what ran, so that nothing is left out unseen. `tests.run` reads the counts of each pass from $PULSE_TALLY."""

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.environment import ON_POSTGRES

# The markers of tests that need more than Python, and the count of which is shown.
GROUPS = ("browser", "processes", "postgres")

outcomes: Counter[str] = Counter()
groups: Counter[str] = Counter()
left_out: set[str] = set()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        item.user_properties += [("group", name) for name in GROUPS if item.get_closest_marker(name)]
    if not ON_POSTGRES:
        only_postgres = [item for item in items if item.get_closest_marker("postgres")]
        left_out.update(item.nodeid for item in only_postgres)
        config.hook.pytest_deselected(items=only_postgres)
        items[:] = [item for item in items if item.nodeid not in left_out]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" or report.outcome != "passed":
        outcomes["errors" if report.failed and report.when != "call" else report.outcome] += 1
    if report.when == "call":
        groups.update(str(value) for name, value in report.user_properties if name == "group")


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left_out"] = sorted(left_out)
    elif path := os.environ.get("PULSE_TALLY"):
        tally = {"outcomes": outcomes, "groups": groups, "left_out": len(left_out)}
        Path(path).write_text(json.dumps(tally))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Each worker of xdist collects for itself, and the run's own process hears of it here."""
    left_out.update(getattr(node, "workeroutput", {}).get("left_out", ()))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if left_out:
        terminalreporter.write_line(f"Left out on SQLite, since they need PostgreSQL: {len(left_out)} tests.")
