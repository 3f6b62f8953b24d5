"""Who doesn't read is dropped, costs little until then, and keeps nobody waiting."""

import time
from contextlib import suppress

import pytest

from tests.clients import DeafClient
from tests.installations import PulseProcess
from tests.processes.conftest import Town
from tests.processes.deafness import deafen, memory_bytes, open_connections, wait_gone
from tests.processes.traffic import delays, percentile, sending

pytestmark = pytest.mark.processes

MIB = 1024 * 1024


def test_a_deaf_client_that_hangs_up_is_let_go(town: Town, pulse: PulseProcess) -> None:
    """It says goodbye and reads nothing: what waits for it is not kept for ever."""
    deaf = deafen(town, pulse, town.tokens["Alice"])
    try:
        deaf.hang_up()
        wait_gone(pulse, deaf.port, 5)
    finally:
        deaf.close()


def test_pings_of_a_deaf_client_are_not_answered_into_memory(town: Town, pulse: PulseProcess) -> None:
    deaf = deafen(town, pulse, town.tokens["Alice"])
    before = memory_bytes(pulse)
    try:
        with suppress(OSError):
            for _ in range(300):
                deaf.pings(b"x" * 125, count=1000)
        grown = memory_bytes(pulse) - before
    finally:
        deaf.close()
    assert grown < 8 * MIB
    with town.socket("Bob", pulse) as bob:
        assert bob.ask("ping")["type"] == "pong"


def test_deaf_readers_are_dropped_and_the_others_do_not_notice(town: Town, pulse: PulseProcess) -> None:
    """Ten sockets that never read, under 200 messages a second: gone within 30 s."""
    alice, bob = town.socket("Alice", pulse), town.socket("Bob", pulse)
    with sending(alice, town.group_id, per_second=200, size=1000) as sent:
        time.sleep(3)
    bob.wait_until(lambda heard: len(heard.of_type("message.created")) == len(sent), 20)
    usual, before = delays(bob, sent, town.ids["Alice"]), memory_bytes(pulse)
    already = len(sent)

    deaf = [DeafClient(pulse.url, town.tokens["Mia"]) for _ in range(10)]
    peak = before
    try:
        with sending(alice, town.group_id, per_second=200, size=1000) as sent:
            began = time.monotonic()
            while any(open_connections(pulse, one.port) for one in deaf):
                assert time.monotonic() - began < 30, "a reader that never reads is still there"
                peak = max(peak, memory_bytes(pulse))
                time.sleep(0.2)
        total = already + len(sent)
        bob.wait_until(lambda heard: len(heard.of_type("message.created")) == total, 20)
    finally:
        for one in deaf:
            one.close()
    assert bob.seqs() == list(range(1, total + 1))
    alice.wait_until(lambda heard: len(heard.of_type("ack")) == total, 20)
    assert alice.of_type("error") == []
    assert peak - before < 10 * 1.5 * MIB
    bob.frames, bob.arrived = bob.frames[-len(sent) :], bob.arrived[-len(sent) :]
    disturbed = delays(bob, sent, town.ids["Alice"])
    assert percentile(disturbed, 0.95) < max(2 * percentile(usual, 0.95), 0.25)

    mia = town.socket("Mia", pulse)
    mia.resume({town.group_id: total - 150})
    mia.wait_for("caught_up")
    assert mia.seqs() == list(range(total - 149, total + 1))


def test_whoever_fetches_and_reads_nothing_is_cut_and_keeps_nobody_waiting(town: Town, pulse: PulseProcess) -> None:
    """On a socket a catch-up of 8 MB, by HTTP twenty times a page of 4 MB; one of them reads, slowly."""
    deaf = deafen(town, pulse, town.tokens["Alice"])
    path = f"/api/v1/conversations/{town.group_id}/messages?limit=100"
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {town.tokens['Alice']}\r\n\r\n"
    fetching = [DeafClient.connected(pulse.url) for _ in range(20)]
    slow, received = DeafClient.connected(pulse.url), 0
    ports = [deaf.port, *(one.getsockname()[1] for one in fetching)]
    try:
        for one in [*fetching, slow]:
            one.sendall(request.encode())
        program = town.program("Bob", pulse)
        for _ in range(3):
            assert program.send(town.direct_id, "Am I served?")["content"] == "Am I served?"
        began = time.monotonic()
        while any(open_connections(pulse, port) for port in ports):
            assert time.monotonic() - began < 45, "who never reads is still there"
            received += len(slow.recv(4096))
            time.sleep(0.05)
        while received < 4_000_000:
            received += len(slow.recv(1024 * 1024))
    finally:
        deaf.close()
        for one in [*fetching, slow]:
            one.close()
    with town.socket("Alice", pulse) as again:
        again.resume({town.group_id: 0})
        again.wait_for("caught_up", timeout=30)
        assert again.seqs() == list(range(1, 201))
