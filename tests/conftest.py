"""The cast, and the real things they meet: processes, Redis, a browser."""

import os
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.db import connection
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django import DjangoCaptureOnCommitCallbacks, DjangoDbBlocker, Settings

from accounts.models import User
from pulse.lib.jobs import ThreadWorker
from pulse.realtime import outbox
from tests.environment import ON_POSTGRES
from tests.installations import Database, PulseProcess
from tests.listening import Listener
from tests.programs import need
from tests.services import RedisServer, throwaway_folder

PASSWORD = "correct horse battery"
REAL_HASHERS = list(django_settings.PASSWORD_HASHERS)
STARTED = pytest.StashKey[list[PulseProcess]]()


def pytest_configure() -> None:
    # Argon2 is slow on purpose. Tests of hashing itself ask for `real_password_hashing`.
    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *REAL_HASHERS]


@pytest.fixture
def real_password_hashing(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = REAL_HASHERS


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The suite's database. The writer and the readers keep their connections: with one open it can't be dropped."""
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


# --- The cast ---


@pytest.fixture
def alice(db: None) -> User:
    return User.objects.create_user(email="alice@example.org", name="Alice", password=PASSWORD, verified=True)


@pytest.fixture
def bob(db: None) -> User:
    """In alice's group, where there is one."""
    return User.objects.create_user(email="bob@example.org", name="Bob", password=PASSWORD, verified=True)


@pytest.fixture
def charlie(db: None) -> User:
    """An outsider."""
    return User.objects.create_user(email="charlie@example.org", name="Charlie", password=PASSWORD, verified=True)


@pytest.fixture
def mia(db: None) -> User:
    """A moderator."""
    return User.objects.create_user(
        email="mia@example.org", name="Mia", password=PASSWORD, verified=True, is_staff=True
    )


# --- What happens around them ---


@pytest.fixture
def work(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> Callable[[], Any]:
    """``with work():`` what happens inside commits, and then the queue is worked off."""

    @contextmanager
    def working() -> Iterator[None]:
        with django_capture_on_commit_callbacks(execute=True):
            yield
        ThreadWorker().run_waiting()

    return working


@pytest.fixture
def rate_limits(settings: Settings) -> None:
    """Limits as in production; the suite runs without them."""
    cache.clear()
    settings.RATE_LIMITS = True


@pytest.fixture
def listener() -> Iterator[Listener]:
    """Hears what leaves this process."""
    heard = Listener()
    outbox.use_bus(heard)
    yield heard
    outbox.use_bus(None)


# --- Real processes ---


class RunPulse(Protocol):
    def __call__(
        self, *parts: str, database: Database | None = None, env: Mapping[str, str] | None = None
    ) -> PulseProcess:
        """Starts `manage.py serve PARTS`, in an installation of its own or in that of `database`."""
        ...


@pytest.fixture(scope="session")
def installed() -> Iterator[Database]:
    """A migrated, empty installation that nobody uses: the others are copies of it."""
    with throwaway_folder() as folder:
        database = Database.create(folder, server_url=os.environ["DATABASE_URL"] if ON_POSTGRES else "")
        try:
            database.manage("migrate", "--verbosity=0")
            yield database
        finally:
            database.drop()


@contextmanager
def running(installed: Database, node: pytest.Item | pytest.Collector) -> Iterator[RunPulse]:
    """Starts Pulse processes and, at the end, stops them and drops the databases made for them."""
    started = node.stash.setdefault(STARTED, [])
    created: list[Database] = []

    def run(*parts: str, database: Database | None = None, env: Mapping[str, str] | None = None) -> PulseProcess:
        if database is None:
            database = installed.copy()
            created.append(database)
        process = PulseProcess(database, *parts, env=env)
        started.append(process)
        process.start()
        return process

    try:
        yield run
    finally:
        for process in reversed(started):
            process.stop()
        for database in created:
            database.drop()
        started.clear()


@pytest.fixture
def running_pulse(request: pytest.FixtureRequest, installed: Database) -> Iterator[RunPulse]:
    """A factory of Pulse processes that live as long as the test."""
    with running(installed, request.node) as run:
        yield run


@pytest.fixture(scope="module")
def shared_pulse(request: pytest.FixtureRequest, installed: Database) -> Iterator[PulseProcess]:
    """One embedded or complete Pulse for all tests of a file, for those that can live with each other's data."""
    with running(installed, request.node) as run:
        yield run()


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis of the test's own, to kill and to start again on the same port."""
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed test shows what its Pulse processes wrote."""
    report = yield
    if report.failed:
        for node in item.listchain():
            report.sections += [(f"Pulse at {one.url}", one.last_words()) for one in node.stash.get(STARTED, [])]
    return report


# --- A real browser ---


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # For a module, not for the session: while Playwright runs, Django and pytest-asyncio see an event loop in this
    # thread and refuse to work. So keep tests that use the ORM or asyncio out of files that use a browser.
    flags = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
    flags += ["--disable-component-update", "--disable-sync"]
    if os.geteuid() == 0:
        flags.append("--no-sandbox")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=need("chromium"), args=flags)
        yield chromium
        chromium.close()


@pytest.fixture
def new_person_page(browser: Browser) -> Iterator[Callable[[PulseProcess], Page]]:
    """Opens a window for one more person, who shares no cookies with the others. A script error fails the test."""
    contexts = []
    errors: list[str] = []

    def open_window(pulse: PulseProcess) -> Page:
        context = browser.new_context(base_url=pulse.url)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert errors == []
