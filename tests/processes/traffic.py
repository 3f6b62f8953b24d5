"""Steady traffic, and how long it takes to arrive."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.clients import SocketClient


@contextmanager
def sending(socket: SocketClient, conversation_id: str, *, per_second: int, size: int) -> Iterator[list[float]]:
    """Sends messages at a steady rate meanwhile; gathers when each was sent."""
    sent: list[float] = []
    over = threading.Event()

    def send() -> None:
        began = time.monotonic()
        while not over.is_set():
            due = int((time.monotonic() - began) * per_second)
            for number in range(len(sent), due):
                sent.append(time.monotonic())
                content = f"{number} ".ljust(size, "x")
                socket.say("message.send", ref=number, conversation_id=conversation_id, content=content)
            over.wait(0.005)

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield sent
    finally:
        over.set()
        thread.join()


def delays(socket: SocketClient, sent: list[float], author_id: str) -> list[float]:
    """How long after it was sent each message arrived."""
    found = []
    for frame, arrived in zip(socket.frames, socket.arrived, strict=True):
        if frame["type"] == "message.created" and frame["message"]["sender"]["id"] == author_id:
            found.append(arrived - sent[int(frame["message"]["content"].split()[0])])
    return found


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
