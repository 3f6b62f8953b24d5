"""What the page does while the server is away."""

import re
import signal

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Pair
from tests.conftest import RunPulse
from tests.installations import PulseProcess

pytestmark = [pytest.mark.browser, pytest.mark.processes]


@pytest.fixture
def pulse(running_pulse: RunPulse) -> PulseProcess:
    """A server of the test's own, to kill."""
    return running_pulse(env={"PULSE_RATE_LIMITS": "off"})


def test_what_is_written_while_the_server_is_down_goes_out_once_and_in_order(
    pulse: PulseProcess, alice_and_bob: Pair
) -> None:
    alice, bob = alice_and_bob
    pulse.kill()
    for number in range(1, 4):
        alice.write(f"Written offline {number}")
    notice = alice.page.locator("main [data-offline]")
    expect(notice).to_have_text(re.compile("You’re offline. 3 messages are waiting and will go out by themselves."))
    expect(alice.page.locator("[data-pending] [data-tick=sending]")).to_have_count(3)
    pulse.start()
    for person in (alice, bob):
        expect(person.message("Written offline 3")).to_be_visible(timeout=40_000)
        assert [text for text in person.texts() if "offline" in text] == [f"Written offline {n}" for n in (1, 2, 3)]
    expect(notice).to_be_hidden()
    expect(alice.page.locator("[data-pending] article")).to_have_count(0)


def test_what_waits_survives_a_reload(pulse: PulseProcess, alice_and_bob: Pair) -> None:
    alice, bob = alice_and_bob
    # A server that hangs: the frame has left, and no answer comes.
    pulse.kill(signal.SIGSTOP)
    alice.write("Before the reload")
    expect(alice.page.locator("[data-pending]")).to_contain_text("Before the reload")
    alice.page.wait_for_timeout(500)
    pulse.kill(signal.SIGCONT)
    alice.page.reload()
    expect(alice.message("Before the reload")).to_be_visible()
    expect(bob.message("Before the reload")).to_be_visible()
    expect(alice.page.locator("[data-pending] article")).to_have_count(0)
    assert alice.texts() == bob.texts() == ["Hello Bob", "Before the reload"]
