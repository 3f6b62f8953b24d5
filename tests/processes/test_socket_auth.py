"""Who may open a socket, and by what."""

import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.clients import Program, SocketClient
from tests.conftest import PASSWORD
from tests.installations import PulseProcess
from tests.processes.conftest import Town

pytestmark = pytest.mark.processes

NOT_SIGNED_IN = 4401


@pytest.fixture(scope="module")
def browser_cookie(shared: PulseProcess) -> str:
    """The cookies of a browser in which Alice has signed in."""
    with requests.Session() as browser:
        browser.trust_env = False
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.get(f"{shared.url}/login").text)
        assert token is not None
        form = {"csrfmiddlewaretoken": token[1], "email": "alice@example.org", "password": PASSWORD}
        browser.post(f"{shared.url}/login", form, headers={"Referer": shared.url}).raise_for_status()
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.cookies)


def test_alice_comes_in_by_her_token(shared_town: Town, shared: PulseProcess) -> None:
    with shared_town.socket("Alice", shared) as socket:
        ready = socket.wait_for("ready")
    assert set(ready) == {"type", "session_id", "user", "server_time", "heartbeat_seconds"}
    assert (ready["user"]["name"], ready["user"]["email"]) == ("Alice", "alice@example.org")
    assert ready["server_time"].endswith("Z")


def test_whoever_signs_in_by_the_api_can_open_a_socket(shared_town: Town, shared: PulseProcess) -> None:
    program = Program.signed_in(shared.url, email="bob@example.org", password=PASSWORD, device_id="phone")
    with program.open_socket() as socket:
        assert socket.wait_for("ready")["user"]["id"] == shared_town.ids["Bob"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer " + "x" * 5000},
        {"Authorization": "Bearer caffè"},
        {"Authorization": "Basic YWxpY2U6cGFzcw=="},
        {"Cookie": "something=else"},
        {"Cookie": "=;;; ,,,"},
    ],
)
def test_whoever_is_not_signed_in_is_told_so_by_a_close_code(shared: PulseProcess, headers: dict[str, str]) -> None:
    with SocketClient(shared.url, headers=headers) as socket:
        assert socket.wait_closed() == NOT_SIGNED_IN
        assert socket.frames == []


def test_a_bad_token_is_not_made_good_by_a_cookie(shared: PulseProcess, browser_cookie: str) -> None:
    headers = {"Authorization": "Bearer wrong", "Cookie": browser_cookie}
    with SocketClient(shared.url, headers=headers, origin=shared.url) as socket:
        assert socket.wait_closed() == NOT_SIGNED_IN


def test_a_ticket_opens_one_socket(shared_town: Town, shared: PulseProcess) -> None:
    made = shared_town.program("Alice", shared).post("auth/socket-ticket")
    assert made.status_code == 201
    query = f"ticket={made.json()['ticket']}"
    with SocketClient(shared.url, query=query) as socket:
        assert socket.wait_for("ready")["user"]["name"] == "Alice"
    with SocketClient(shared.url, query=query) as again:
        assert again.wait_closed() == NOT_SIGNED_IN


def test_a_ticket_used_five_times_at_once_opens_one_socket(shared_town: Town, shared: PulseProcess) -> None:
    ticket = shared_town.program("Alice", shared).post("auth/socket-ticket").json()["ticket"]
    barrier = threading.Barrier(5)

    def try_it(_: int) -> bool:
        barrier.wait(20)
        with SocketClient(shared.url, query=f"ticket={ticket}") as socket:
            try:
                return bool(socket.wait_for("ready"))
            except AssertionError:
                return False

    with ThreadPoolExecutor(5) as pool:
        assert sum(pool.map(try_it, range(5))) == 1


@pytest.mark.parametrize("ticket", ["", "wrong", "%00", "%ff%fe", "a" * 3000, "x&ticket=y"])
def test_a_made_up_ticket_opens_nothing(shared: PulseProcess, ticket: str) -> None:
    with SocketClient(shared.url, query=f"ticket={ticket}") as socket:
        assert socket.wait_closed() == NOT_SIGNED_IN


