"""A program at the other end of Pulse's API and socket, for tests, drills and benches with real processes."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from itertools import count as counting
from typing import Any
from urllib.parse import urlsplit

import requests
from websockets.client import ClientProtocol
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode
from websockets.protocol import State
from websockets.sync.client import connect
from websockets.uri import parse_uri

PATIENCE_SECONDS = 15.0

Frame = dict[str, Any]


class TimedOut(AssertionError):
    """What was waited for did not come. Shows what did."""


class Program:
    """One person's program: REST with a bearer token, on one kept connection."""

    def __init__(self, url: str, token: str = "") -> None:
        self.url = url
        self.token = token
        self._session = requests.Session()
        # A proxy that the machine's environment names knows nothing of 127.0.0.1.
        self._session.trust_env = False
        if token:
            self._session.headers["Authorization"] = f"Bearer {token}"

    @classmethod
    def signed_in(cls, url: str, *, email: str, password: str, device_id: str = "laptop") -> Program:
        """Signs in by the API."""
        body = {"email": email, "password": password, "device_id": device_id, "platform": "CLI"}
        answer = cls(url).post("auth/login", body)
        answer.raise_for_status()
        return cls(url, answer.json()["token"])

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> requests.Response:
        return self._session.request(
            method, f"{self.url}/api/v1/{path}", json=body, timeout=PATIENCE_SECONDS, allow_redirects=False, **options
        )

    def get(self, path: str) -> requests.Response:
        return self.call("GET", path)

    def post(self, path: str, body: Any = None) -> requests.Response:
        return self.call("POST", path, {} if body is None else body)

    def delete(self, path: str) -> requests.Response:
        return self.call("DELETE", path)

    def send(self, conversation_id: str, content: str, **fields: Any) -> Frame:
        """Sends a message; returns it as stored."""
        answer = self.post(f"conversations/{conversation_id}/messages", {"content": content, **fields})
        answer.raise_for_status()
        message: Frame = answer.json()
        return message

    def open_socket(self, query: str = "") -> SocketClient:
        return SocketClient(self.url, token=self.token, query=query)

    def close(self) -> None:
        self._session.close()


