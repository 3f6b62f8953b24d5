"""What leaves a process: a bus that tests look into."""

from collections.abc import Sequence

from pulse.realtime.events import Event


class Listener:
    """A bus that keeps what is published on it."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def publish(self, events: Sequence[Event]) -> None:
        self.events.extend(events)

    def want(self, topic: str, wanted: bool) -> None:
        pass

    async def settled(self) -> None:
        pass