def test_a_browser_comes_in_by_its_cookie_from_pulses_own_pages(shared: PulseProcess, browser_cookie: str) -> None:
    with SocketClient(shared.url, headers={"Cookie": browser_cookie}, origin=shared.url) as socket:
        assert socket.wait_for("ready")["user"]["name"] == "Alice"


def test_a_browser_with_odd_cookies_of_other_sites_comes_in_too(shared: PulseProcess, browser_cookie: str) -> None:
    """What runs on other ports of the same host shares its cookies, and not everybody writes them as the RFC says."""
    cookies = f'prefs={{"theme": "dark"}}; na[me]=1; caffè; {browser_cookie}; late="'
    with SocketClient(shared.url, headers={"Cookie": cookies}, origin=shared.url) as socket:
        assert socket.wait_for("ready")["user"]["name"] == "Alice"


WRONG_ORIGINS: list[Callable[[str, int], str | None]] = [
    lambda url, port: f"http://127.0.0.1:{port + 1}",
    lambda url, port: "http://127.0.0.1",
    lambda url, port: f"https://127.0.0.1:{port}",
    lambda url, port: f"http://evil.example:{port}",
    lambda url, port: f"http://127.0.0.1:{port}.evil.example",
    lambda url, port: f"http://localhost:{port}",
    lambda url, port: f"http://127.0.0.1:{port}/",
    lambda url, port: "null",
    lambda url, port: "http://[",
    lambda url, port: "file://",
    lambda url, port: "http://caffè",
    lambda url, port: None,
]


@pytest.mark.parametrize("wrong", WRONG_ORIGINS)
def test_a_page_of_another_site_is_refused_at_the_handshake(
    shared: PulseProcess, browser_cookie: str, wrong: Callable[[str, int], str | None]
) -> None:
    with pytest.raises(InvalidStatus) as refused:
        SocketClient(shared.url, headers={"Cookie": browser_cookie}, origin=wrong(shared.url, shared.port))
    assert refused.value.response.status_code == 403


def test_the_host_that_was_asked_for_is_an_own_origin_too_if_it_is_allowed(
    shared: PulseProcess, browser_cookie: str
) -> None:
    """Pulse is at 127.0.0.1 by PUBLIC_URL; who typed `localhost` uses the same server."""
    local = shared.url.replace("127.0.0.1", "localhost")
    with SocketClient(local, headers={"Cookie": browser_cookie}, origin=local) as socket:
        assert socket.wait_for("ready")


def test_a_program_with_a_token_may_come_from_any_origin(shared_town: Town, shared: PulseProcess) -> None:
    client = SocketClient(shared.url, token=shared_town.tokens["Alice"], origin="https://elsewhere.example")
    with client as socket:
        assert socket.wait_for("ready")


@pytest.mark.parametrize("path", ["/ws/v2", "/ws", "/ws/v1/", "/ws/v1%00", "/ws//v1", "/", "/%ff"])
def test_there_is_no_other_socket(shared_town: Town, shared: PulseProcess, path: str) -> None:
    headers = {"Authorization": f"Bearer {shared_town.tokens['Alice']}"}
    url = f"ws{shared.url.removeprefix('http')}{path}"
    with pytest.raises(InvalidStatus) as refused, connect(url, additional_headers=headers, proxy=None):
        pass
    assert refused.value.response.status_code == 403


def test_one_may_knock_often(shared_town: Town, shared: PulseProcess) -> None:
    """Fifty refusals leave nothing behind that keeps Alice out."""
    began = time.monotonic()
    for _ in range(50):
        with SocketClient(shared.url) as socket:
            assert socket.wait_closed() == NOT_SIGNED_IN
    with shared_town.socket("Alice", shared) as socket:
        assert socket.is_open
    assert time.monotonic() - began < 20
