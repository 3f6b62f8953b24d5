"""People who never give up: a sender who keeps a journal of what was acknowledged, and a reader who misses nothing.

They follow the four rules of the contract: subscribe before fetching, put whole messages in by id, advance the known
version by the next live event alone, and ask the database about every gap.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from itertools import cycle
from typing import Any
from uuid import uuid4

from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import ClientConnection, connect

from tests.clients import Frame, Program, ws_url

RECONNECT_SECONDS = 0.1


class Connected:
    """Someone with a token who holds one socket to one of `urls`, and opens another whenever it breaks."""

    def __init__(self, urls: Sequence[str], token: str, conversation_id: str) -> None:
        self._urls = cycle(urls)
        self._headers = {"Authorization": f"Bearer {token}"}
        self._over = threading.Event()
        self._socket: ClientConnection | None = None
        self.url = ""
        self.token = token
        self.conversation_id = conversation_id
        self.connections = 0
        self.refusals: list[Frame] = []
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Any:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._socket is not None:
            with suppress(Exception):
                self._socket.close()
        self._thread.join(10)

    def _run(self) -> None:
        while not self._over.is_set():
            self.url = next(self._urls)
            with suppress(OSError, TimeoutError, WebSocketException, EOFError), ExitStack() as stack:
                opening = connect(
                    ws_url(self.url), additional_headers=self._headers, compression=None, proxy=None, max_size=None,
                    ping_interval=None, open_timeout=5, close_timeout=0.2,
                )  # fmt: skip
                self._socket = stack.enter_context(opening)
                self.connections += 1
                self.connected()
                for text in self._socket:
                    self.heard(json.loads(text))
            self._over.wait(RECONNECT_SECONDS)

    def _say(self, **frame: Any) -> None:
        if self._socket is not None:
            with suppress(ConnectionClosed):
                self._socket.send(json.dumps(frame))

    def connected(self) -> None:
        raise NotImplementedError

    def heard(self, frame: Frame) -> None:
        raise NotImplementedError


class Sender(Connected):
    """Says "name 1", "name 2" and so on; what isn't acknowledged is said again with its id on the next socket."""

    def __init__(self, urls: Sequence[str], token: str, conversation_id: str, *, name: str, per_second: float) -> None:
        super().__init__(urls, token, conversation_id)
        self._lock = threading.Lock()
        self._waiting: dict[str, str] = {}
        self._pause = 1 / per_second
        self.name = name
        self.journal: dict[str, tuple[str, int]] = {}  # id: what was said, and the seq it was acknowledged with
        self.contradictions: list[Frame] = []
        self.postponed = 0  # how often it was told to try again, after which its messages may be in another order
        self._talking = threading.Thread(target=self._talk, daemon=True)
        self._silent = threading.Event()

    def __enter__(self) -> Sender:
        super().__enter__()
        self._talking.start()
        return self

    def _talk(self) -> None:
        number = 0
        while not self._silent.wait(self._pause):
            number += 1
            id, content = str(uuid4()), f"{self.name} {number}"
            with self._lock:
                self._waiting[id] = content
                self._send(id, content)

    def _send(self, id: str, content: str) -> None:
        self._say(type="message.send", ref=id, conversation_id=self.conversation_id, id=id, content=content)

    def connected(self) -> None:
        self.say_again()

    def say_again(self) -> None:
        """Whatever isn't acknowledged yet."""
        with self._lock:
            for id, content in self._waiting.items():
                self._send(id, content)

    def heard(self, frame: Frame) -> None:
        if frame["type"] == "ack":
            message = frame["message"]
            entry = (message["content"], message["seq"])
            if self.journal.setdefault(message["id"], entry) != entry:
                self.contradictions.append(frame)
            with self._lock:
                self._waiting.pop(message["id"], None)
        elif frame["type"] == "error" and frame["code"] == "unavailable":
            self.postponed += 1
        elif frame["type"] == "error":
            self.refusals.append(frame)

    def finish(self, timeout: float = 30) -> None:
        """Falls silent, and waits until all that was said is acknowledged."""
        self._silent.set()
        self._talking.join()
        if self.postponed:
            self.say_again()
        wait_for(lambda: not self._waiting, timeout, lambda: f"{len(self._waiting)} of {self.name} unacknowledged")


