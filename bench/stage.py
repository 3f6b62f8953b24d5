"""What a bench runs on: real servers in a throwaway folder, and the processes that make the load."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from tests.installations import ROOT, Database, PulseProcess
from tests.services import PostgresServer, RedisServer, Service

if TYPE_CHECKING:
    from bench.people import Made, Wanted

ENVIRONMENT = {
    "SECRET_KEY": "a-secret-key-for-benches-only-0123456789-abcdefghijklmnopqrstuvw",
    "ALLOWED_HOSTS": "127.0.0.1",
    "PUBLIC_URL": "http://127.0.0.1",
    "EMAIL_URL": "smtp://127.0.0.1:1",
    "PULSE_RATE_LIMITS": "off",
    "PULSE_LOG_LEVEL": "WARNING",
    "DJANGO_SETTINGS_MODULE": "pulse.settings",
}


S = TypeVar("S", bound=Service)


class LoadFailed(Exception):
    """The load process found something wrong with the server, or nothing at all."""


class BareBroadcaster(Service):
    """:mod:`bench.bare_broadcaster`, as a process."""

    def __init__(self, folder: Path) -> None:
        super().__init__("bare", folder)
        self.url = f"ws://127.0.0.1:{self.port}/"

    def command(self) -> Sequence[str | Path]:
        return [sys.executable, "-m", "bench.bare_broadcaster", str(self.port)]

    def working_folder(self) -> Path:
        return ROOT

    def is_ready(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=5):
            return True
        return False


class Stage:
    """One run's servers. Each is started when first asked for, and all are stopped at the end."""

    def __init__(self, stack: ExitStack, folder: Path, *, seconds: float, rounds: int) -> None:
        self._stack = stack
        self.folder = folder
        self.seconds = seconds
        self.rounds = rounds
        self._postgres: PostgresServer | None = None
        self._redis: RedisServer | None = None
        self._databases: dict[str, Database] = {}
        for name in list(os.environ):
            if name.startswith(("PULSE_", "AWS_")) or name in {"DATABASE_URL", "REDIS_URL", "TRUSTED_PROXIES"}:
                del os.environ[name]

    @property
    def postgres(self) -> PostgresServer:
        if self._postgres is None:
            self._postgres = self._started(
                PostgresServer(self.folder, durable=True, options={"fsync": "on", "synchronous_commit": "on"})
            )
        return self._postgres

    @property
    def redis(self) -> RedisServer:
        if self._redis is None:
            self._redis = self._started(RedisServer(self.folder))
        return self._redis

    def database(self, kind: str = "postgres") -> Database:
        """The run's database of that kind, migrated: ``postgres`` or ``sqlite``."""
        if kind not in self._databases:
            server_url = self.postgres.url if kind == "postgres" else ""
            database = Database.create(self.folder, server_url=server_url, env=ENVIRONMENT)
            database.manage("migrate", "--verbosity", "0")
            self._databases[kind] = database
        return self._databases[kind]

    @contextmanager
    def pulse(self, kind: str = "postgres", role: str = "all") -> Iterator[PulseProcess]:
        """One Pulse of its own, without Redis."""
        process = PulseProcess(self.database(kind), role)
        with self._up(process):
            yield process

    @contextmanager
    def two_pulses(self) -> Iterator[list[PulseProcess]]:
        """Two live processes that hear each other through Redis."""
        env = {"REDIS_URL": self.redis.url, "PULSE_REDIS_PREFIX": uuid.uuid4().hex}
        first, second = (PulseProcess(self.database(), "live", env=env) for _ in range(2))
        with self._up(first), self._up(second):
            yield [first, second]

    @contextmanager
    def bare(self) -> Iterator[BareBroadcaster]:
        process = BareBroadcaster(self.folder)
        with self._up(process):
            yield process

    @contextmanager
    def _up(self, service: Service) -> Iterator[None]:
        """Started, and stopped at the end. A load that failed gets its last words."""
        service.start()
        try:
            yield
        except LoadFailed as failed:
            failed.add_note(service.last_words(3000))
            raise
        finally:
            service.stop()

    def people(self, wanted: Wanted, kind: str = "postgres") -> Made:
        """Puts people and conversations into the database."""
        done = subprocess.run(
            [sys.executable, "-m", "bench.people"],
            cwd=ROOT,
            env=self.database(kind).environment(),
            input=json.dumps(wanted),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"The people were not made:\n{done.stderr}")
        made: Made = json.loads(done.stdout)
        if kind == "postgres":
            self.settle()
        return made

    def settle(self) -> None:
        """Let PostgreSQL do now what it would do in the middle of a measurement."""
        subprocess.run(
            [
                self.postgres.programs / "psql",
                "-qX",
                "-d",
                self.database().url,
                "-c",
                "VACUUM ANALYZE",
                "-c",
                "CHECKPOINT",
            ],
            check=True,
        )

    def _started(self, service: S) -> S:
        self._stack.callback(service.stop)
        service.start()
        return service


def load(name: str, **plan: Any) -> dict[str, Any]:
    """Has a load process carry out a plan. Raises :class:`LoadFailed`."""
    with loading(name, **plan) as process:
        out, _ = process.communicate()
    return _finding(out)


@contextmanager
def loading(name: str, **plan: Any) -> Iterator[subprocess.Popen[str]]:
    """The load process itself, for loads that wait for a word on their standard input."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.load"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    try:
        process.stdin.write(json.dumps({"load": name, **plan}) + "\n")
        process.stdin.flush()
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def _finding(out: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(out.splitlines()[-1]) if out else {"failed": "The load process died."}
    if "failed" in found:
        raise LoadFailed(found["failed"])
    return found