class SocketClient:
    """One open socket. A thread of its own collects every frame in `frames`, and the close code in `closed_with`."""

    def __init__(
        self,
        url: str,
        *,
        token: str = "",
        query: str = "",
        headers: Mapping[str, str] | None = None,
        origin: str | None = None,
    ) -> None:
        """Raises websockets' InvalidStatus where the handshake is refused."""
        headers = {**({"Authorization": f"Bearer {token}"} if token else {}), **(headers or {})}
        self.frames: list[Frame] = []
        self.arrived: list[float] = []
        self.closed_with: int | None = None
        self.closed_at = 0.0
        self._refs = counting(1)
        self._news = threading.Condition()
        self._stack = ExitStack()
        opening = connect(
            ws_url(url, query),
            additional_headers=headers,
            origin=origin,  # type: ignore[arg-type]  # a NewType of str, and a garbage one is the point
            compression=None,
            proxy=None,
            max_size=None,
            ping_interval=None,
            open_timeout=PATIENCE_SECONDS,
            close_timeout=1,
        )
        self._socket = self._stack.enter_context(opening)
        self._thread = threading.Thread(target=self._collect, name="socket-client", daemon=True)
        self._thread.start()

    def _collect(self) -> None:
        try:
            for text in self._socket:
                frame = json.loads(text)
                with self._news:
                    self.frames.append(frame)
                    self.arrived.append(time.monotonic())
                    self._news.notify_all()
        except ConnectionClosed:
            pass
        with self._news:
            self.closed_with = self._socket.close_code
            self.closed_at = time.monotonic()
            self._news.notify_all()

    # Saying

    def say(self, type: str, **fields: Any) -> None:
        """Sends a frame and doesn't wait."""
        self.say_raw(json.dumps({"type": type, **fields}))

    def say_raw(self, data: str | bytes) -> None:
        self._socket.send(data)

    def ask(self, type: str, **fields: Any) -> Frame:
        """Sends a command with a ref of its own; returns its `ack` or `error`, or the `pong`."""
        ref = next(self._refs)
        self.say(type, ref=ref, **fields)
        return self.wait_for(lambda frame: frame.get("ref") == ref)

    def send(self, conversation_id: str, content: str, **fields: Any) -> Frame:
        """Sends a message; returns it as acknowledged."""
        answer = self.ask("message.send", conversation_id=conversation_id, content=content, **fields)
        if answer["type"] != "ack":
            raise AssertionError(f"refused: {answer}")
        message: Frame = answer["message"]
        return message

    def resume(self, known: Mapping[str, int] | None = None) -> Frame:
        """Returns the ack; what was missed follows in `frames`."""
        return self.ask("resume", conversations=dict(known or {}))

    # Hearing

    def of_type(self, *types: str) -> list[Frame]:
        with self._news:
            return [frame for frame in self.frames if frame["type"] in types]

    def seqs(self, conversation_id: str = "") -> list[int]:
        """The seqs of the messages that came, in the order in which they came."""
        return [
            frame["message"]["seq"]
            for frame in self.of_type("message.created", "message.updated")
            if conversation_id in {"", frame["conversation_id"]}
        ]

    def wait_for(self, wanted: str | Callable[[Frame], bool], timeout: float = PATIENCE_SECONDS) -> Frame:
        """The first frame, of all that ever came, that is of this type or for which `wanted` is true."""
        fits = (lambda frame: frame["type"] == wanted) if isinstance(wanted, str) else wanted
        deadline = time.monotonic() + timeout
        seen = 0
        with self._news:
            while True:
                for frame in self.frames[seen:]:
                    if fits(frame):
                        return frame
                seen = len(self.frames)
                if self.closed_with is not None:
                    raise TimedOut(f"closed with {self.closed_with}; heard {self.frames[-5:]}")
                if not self._news.wait(deadline - time.monotonic()):
                    raise TimedOut(f"not heard within {timeout} s; heard {self.frames[-5:]}")

    def wait_until(self, true: Callable[[SocketClient], bool], timeout: float = PATIENCE_SECONDS) -> None:
        """Waits until something is true of all that was heard."""
        deadline = time.monotonic() + timeout
        while not true(self):
            with self._news:
                if not self._news.wait(min(0.2, deadline - time.monotonic())) and time.monotonic() >= deadline:
                    raise TimedOut(f"not true within {timeout} s; heard {len(self.frames)} frames")

    def wait_closed(self, timeout: float = PATIENCE_SECONDS) -> int:
        """The close code: 1006 where the connection just ended."""
        self._thread.join(timeout)
        if self.closed_with is None:
            raise TimedOut(f"still open after {timeout} s; heard {self.frames[-5:]}")
        return self.closed_with

    @property
    def is_open(self) -> bool:
        return self.closed_with is None

    def close(self) -> None:
        self._stack.close()
        self._thread.join(PATIENCE_SECONDS)

    def __enter__(self) -> SocketClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class DeafClient:
    """A socket that never reads, behind a small receive buffer."""

    def __init__(self, url: str, token: str, *, receive_buffer_bytes: int = 4096) -> None:
        self._protocol = ClientProtocol(parse_uri(ws_url(url)), max_size=None)
        request = self._protocol.connect()
        request.headers["Authorization"] = f"Bearer {token}"
        self._socket = self.connected(url, receive_buffer_bytes=receive_buffer_bytes)
        self._protocol.send_request(request)
        self._flush()
        while self._protocol.state is State.CONNECTING:
            self._protocol.receive_data(self._socket.recv(1))

    @staticmethod
    def connected(url: str, *, receive_buffer_bytes: int = 4096) -> socket.socket:
        """A connection with a small receive buffer, to say what one likes on."""
        parts = urlsplit(url)
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer_bytes)
        connection.settimeout(PATIENCE_SECONDS)
        connection.connect((parts.hostname, parts.port))
        return connection

    def say(self, type: str, **fields: Any) -> None:
        """Sends a frame. Raises OSError once the other end has hung up."""
        self._protocol.send_text(json.dumps({"type": type, **fields}).encode())
        self._flush()

    def pings(self, payload: bytes, *, count: int) -> None:
        """Sends WebSocket pings, which the other end should answer with pongs."""
        for _ in range(count):
            self._protocol.send_ping(payload)
        self._flush()

    def hang_up(self) -> None:
        """Sends a close frame, and still reads nothing."""
        self._protocol.send_close(CloseCode.NORMAL_CLOSURE)
        self._flush()

    def _flush(self) -> None:
        self._socket.sendall(b"".join(self._protocol.data_to_send()))

    @property
    def port(self) -> int:
        port: int = self._socket.getsockname()[1]
        return port

    def close(self) -> None:
        self._socket.close()


def ws_url(url: str, query: str = "") -> str:
    return f"ws{url.removeprefix('http')}/ws/v1" + (f"?{query}" if query else "")
