"""The suite's own ground: that its servers, processes and browser are what they claim to be."""

import http.client
import signal
from collections.abc import Callable
from urllib.parse import urlsplit

import psycopg
import pytest
import redis
from django.db import connection
from playwright.sync_api import Page

from accounts.models import User
from tests.conftest import RunPulse
from tests.environment import ON_POSTGRES
from tests.installations import PulseProcess
from tests.services import PostgresServer, RedisServer, free_port, throwaway_folder


def status_of(pulse: PulseProcess, path: str = "/healthz") -> int:
    client = http.client.HTTPConnection("127.0.0.1", pulse.port, timeout=10)
    try:
        client.request("GET", path)
        return client.getresponse().status
    finally:
        client.close()


def test_two_free_ports_are_two() -> None:
    assert len({free_port() for _ in range(10)}) > 1


def test_the_suite_runs_on_the_database_it_says(db: None) -> None:
    assert connection.vendor == ("postgresql" if ON_POSTGRES else "sqlite")
    assert "test" in str(connection.settings_dict["NAME"])


def test_the_cast_can_sign_in(alice: User, mia: User) -> None:
    assert alice.check_password("correct horse battery")
    assert (alice.verified, alice.is_staff) == (True, False)
    assert mia.is_staff


@pytest.mark.usefixtures("real_password_hashing")
def test_real_hashing_is_argon2_when_asked_for(alice: User) -> None:
    assert alice.password.startswith("argon2$")


def test_redis_comes_back_on_its_port_and_has_forgotten(own_redis: RedisServer) -> None:
    with redis.Redis.from_url(own_redis.url) as client:
        client.set("greeting", "hello")
        own_redis.kill()
        with pytest.raises(redis.ConnectionError):
            client.get("greeting")
        own_redis.start()
        assert client.get("greeting") is None


@pytest.mark.postgres
def test_postgresql_crashes_and_keeps_what_was_committed() -> None:
    with throwaway_folder() as folder:
        server = PostgresServer(folder)
        try:
            server.start()
            with psycopg.connect(server.url) as client:
                client.execute("CREATE TABLE note AS SELECT 'hello' AS text")
            server.kill(signal.SIGQUIT)
            server.start()
            with psycopg.connect(server.url) as client:
                assert client.execute("SELECT text FROM note").fetchall() == [("hello",)]
        finally:
            server.stop()


@pytest.mark.processes
def test_two_processes_share_one_installation(running_pulse: RunPulse) -> None:
    first = running_pulse()
    first.manage("create_user", "alice@example.org", "--name", "Alice", "--verified", input="correct horse battery\n")
    if not ON_POSTGRES:  # embedded, Pulse is one process
        assert status_of(first) == 200
        return
    second = running_pulse(database=first.database)
    assert (status_of(first), status_of(second)) == (200, 200)


@pytest.mark.processes
def test_a_killed_pulse_starts_again_where_it_was(running_pulse: RunPulse) -> None:
    pulse = running_pulse()
    pulse.kill()
    with pytest.raises(OSError, match="refused"):
        status_of(pulse)
    pulse.start()
    assert status_of(pulse) == 200


@pytest.mark.processes
def test_a_pulse_that_cannot_start_says_why(running_pulse: RunPulse) -> None:
    with pytest.raises(RuntimeError, match=r"ImproperlyConfigured|connection failed"):
        running_pulse(env={"DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing", "SECRET_KEY": ""})


@pytest.mark.browser
@pytest.mark.processes
def test_a_browser_opens_pulse(shared_pulse: PulseProcess, new_person_page: Callable[[PulseProcess], Page]) -> None:
    page = new_person_page(shared_pulse)
    answer = page.goto("/")
    assert answer is not None
    assert answer.ok
    assert urlsplit(page.url).netloc == urlsplit(shared_pulse.url).netloc
