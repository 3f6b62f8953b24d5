"""Clients that read nothing, and what Pulse keeps for them."""

import time
from pathlib import Path

from tests.clients import DeafClient
from tests.installations import PulseProcess
from tests.processes.conftest import Town


def open_connections(pulse: PulseProcess, peer_port: int) -> int:
    """How many connections between Pulse and a port the system still knows as established."""
    found = 0
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        local, remote, state = line.split()[1:4]
        ports = (int(local.partition(":")[2], 16), int(remote.partition(":")[2], 16))
        found += ports == (pulse.port, peer_port) and state == "01"
    return found


def wait_gone(pulse: PulseProcess, port: int, timeout: float) -> float:
    """Waits until Pulse has let go of a connection; returns how long it took."""
    began = time.monotonic()
    while open_connections(pulse, port):
        assert time.monotonic() - began < timeout, "still connected"
        time.sleep(0.02)
    return time.monotonic() - began


def memory_bytes(pulse: PulseProcess) -> int:
    """What the process holds in memory."""
    status = Path(f"/proc/{pulse.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) * 1024


def deafen(town: Town, pulse: PulseProcess, token: str) -> DeafClient:
    """A socket that reads nothing, with answers waiting for it that its connection doesn't take: 8 MB of them."""
    version = town.write("Bob", "\U0001f600" * 10_000, count=200)
    deaf = DeafClient(pulse.url, token)
    deaf.say("resume", conversations={town.group_id: version - 200})
    time.sleep(1)
    assert open_connections(pulse, deaf.port) == 1
    return deaf
