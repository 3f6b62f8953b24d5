"""The database dies and comes back: nobody is told that something was kept which wasn't, and all goes on by itself."""

import json
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.clients import Program
from tests.conftest import RunPulse
from tests.installations import Database, PulseProcess
from tests.journals import Reader, Sender, all_of, hold_against, wait_for
from tests.processes.conftest import FOUND_TOWN, Town
from tests.services import PostgresServer, throwaway_folder

pytestmark = [pytest.mark.processes, pytest.mark.postgres]

BACK_SECONDS = 10


@pytest.fixture
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL of the test's own, to kill and to start again."""
    with throwaway_folder() as folder:
        server = PostgresServer(folder)
        try:
            server.start()
            yield server
        finally:
            server.stop()


@pytest.fixture
def its_town(postgres: PostgresServer) -> Iterator[Town]:
    database = Database.create(postgres.folder, server_url=postgres.url)
    database.manage("migrate", "--verbosity=0")
    found = json.loads(database.manage("shell", "-v", "0", input=FOUND_TOWN).strip().splitlines()[-1])
    town = Town(database, **found)
    with town.stack:
        yield town


@pytest.fixture
def pulse(its_town: Town, running_pulse: RunPulse) -> PulseProcess:
    return running_pulse(database=its_town.database)


def crash(postgres: PostgresServer) -> None:
    """An immediate shutdown: nobody is waited for, and nothing is written that wasn't."""
    postgres.kill(signal.SIGQUIT)


def answers(program: Program, conversation_id: str, over: threading.Event, seen: list[int]) -> None:
    """Asks by REST all the while; keeps each status."""
    while not over.wait(0.05):
        seen.append(program.get(f"conversations/{conversation_id}/messages?limit=1").status_code)


def many_at_once(town: Town, pulse: PulseProcess) -> list[int]:
    """The statuses of forty requests, eight at a time: as many connections as the process ever has."""

    def ask(_: int) -> int:
        return town.program("Bob", pulse).get(f"conversations/{town.group_id}/messages").status_code

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(ask, range(40)))


def test_a_restarted_database_loses_nothing_and_is_found_again(
    its_town: Town, pulse: PulseProcess, postgres: PostgresServer
) -> None:
    urls, group = [pulse.url], its_town.group_id
    senders = [Sender(urls, its_town.tokens[name], group, name=name, per_second=30) for name in ("Alice", "Bob", "Mia")]
    readers = [Reader(urls, its_town.tokens[name], group) for name in ("Alice", "Bob")]
    over, statuses = threading.Event(), list[int]()
    asking = threading.Thread(target=answers, args=(its_town.program("Mia", pulse), group, over, statuses))
    asking.start()
    try:
        with all_of([*senders, *readers]):
            for _ in range(3):
                acknowledged = len(senders[0].journal)
                wait_for(lambda n=acknowledged: len(senders[0].journal) > n + 10, 30)  # type: ignore[misc]  # in a loop
                crash(postgres)
                time.sleep(1)
                postgres.start()
                began, acknowledged = time.monotonic(), len(senders[0].journal)
                wait_for(lambda n=acknowledged: len(senders[0].journal) > n, BACK_SECONDS)  # type: ignore[misc]  # see above
                assert time.monotonic() - began < BACK_SECONDS
            assert set(many_at_once(its_town, pulse)) == {200}, "once it is back, no broken connection is handed out"
            for sender in senders:
                sender.finish()
            stored = its_town.stored()
            for reader in readers:
                reader.wait_complete(len(stored), 40)
    finally:
        over.set()
        asking.join()
    hold_against(stored, senders, readers)
    assert set(statuses) <= {200, 503}, "a database that is away is a 503, never a 500"
    assert statuses[-1] == 200
    with its_town.socket("Charlie", pulse) as charlie:
        session = charlie.wait_for("ready")["session_id"]
        crash(postgres)
        postgres.start()
        script = f"from accounts.models import DeviceSession as S; print(S.objects.filter(id='{session}').delete()[0])"
        assert its_town.script(script) == 1
        began = time.monotonic()
        assert charlie.wait_closed(30) == 4401
        assert charlie.closed_at - began < 12, "a round may fail in the outage, and the next does not"
    assert {person.connections for person in [*senders, *readers]} == {1}, "sockets outlive the outage"


def test_while_the_database_is_away_a_send_is_refused_and_not_lost_in_silence(
    its_town: Town, pulse: PulseProcess, postgres: PostgresServer
) -> None:
    alice, bob = its_town.socket("Alice", pulse), its_town.socket("Bob", pulse)
    program = its_town.program("Alice", pulse)
    alice.send(its_town.group_id, "Before")
    assert set(many_at_once(its_town, pulse)) == {200}
    crash(postgres)
    began = time.monotonic()
    refused = alice.ask("message.send", conversation_id=its_town.group_id, content="During")
    assert (refused["type"], refused["code"]) == ("error", "unavailable")
    answer = program.post(f"conversations/{its_town.group_id}/messages", {"content": "During"})
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert int(answer.headers["Retry-After"]) >= 1
    assert time.monotonic() - began < 25, "and nobody waits for ever to hear it"
    assert alice.ask("ping")["type"] == "pong"
    assert alice.ask("read", conversation_id=its_town.group_id, seq=1)["code"] == "unavailable"
    postgres.start()
    wait_for(lambda: alice.ask("resume", conversations={})["type"] == "ack", BACK_SECONDS)
    assert set(many_at_once(its_town, pulse)) == {200}, "once it is back, no broken connection is handed out"
    for _ in range(10):
        assert alice.ask("resume", conversations={})["type"] == "ack"
        with its_town.socket("Mia", pulse) as mia:
            assert mia.is_open
    said = alice.send(its_town.group_id, "After")
    assert said["seq"] == 2
    assert bob.wait_for(lambda frame: frame.get("message", {}).get("id") == said["id"])
    assert [content for _, _, content in its_town.stored()] == ["Before", "After"]
    assert "internal" not in {error["code"] for error in alice.of_type("error")}
