"""Whoever sends slowly, endlessly or too much gets an end of their own, and nobody else waits."""

import socket
import time
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
import requests

from tests.installations import PulseProcess

pytestmark = pytest.mark.processes

HALF_A_BODY = (
    b"POST /api/v1/auth/login HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
)


def connect(pulse: PulseProcess) -> socket.socket:
    address = urlsplit(pulse.url)
    return socket.create_connection((address.hostname, address.port), timeout=30)


def test_bodies_that_never_end_hold_up_nobody(shared_pulse: PulseProcess) -> None:
    host = urlsplit(shared_pulse.url).netloc.encode()
    dawdlers = [connect(shared_pulse) for _ in range(30)]
    for dawdler in dawdlers:
        dawdler.sendall(HALF_A_BODY % host)
    time.sleep(0.5)
    assert requests.get(f"{shared_pulse.url}/api/v1/config", timeout=5).status_code == 200
    for dawdler in dawdlers:
        dawdler.close()


def test_a_body_that_comes_in_two_parts_is_read_whole(shared_pulse: PulseProcess) -> None:
    host = urlsplit(shared_pulse.url).netloc.encode()
    with connect(shared_pulse) as slow:
        slow.sendall(HALF_A_BODY.replace(b"100", b"2") % host)
        time.sleep(0.3)
        slow.sendall(b"}")
        answer = slow.recv(65536)
    # Read and understood: it is the fields that are missing.
    assert b" 400 " in answer.split(b"\r\n")[0]


def test_a_body_that_is_too_large_is_refused_unread(shared_pulse: PulseProcess) -> None:
    answer = requests.post(f"{shared_pulse.url}/login", data=b"x" * (256 * 1024 + 1), timeout=10)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_headers_without_end_are_cut_off(shared_pulse: PulseProcess) -> None:
    with connect(shared_pulse) as endless:
        endless.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Much: ")
        answer = b""
        try:
            for _ in range(200):
                endless.sendall(b"a" * 16_384)
            answer = endless.recv(1000)
        except ConnectionError:
            pass
        assert answer == b"" or b" 431 " in answer
    assert requests.get(f"{shared_pulse.url}/healthz", timeout=5).status_code == 200


def test_many_headers_of_a_reasonable_size_are_taken(shared_pulse: PulseProcess) -> None:
    headers = {f"X-Header-{number}": "v" * 200 for number in range(50)}
    assert requests.get(f"{shared_pulse.url}/healthz", headers=headers, timeout=5).status_code == 200


def test_a_connection_that_says_nothing_is_ended(shared_pulse: PulseProcess) -> None:
    with connect(shared_pulse) as silent:
        began = time.monotonic()
        with suppress(ConnectionResetError):
            assert silent.recv(1) == b""
        assert time.monotonic() - began < 20