class Reader(Connected):
    """Keeps a conversation complete from version 0 on."""

    def __init__(self, urls: Sequence[str], token: str, conversation_id: str) -> None:
        super().__init__(urls, token, conversation_id)
        self.messages: dict[str, Frame] = {}
        self.version = 0
        self.live: list[tuple[float, int]] = []  # when a live event came, and its version
        self._asked = False

    def connected(self) -> None:
        self._asked = False
        self._ask()

    def _ask(self) -> None:
        if not self._asked:
            self._asked = True
            self._say(type="resume", ref="resume", conversations={self.conversation_id: self.version})

    def heard(self, frame: Frame) -> None:
        match frame:
            case {"type": "message.created" | "message.updated" as type, "version": version, "message": message}:
                self._put(message)
                if type == "message.created":
                    self.live.append((time.monotonic(), version))
                    if version == self.version + 1:
                        self.version = version
                    elif version > self.version:
                        self._ask()
            case {"type": "ack", "ref": "resume", "conversations": stand}:
                if stand[self.conversation_id]["version"] == self.version:
                    self._asked = False  # nothing will follow
            case {"type": "caught_up", "version": version}:
                self._asked = False
                self.version = max(self.version, version)
            case {"type": "reset"}:
                self._asked = False
                self._page()
            case {"type": "heads", "conversations": heads} if heads.get(self.conversation_id, 0) > self.version:
                self._ask()
            case {"type": "error"}:
                self._asked = False
                self.refusals.append(frame)

    def _put(self, message: Frame) -> None:
        known = self.messages.get(message["id"])
        if known is None or known["version"] < message["version"]:
            self.messages[message["id"]] = message

    def _page(self) -> None:
        program, more = Program(self.url, self.token), True
        while more:
            path = f"conversations/{self.conversation_id}/changes?since={self.version}&limit=100"
            answer = program.get(path)
            if answer.status_code != 200:
                break  # the next heads, or the next message, find the gap again
            found = answer.json()
            for message in found["messages"]:
                self._put(message)
            self.version, more = max(self.version, found["version"]), found["more"]
        program.close()

    def contents(self) -> list[tuple[int, str, str]]:
        """Every message as (seq, id, content), in order."""
        return sorted((one["seq"], one["id"], one["content"]) for one in self.messages.values())

    def wait_complete(self, version: int, timeout: float = 30) -> None:
        wait_for(lambda: self.version >= version, timeout, lambda: f"at {self.version} of {version}")


def wait_for(true: Callable[[], bool], timeout: float, explain: Callable[[], str] = lambda: "") -> None:
    deadline = time.monotonic() + timeout
    while not true():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout} s: {explain()}")
        time.sleep(0.02)


@contextmanager
def all_of(people: Sequence[Connected]) -> Iterator[None]:
    with ExitStack() as stack:
        for one in people:
            stack.enter_context(one)
        yield


def hold_against(stored: list[tuple[int, str, str]], senders: Sequence[Sender], readers: Sequence[Reader]) -> None:
    """The one check of every drill: nothing acknowledged is lost, nothing is doubled, nothing is out of order."""
    assert [seq for seq, _, _ in stored] == list(range(1, len(stored) + 1)), "seq has gaps"
    by_id = {id: (content, seq) for seq, id, content in stored}
    assert len(by_id) == len(stored)
    journal = {id: entry for sender in senders for id, entry in sender.journal.items()}
    assert journal == by_id, "what was acknowledged isn't what is stored"
    assert len({content for _, _, content in stored}) == len(stored), "a message is there twice"
    for sender in senders:
        assert (sender.contradictions, sender.refusals) == ([], [])
        numbers = [int(content.split()[1]) for _, _, content in stored if content.startswith(f"{sender.name} ")]
        assert sender.postponed or numbers == sorted(numbers), f"{sender.name}'s messages are out of order"
    for reader in readers:
        assert reader.refusals == []
        assert reader.contents() == stored
