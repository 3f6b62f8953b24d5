"""Whole installations of Pulse, in processes of their own, for tests and benches that need the real thing."""

import http.client
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from tests.services import Service

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Database:
    """What one installation keeps, shared by its processes: a folder with uploads (and SQLite), or also a PostgreSQL
    database of its own."""

    name: str
    folder: Path
    url: str = ""
    env: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def create(cls, parent: Path, *, server_url: str = "", env: Mapping[str, str] | None = None) -> "Database":
        """An empty one, for `migrate`. On the PostgreSQL server of `server_url`; without, SQLite."""
        return cls._new(parent, server_url, "", env or {})

    def copy(self, *, env: Mapping[str, str] | None = None) -> "Database":
        """Another with the same content, much sooner than `migrate` makes it. Nobody may be using this one."""
        copied = self._new(self.folder.parent, self.url, self.name, {**self.env, **(env or {})})
        if not self.url:
            shutil.copytree(self.folder, copied.folder, dirs_exist_ok=True)
        return copied

    @classmethod
    def _new(cls, parent: Path, server_url: str, template: str, env: Mapping[str, str]) -> "Database":
        name = f"pulse_{uuid.uuid4().hex}"
        folder = parent / name
        folder.mkdir()
        if not server_url:
            return cls(name, folder, env=env)
        with psycopg.connect(_maintenance(server_url), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else ""))
        url = urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))
        return cls(name, folder, url, env)

    def drop(self) -> None:
        if self.url:
            with psycopg.connect(_maintenance(self.url), autocommit=True) as connection:
                connection.execute(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')
        shutil.rmtree(self.folder, ignore_errors=True)

    def environment(self) -> dict[str, str]:
        environment = {
            **os.environ,
            "PULSE_DATA_DIR": str(self.folder),
            "PULSE_REDIS_PREFIX": self.name,
            **({"DATABASE_URL": self.url} if self.url else {}),
            **self.env,
        }
        if not self.url:
            environment.pop("DATABASE_URL", None)
        return environment

    def manage(self, *arguments: str, input: str = "") -> str:
        """Runs a management command and returns what it printed. Raises RuntimeError when it fails."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment(),
            input=input,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        if done.returncode:
            raise RuntimeError(f"manage.py {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout


class PulseProcess(Service):
    """One `manage.py serve`: `all` of Pulse, or only its `live` or `web` part."""

    def __init__(self, database: Database, *parts: str, env: Mapping[str, str] | None = None) -> None:
        super().__init__("pulse", database.folder)
        self.database = database
        self.parts = parts
        self.url = f"http://127.0.0.1:{self.port}"
        self.ws_url = f"ws://127.0.0.1:{self.port}/ws/v1"
        self.env = {"PUBLIC_URL": self.url, **(env or {})}

    def command(self) -> Sequence[str | Path]:
        return [sys.executable, "manage.py", "serve", *self.parts, "--host", "127.0.0.1", "--port", str(self.port)]

    def working_folder(self) -> Path:
        return ROOT

    def environment(self) -> Mapping[str, str]:
        return {**self.database.environment(), **self.env}

    def is_ready(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def manage(self, *arguments: str, input: str = "") -> str:
        return self.database.manage(*arguments, input=input)


def _maintenance(url: str) -> str:
    """The same server's own database: one cannot create or drop what one is connected to."""
    return urlunsplit(urlsplit(url)._replace(path="/postgres"))
