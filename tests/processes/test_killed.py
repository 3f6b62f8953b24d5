"""Whatever dies, a message that was acknowledged is there once, in its place, and everybody has it soon."""

import signal
import time
from collections.abc import Callable

import pytest

from tests.clients import DeafClient
from tests.installations import PulseProcess
from tests.journals import Reader, Sender, all_of, hold_against, wait_for
from tests.processes.conftest import Town

pytestmark = pytest.mark.processes


def people(town: Town, urls: list[str], *, per_second: float = 40) -> tuple[list[Sender], list[Reader]]:
    """Three who write, each in an order of their own through the processes, and three who read."""
    orders = [urls[shift:] + urls[:shift] for shift in range(len(urls))] * 3
    names = ("Alice", "Bob", "Mia")
    senders = [
        Sender(order, town.tokens[name], town.group_id, name=name, per_second=per_second)
        for name, order in zip(names, orders, strict=False)
    ]
    readers = [
        Reader(order[::-1], town.tokens[name], town.group_id) for name, order in zip(names, orders, strict=False)
    ]
    return senders, readers


def finish(town: Town, senders: list[Sender], readers: list[Reader]) -> None:
    for sender in senders:
        sender.finish()
    stored = town.stored()
    for reader in readers:
        reader.wait_complete(len(stored))
    hold_against(stored, senders, readers)


def test_a_killed_process_loses_nothing_it_acknowledged(town: Town, pulse: PulseProcess) -> None:
    senders, readers = people(town, [pulse.url])
    with all_of([*senders, *readers]):
        for _ in range(3):
            acknowledged = len(senders[0].journal)
            wait_for(lambda n=acknowledged: len(senders[0].journal) > n + 20, 30)  # type: ignore[misc]  # in a loop
            pulse.kill()
            time.sleep(0.3)
            pulse.start()
        finish(town, senders, readers)
    assert all(person.connections >= 4 for person in [*senders, *readers])


@pytest.mark.postgres
def test_one_of_two_killed_processes_loses_nothing_either(
    town: Town, two_processes: Callable[..., list[PulseProcess]]
) -> None:
    processes = two_processes()
    senders, readers = people(town, [one.url for one in processes])
    with all_of([*senders, *readers]):
        for victim in [*processes, *processes]:
            acknowledged = len(senders[0].journal)
            wait_for(lambda n=acknowledged: len(senders[0].journal) > n + 20, 30)  # type: ignore[misc]  # in a loop
            victim.kill()
            time.sleep(0.3)
            victim.start()
        finish(town, senders, readers)


def test_a_process_that_hangs_and_goes_on_loses_nothing(town: Town, pulse: PulseProcess) -> None:
    senders, readers = people(town, [pulse.url])
    with all_of([*senders, *readers]):
        wait_for(lambda: len(senders[0].journal) > 20, 30)
        pulse.kill(signal.SIGSTOP)
        time.sleep(2)
        pulse.kill(signal.SIGCONT)
        wait_for(lambda: len(senders[0].journal) > 120, 30)
        finish(town, senders, readers)


def test_a_restart_closes_every_socket_with_its_code_and_loses_nothing(town: Town, pulse: PulseProcess) -> None:
    senders, readers = people(town, [pulse.url])
    with all_of([*senders, *readers]):
        wait_for(lambda: len(senders[0].journal) > 20, 30)
        quiet = town.socket("Charlie", pulse)
        deaf = DeafClient(pulse.url, town.tokens["Mia"])
        began = time.monotonic()
        assert pulse.stop(patience_seconds=12) in {0, -signal.SIGTERM}
        assert time.monotonic() - began < 10
        assert quiet.wait_closed() == 4503
        deaf.close()
        pulse.start()
        finish(town, senders, readers)
