"""What Django is told about its database: a file of its own when embedded, PostgreSQL in production."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


def embedded(url: str, folder: Path) -> dict[str, Any]:
    """SQLite: the file that ``url`` names, or one in ``folder``, which is made if it is missing."""
    # Its owner's alone where it is made here: it will hold everybody's messages.
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": urlsplit(url).path[1:] if url else str(folder / "pulse.sqlite3"),
        # A file costs nothing to keep open, and each of the few threads has its own.
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-32000;",
        },
        # A file, not memory: the writer and the read threads each need a connection of their own.
        "TEST": {"NAME": str(folder / "test.sqlite3")},
    }


def production(config: dict[str, Any], *, connections: int) -> dict[str, Any]:
    """PostgreSQL as ``config`` names it, with at most ``connections`` of each process."""
    pool = {"min_size": 1, "max_size": connections, "timeout": 3, "max_lifetime": 1800}
    return config | {
        "CONN_MAX_AGE": 0,
        # The pool looks whether a connection lives before it hands it out: after a restart of the database each of
        # them is dead, and each would fail somebody once.
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": config.get("OPTIONS", {}) | {"pool": pool, "connect_timeout": 5},
    }
