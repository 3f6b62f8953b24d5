"""Pulse starts where it can work, and says clearly why where it can't."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from tests.clients import SocketClient
from tests.conftest import RunPulse
from tests.environment import ON_POSTGRES
from tests.installations import ROOT, PulseProcess
from tests.processes.conftest import Town

pytestmark = pytest.mark.processes

NO_REDIS = {"REDIS_URL": ""}
NOT_ALONE = "Another live process of this installation is running without Redis"


def test_a_second_live_process_without_redis_is_refused(town: Town, running_pulse: RunPulse) -> None:
    first = running_pulse(database=town.database, env=NO_REDIS)
    for role in ("all", "live"):
        with pytest.raises(RuntimeError, match=NOT_ALONE) as refused:
            running_pulse(role, database=town.database, env=NO_REDIS)
        assert "Traceback" not in str(refused.value)
        assert "REDIS_URL" in str(refused.value)
    with SocketClient(first.url, token=town.tokens["Alice"]) as alice:
        assert alice.wait_for("ready")


def test_once_the_first_was_killed_another_may_start(town: Town, running_pulse: RunPulse) -> None:
    first = running_pulse(database=town.database, env=NO_REDIS)
    first.kill()
    second = running_pulse(database=town.database, env=NO_REDIS)
    with SocketClient(second.url, token=town.tokens["Alice"]) as alice:
        assert alice.wait_for("ready")


@pytest.mark.postgres
def test_a_second_live_process_on_another_machine_is_refused_too(
    town: Town, running_pulse: RunPulse, tmp_path: Path
) -> None:
    """It has a folder of its own, so only the database can tell."""
    running_pulse(database=town.database, env=NO_REDIS)
    elsewhere = replace(town.database, folder=tmp_path)
    with pytest.raises(RuntimeError, match=NOT_ALONE):
        running_pulse("live", database=elsewhere, env=NO_REDIS)


@pytest.mark.postgres
def test_with_redis_several_live_processes_start(town: Town, running_pulse: RunPulse) -> None:
    for role in ("all", "live", "live"):
        assert running_pulse(role, database=town.database).running


def test_the_web_role_without_redis_is_refused(town: Town, running_pulse: RunPulse) -> None:
    with pytest.raises(RuntimeError, match="web role needs REDIS_URL") as refused:
        running_pulse("web", database=town.database, env=NO_REDIS)
    assert "Traceback" not in str(refused.value)


def test_a_live_process_serves_sockets_and_health_alone(town: Town, running_pulse: RunPulse) -> None:
    live = running_pulse("live", database=town.database)
    program = town.program("Alice", live)
    assert program.get("conversations").status_code == 404
    with town.socket("Alice", live) as alice:
        assert alice.send(town.group_id, "Hello")["seq"] == 1


# Settings


def settings_of(*names: str, **environment: str) -> tuple[int, str]:
    """What a process makes of its environment: its exit status, and the settings' values or its last line."""
    done = subprocess.run(
        [sys.executable, "-c", f"from pulse import settings as s; print({', '.join(f's.{name}' for name in names)})"],
        cwd=ROOT,
        env={name: value for name, value in {**os.environ, **environment}.items() if value != "unset"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, (done.stdout or done.stderr).strip().splitlines()[-1]


def production(tmp_path: Path, **changed: str) -> dict[str, str]:
    return {
        "DATABASE_URL": "postgres://pulse:secret@localhost/pulse",
        "PULSE_DATA_DIR": str(tmp_path),
        "SECRET_KEY": "x" * 50,
        "ALLOWED_HOSTS": "chat.example.org",
        "PUBLIC_URL": "https://chat.example.org",
        "EMAIL_URL": "smtp://localhost",
        **changed,
    }


@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS", "PUBLIC_URL", "EMAIL_URL"])
def test_production_says_which_variable_it_lacks(tmp_path: Path, name: str) -> None:
    status, said = settings_of("DEBUG", **production(tmp_path, **{name: "unset"}))
    assert status != 0
    assert f"needs {name} (or {name}_FILE)" in said
    assert settings_of("DEBUG", **production(tmp_path)) == (0, "False")


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    secret, database = tmp_path / "secret", tmp_path / "database"
    secret.write_text("from a file " * 5 + "\n")
    database.write_text("postgres://pulse:secret@db.example.org/pulse\n")
    environment = production(
        tmp_path,
        SECRET_KEY="unset",
        DATABASE_URL="unset",
        SECRET_KEY_FILE=str(secret),
        DATABASE_URL_FILE=str(database),
    )
    status, said = settings_of("SECRET_KEY", "DATABASES['default']", **environment)
    assert status == 0
    assert said.startswith("from a file from a file")
    assert "'NAME': 'pulse'" in said
    assert "'HOST': 'db.example.org'" in said


def test_a_secret_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    missing = str(tmp_path / "missing")
    status, said = settings_of("DEBUG", **production(tmp_path, SECRET_KEY="unset", SECRET_KEY_FILE=missing))
    assert status != 0
    assert missing in said


def test_an_embedded_pulse_keeps_a_secret_that_its_owner_alone_can_read(tmp_path: Path) -> None:
    nothing = {"DATABASE_URL": "unset", "SECRET_KEY": "unset", "PULSE_DATA_DIR": str(tmp_path / "new")}
    first, again = settings_of("SECRET_KEY", **nothing), settings_of("SECRET_KEY", **nothing)
    assert first == again
    assert len(first[1]) >= 50
    assert (tmp_path / "new" / "secret_key").stat().st_mode & 0o077 == 0


# Daphne


class Daphne(PulseProcess):
    """Pulse under daphne, which knows nothing of our links."""

    def command(self) -> list[str | Path]:
        return [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(self.port), "pulse.asgi:application"]

    def environment(self) -> Mapping[str, str]:
        return {**super().environment(), "DJANGO_SETTINGS_MODULE": "pulse.settings"}


def test_daphne_serves_everything_too(town: Town) -> None:
    pulse = Daphne(town.database)
    pulse.start()
    try:
        alice, bob = town.socket("Alice", pulse), town.socket("Bob", pulse, "html=1")
        said = alice.send(town.group_id, "Hello from daphne " + "é" * 5000)
        heard = bob.wait_for("message.created")
        assert heard["message"] == said
        assert "<article" in heard["html"]
        by_rest = town.program("Bob", pulse).send(town.group_id, "And by REST")
        alice.wait_for(lambda frame: frame.get("message", {}).get("id") == by_rest["id"])
        for number in range(100):
            alice.say("message.send", ref=f"m{number}", conversation_id=town.group_id, content=str(number))
        bob.wait_until(lambda heard: len(heard.seqs()) == 102)
        assert bob.seqs() == list(range(1, 103))
        with SocketClient(pulse.url) as stranger:
            assert stranger.wait_closed() == 4401
        town.remove("Bob")
        last = alice.send(town.group_id, "Without Bob")
        bob.wait_for("conversation.removed")
        assert bob.seqs()[-1] < last["seq"]
        session = alice.wait_for("ready")["session_id"]
        assert town.program("Alice", pulse).delete(f"sessions/{session}").status_code == 204
        assert alice.wait_closed(3) == 4401
        with town.socket("Mia", pulse) as mia:
            mia.resume({town.group_id: last["version"] - 3})
            mia.wait_for("caught_up")
            assert len(mia.seqs()) == 3
    finally:
        pulse.stop()


def test_a_second_process_under_daphne_lets_nobody_in(town: Town, running_pulse: RunPulse, tmp_path: Path) -> None:
    """Daphne tells no application that it starts, so the refusal comes with each socket, not with the first alone."""
    running_pulse(database=town.database, env=NO_REDIS)
    # With PostgreSQL the second may be on another machine: then only the database can tell.
    pulse = Daphne(replace(town.database, folder=tmp_path) if ON_POSTGRES else town.database, env=NO_REDIS)
    pulse.start()
    try:
        for _ in range(3):
            with town.socket("Alice", pulse, ready=False) as alice:
                assert alice.wait_closed() != 4401
                assert alice.frames == []
        assert NOT_ALONE in pulse.last_words()
    finally:
        pulse.stop()
