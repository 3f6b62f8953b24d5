"""Who reads a page slowly, signed in or not, keeps nobody from theirs."""

import socket

import pytest
import requests

from pulse.asgi import HTTP_THREADS
from tests.installations import PulseProcess
from tests.processes.conftest import Town

pytestmark = pytest.mark.processes

# The longest that anybody may fetch: beyond what the kernel keeps for a connection of the smallest window.
SCRIPT = "/static/admin/js/vendor/jquery/jquery.js"


def deaf_reader(pulse: PulseProcess) -> socket.socket:
    """Asks for a file over a connection of tiny segments and windows, and reads nothing."""
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    reader.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 88)
    reader.connect(("127.0.0.1", pulse.port))
    reader.sendall(f"GET {SCRIPT} HTTP/1.1\r\nHost: 127.0.0.1:{pulse.port}\r\n\r\n".encode())
    return reader


def test_strangers_who_do_not_read_hold_no_threads(shared_town: Town, shared: PulseProcess) -> None:
    assert requests.get(f"{shared.url}{SCRIPT}", timeout=10).ok
    readers = [deaf_reader(shared) for _ in range(HTTP_THREADS * 2)]
    try:
        for _ in range(5):
            assert requests.get(f"{shared.url}/login", timeout=5).ok
    finally:
        for reader in readers:
            reader.close()
