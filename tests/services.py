"""Real servers for tests and benches: on free ports of 127.0.0.1, in throwaway folders, stopped by pid."""

import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import redis

from tests.programs import need


@contextmanager
def throwaway_folder() -> Iterator[Path]:
    """A temporary folder that other users may enter: PostgreSQL refuses to run as root, and its data lie inside."""
    folder = Path(tempfile.mkdtemp(prefix="pulse-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    """A port nobody listens on, below those of outgoing connections: so it is still free a while later."""
    # Not random's own generator: pytest-randomly seeds it alike in every worker, and all would choose the same port.
    choose = random.SystemRandom()
    while True:
        port = choose.randrange(20_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port


class Service:
    """One real process, with its output in a file. Says itself what to run and when it is ready."""

    polite_signal = signal.SIGTERM
    start_seconds = 60.0

    def __init__(self, name: str, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.log = folder / f"{name}-{self.port}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> Sequence[str | Path]:
        raise NotImplementedError

    def is_ready(self) -> bool:
        raise NotImplementedError

    def environment(self) -> Mapping[str, str]:
        return os.environ

    def user(self) -> str | None:
        """Who runs it; None is whoever runs the tests."""
        return None

    @property
    def pid(self) -> int:
        if self.process is None:
            raise RuntimeError(f"{self.log.stem} is not running.")
        return self.process.pid

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Starts it, always on the same port, and returns when it is ready. Raises RuntimeError with its last words."""
        user = self.user()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command(),
                cwd=self.working_folder(),
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C is for the test run, which then stops its servers in order.
                start_new_session=True,
                user=user,
                group=pwd.getpwnam(user).pw_gid if user else None,
                extra_groups=[] if user else None,
            )
        deadline = time.monotonic() + self.start_seconds
        while not self.is_ready():
            if not self.running or time.monotonic() > deadline:
                how = f"exited with {self.process.poll()}" if not self.running else "is not ready"
                self.kill()
                raise RuntimeError(f"{self.log.stem} {how}.\n{self.last_words()}")
            time.sleep(0.02)

    def working_folder(self) -> Path:
        return self.folder

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Ends it at once, as a crash would. Or another signal: SIGSTOP and SIGCONT make it hang and go on."""
        if self.process is not None:
            self.process.send_signal(number)
            if number not in {signal.SIGSTOP, signal.SIGCONT}:
                self.process.wait()

    def stop(self, *, patience_seconds: float = 10) -> int | None:
        """Asks it to end, and ends it when it has not. Returns its exit status."""
        if self.process is None:
            return None
        self.process.send_signal(self.polite_signal)
        self.process.send_signal(signal.SIGCONT)
        try:
            self.process.wait(patience_seconds)
        except subprocess.TimeoutExpired:
            self.kill()
        return self.process.returncode

    def restart(self) -> None:
        self.stop()
        self.start()

    def last_words(self, size_bytes: int = 20_000) -> str:
        """The end of what it wrote."""
        return self.log.read_bytes()[-size_bytes:].decode(errors="replace") if self.log.exists() else ""


class RedisServer(Service):
    def __init__(self, folder: Path) -> None:
        super().__init__("redis", folder)
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> Sequence[str | Path]:
        options = {"bind": "127.0.0.1", "port": self.port, "save": "", "appendonly": "no", "dir": self.folder}
        return [need("redis-server"), *(str(part) for name, value in options.items() for part in (f"--{name}", value))]

    def is_ready(self) -> bool:
        try:
            with redis.Redis.from_url(self.url) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False


class PostgresServer(Service):
    """A PostgreSQL cluster of its own, with an empty database `pulse`.

    `durable=False` spares the disk; what is acknowledged then survives a crash of PostgreSQL, not one of the machine.
    """

    polite_signal = signal.SIGINT  # "fast": SIGTERM would wait for every client to go

    def __init__(self, folder: Path, *, durable: bool = False, options: Mapping[str, str] | None = None) -> None:
        super().__init__("postgres", folder)
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/pulse"
        self.programs = need("postgresql")
        self.data = folder / f"postgres-{self.port}" / "data"
        self.options = {
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": "200",
            **({} if durable else {"fsync": "off", "full_page_writes": "off"}),
            **(options or {}),
        }

    def user(self) -> str | None:
        if os.geteuid() != 0:
            return None
        with suppress(KeyError):
            return pwd.getpwnam("postgres").pw_name
        return "nobody"

    def working_folder(self) -> Path:
        return self.data.parent

    def environment(self) -> Mapping[str, str]:
        return {**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC"}

    def start(self) -> None:
        if not self.data.exists():
            self._create_cluster()
            super().start()
            with psycopg.connect(self._maintenance_url, autocommit=True) as connection:
                connection.execute("CREATE DATABASE pulse")
        else:
            super().start()

    def command(self) -> Sequence[str | Path]:
        settings = [part for name, value in self.options.items() for part in ("-c", f"{name}={value}")]
        return [self.programs / "postgres", "-D", self.data, *settings]

    def is_ready(self) -> bool:
        try:
            psycopg.connect(self._maintenance_url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    @property
    def _maintenance_url(self) -> str:
        return f"{self.url.rpartition('/')[0]}/postgres"

    def _create_cluster(self) -> None:
        user = self.user()
        self.data.parent.mkdir(mode=0o700)
        if user:
            shutil.chown(self.data.parent, user, pwd.getpwnam(user).pw_gid)
        options = ["-A", "trust", "-U", "postgres", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"]
        made = subprocess.run(
            [self.programs / "initdb", *options, "-D", self.data],
            cwd=self.data.parent,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            user=user,
            group=pwd.getpwnam(user).pw_gid if user else None,
            extra_groups=[] if user else None,
        )
        if made.returncode:
            raise RuntimeError(f"initdb failed:\n{made.stdout}{made.stderr}")


def server_version(url: str) -> str:
    """What answers there, as `PostgreSQL 15.18` or `Redis 7.0.15`."""
    if url.startswith("redis"):
        with redis.Redis.from_url(url) as client:
            return f"Redis {client.info('server')['redis_version']}"
    with psycopg.connect(url) as connection:
        numbers = connection.execute("SHOW server_version").fetchone() or ("?",)
        return f"PostgreSQL {numbers[0].split()[0]}"
