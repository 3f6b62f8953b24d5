"""Whose session has ended is out: at once, also where they aren't reading, and soon where the bus is down."""

import time

import pytest

from tests.clients import Program, SocketClient
from tests.conftest import PASSWORD, RunPulse
from tests.installations import PulseProcess
from tests.processes.conftest import Town
from tests.processes.deafness import deafen, wait_gone
from tests.services import RedisServer

pytestmark = pytest.mark.processes


def signed_in(pulse: PulseProcess, device_id: str) -> Program:
    return Program.signed_in(pulse.url, email="alice@example.org", password=PASSWORD, device_id=device_id)


def session_of(socket: SocketClient) -> str:
    id: str = socket.wait_for("ready")["session_id"]
    return id


def test_ending_a_session_closes_its_sockets_at_once_and_no_others(shared_town: Town, shared: PulseProcess) -> None:
    laptop, phone = signed_in(shared, "laptop-2"), signed_in(shared, "phone-2")
    with laptop.open_socket() as here, phone.open_socket() as there, phone.open_socket() as there_too:
        ended, kept = session_of(there), session_of(here)
        assert ended != kept
        assert session_of(there_too) == ended
        began = time.monotonic()
        assert laptop.delete(f"sessions/{ended}").status_code == 204
        for socket in (there, there_too):
            assert socket.wait_closed() == 4401
            assert socket.closed_at - began < 1
            assert socket.frames[-1] == {"type": "session.ended", "reason": "ended"}
        assert here.ask("ping")["type"] == "pong"
        with SocketClient(shared.url, token=phone.token) as again:
            assert again.wait_closed() == 4401


def test_ending_all_other_sessions_spares_ones_own(shared_town: Town, shared: PulseProcess) -> None:
    here, there = signed_in(shared, "laptop-3"), signed_in(shared, "phone-3")
    with here.open_socket() as spared, there.open_socket() as ended, shared_town.socket("Bob", shared) as bob:
        session_of(spared), session_of(ended)
        assert here.delete("sessions").status_code == 204
        assert ended.wait_closed() == 4401
        assert spared.ask("ping")["type"] == "pong"
        assert bob.ask("ping")["type"] == "pong"
        assert here.post("auth/logout").status_code == 204
        assert spared.wait_closed() == 4401


def test_signing_in_again_on_a_device_ends_what_it_had_before(shared: PulseProcess) -> None:
    with signed_in(shared, "tablet").open_socket() as before:
        session_of(before)
        with signed_in(shared, "tablet").open_socket() as after:
            session_of(after)
            assert before.wait_closed() == 4401
            assert after.is_open


def test_ending_a_session_cuts_a_socket_that_never_reads_within_a_second(town: Town, pulse: PulseProcess) -> None:
    laptop, phone = signed_in(pulse, "laptop-4"), signed_in(pulse, "phone-4")
    deaf = deafen(town, pulse, phone.token)
    with phone.open_socket() as beside:
        ended = session_of(beside)
        assert laptop.delete(f"sessions/{ended}").status_code == 204
        assert wait_gone(pulse, deaf.port, 1.5) < 1
        deaf.close()


def test_a_session_that_another_process_ended_is_out_within_six_seconds(town: Town, pulse: PulseProcess) -> None:
    """As where the bus lost the news: the process re-reads its sessions."""
    phone = signed_in(pulse, "phone-6")
    with phone.open_socket() as socket, town.socket("Bob", pulse) as bob:
        session = session_of(socket)
        town.script(
            f"""
from accounts.models import DeviceSession
print(DeviceSession.objects.filter(id="{session}").delete()[0])
"""
        )
        began = time.monotonic()
        assert socket.wait_closed() == 4401
        assert socket.closed_at - began < 6
        assert socket.frames[-1]["type"] == "session.ended"
        assert bob.ask("ping")["type"] == "pong"


@pytest.mark.postgres
def test_without_redis_a_session_is_out_within_six_seconds_everywhere(
    town: Town, running_pulse: RunPulse, own_redis: RedisServer
) -> None:
    env = {"REDIS_URL": own_redis.url}
    first, second = (running_pulse(database=town.database, env=env) for _ in range(2))
    laptop, phone = signed_in(first, "laptop-7"), signed_in(first, "phone-7")
    here = SocketClient(first.url, token=phone.token)
    there = SocketClient(second.url, token=phone.token)
    with here, there:
        session = session_of(here)
        session_of(there)
        own_redis.kill()
        began = time.monotonic()
        assert laptop.delete(f"sessions/{session}").status_code == 204
        answered = time.monotonic() - began
        assert here.wait_closed() == there.wait_closed() == 4401
        assert here.closed_at - began < answered + 1, "its own process needs no bus"
        assert there.closed_at - began < answered + 6
