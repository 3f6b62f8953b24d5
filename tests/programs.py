"""Finds the real programs the suite runs against (PostgreSQL, Redis, Chromium), and installs them where it may."""

import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

# Installing a server package must not start a system service: the suite starts its own, on free ports. Where a machine
# has no policy of its own, one that forbids starting lies there for as long as apt-get runs.
INSTALL = """
set -e
export DEBIAN_FRONTEND=noninteractive
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\\nexit 101\\n' >"$policy"
    chmod 755 "$policy"
fi
apt-get -q -o DPkg::Lock::Timeout=300 update
apt-get -q -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@"
"""


class ProgramMissing(Exception):
    """A program the suite needs is not here; the text says what to install."""


def postgres_programs() -> Path | None:
    """The folder of initdb and postgres. Debian keeps them out of PATH, one folder a version; the newest is taken."""
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    for folder in sorted(folders, key=lambda path: float(path.parent.name), reverse=True):
        if (folder / "postgres").exists():
            return folder
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def redis_program() -> Path | None:
    found = shutil.which("redis-server")
    return Path(found) if found else None


def chromium_program() -> Path | None:
    if preset := os.environ.get("CHROMIUM"):
        return Path(preset)
    for name in ("chromium", "google-chrome", "google-chrome-stable"):
        if found := shutil.which(name):
            return Path(found)
    # What `playwright install chromium` leaves, for systems whose packages have no Chromium (Ubuntu).
    browsers = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", "~/.cache/ms-playwright")).expanduser()
    with suppress(PermissionError):
        return max(browsers.glob("chromium-*/chrome-linux*/chrome"), default=None)
    return None


FINDERS: dict[str, Callable[[], Path | None]] = {
    "postgresql": postgres_programs,
    "redis-server": redis_program,
    "chromium": chromium_program,
}


def need(package: str) -> Path:
    """Where the program of a Debian package is. Raises ProgramMissing."""
    found = FINDERS[package]()
    if found is None:
        raise ProgramMissing(_by_hand([package]))
    return found


def ensure(packages: Sequence[str]) -> None:
    """Installs what is missing of these Debian packages. Raises ProgramMissing where it may not, or could not."""
    missing = [package for package in packages if FINDERS[package]() is None]
    if not missing:
        return
    become_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if not shutil.which("apt-get") or not _works([*become_root, "true"]):
        raise ProgramMissing(_by_hand(missing))
    print(f"Installing what the tests need: {', '.join(missing)}", flush=True)
    install = [*become_root, "sh", "-c", INSTALL, "install", *missing]
    for _attempt in range(2):  # mirrors hiccup
        if subprocess.run(install, stdin=subprocess.DEVNULL, check=False).returncode == 0:
            break
    for package in missing:
        need(package)


def _works(command: Sequence[str]) -> bool:
    return bool(shutil.which(command[0])) and not subprocess.run(command, capture_output=True, check=False).returncode


def _by_hand(packages: Sequence[str]) -> str:
    lines = [
        f"The tests need {', '.join(packages)}. On Debian:",
        f"    sudo apt-get install -y --no-install-recommends {' '.join(packages)}",
    ]
    if "chromium" in packages:
        lines.append("On Ubuntu, Chromium comes from: .venv/bin/playwright install --with-deps chromium")
    lines.append("What you already have can be named in TEST_DATABASE_URL, TEST_REDIS_URL and CHROMIUM.")
    return "\n".join(lines)
