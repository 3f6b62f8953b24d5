"""Large bodies at a running server: where they may be sent, and by whom; and what they cost it."""

import time
from collections.abc import Iterator

import pytest
import requests

from tests.clients import Program
from tests.conftest import PASSWORD
from tests.installations import PulseProcess
from tests.media.pictures import picture
from tests.processes.conftest import Town
from tests.processes.deafness import memory_bytes

pytestmark = pytest.mark.processes

MEGABYTE = 1024 * 1024


def put(
    pulse: PulseProcess, data: bytes | Iterator[bytes], *, path: str = "/api/v1/me/avatar", **headers: str
) -> requests.Response:
    return requests.put(f"{pulse.url}{path}", data=data, headers={"Content-Type": "image/png", **headers}, timeout=30)


def bearer(pulse: PulseProcess) -> str:
    program = Program.signed_in(pulse.url, email="alice@example.org", password=PASSWORD, device_id="uploads")
    return f"Bearer {program.token}"


def test_a_large_picture_arrives(shared_town: Town, shared: PulseProcess) -> None:
    data = picture("PNG", size=(1200, 1200)) + bytes(7 * MEGABYTE)
    before = memory_bytes(shared)
    for _ in range(3):
        answer = put(shared, data, Authorization=bearer(shared))
        assert answer.status_code == 200
    assert memory_bytes(shared) - before < 24 * MEGABYTE
    small = requests.get(
        f"{shared.url}{answer.json()['avatar_url']}/small", headers={"Authorization": bearer(shared)}, timeout=10
    )
    assert (small.status_code, small.headers["Content-Type"]) == (200, "image/webp")


def test_a_hundred_megabytes_are_refused_at_once_and_held_nowhere(shared_town: Town, shared: PulseProcess) -> None:
    token, before = bearer(shared), memory_bytes(shared)
    for path in ("/api/v1/me/avatar", "/api/v1/me"):
        began = time.monotonic()
        answer = put(shared, bytes(100 * MEGABYTE), path=path, Authorization=token)
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
        assert time.monotonic() - began < 5
    assert memory_bytes(shared) - before < 24 * MEGABYTE


def test_nobody_fills_the_disk_without_signing_in(shared_town: Town, shared: PulseProcess) -> None:
    data = bytes(4 * MEGABYTE)
    cookie = f"pulse_session_{shared.port}=made-up; pulse_session=made-up"
    for headers in ({}, {"Authorization": "Bearer made-up"}, {"Cookie": cookie}):
        answer = put(shared, data, **headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
