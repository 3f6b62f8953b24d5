"""People at browsers of their own, in front of a real server."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.conftest import PASSWORD, running
from tests.installations import Database, PulseProcess

# People are made all at once: a management command for each takes longer than a test.
MAKE_CROWD = f"""
from accounts.models import User
for name in ("Alice", "Bob"):
    for number in range(1, 31):
        email = f"{{name.lower()}}{{number}}@example.org"
        User.objects.create_user(email=email, name=f"{{name}} {{number}}", password={PASSWORD!r}, verified=True)
"""
numbers_of: dict[str, dict[str, Iterator[int]]] = {}


@dataclass
class Person:
    """Somebody signed in at a browser. ``name`` is theirs alone, since tests share a server."""

    name: str
    email: str
    page: Page

    def open_chat_with(self, name: str) -> str:
        """By the pages alone; returns the address of the chat."""
        self.page.goto(f"/new?q={name}")
        self.page.get_by_role("button", name=name, exact=True).click()
        expect(self.page.locator("textarea[name=content]")).to_be_visible()
        return urlsplit(self.page.url).path

    def open(self, address: str) -> None:
        self.page.goto(address)
        expect(self.page.locator("textarea[name=content]")).to_be_visible()

    def write(self, text: str) -> None:
        self.page.locator("textarea[name=content]").fill(text)
        self.page.keyboard.press("Enter")

    def message(self, text: str) -> Locator:
        """The message as the server knows it, not one that waits to be sent."""
        return self.page.locator("article[data-message-id]").filter(has=self.page.get_by_text(text, exact=True))

    def tick(self, text: str) -> Locator:
        return self.message(text).locator("[data-tick]")

    def texts(self) -> list[str]:
        return self.page.locator(".log article .text").all_inner_texts()


Join = Callable[[str], Person]
Pair = tuple[Person, Person]


@pytest.fixture(scope="module")
def module_pulse(request: pytest.FixtureRequest, installed: Database) -> Iterator[PulseProcess]:
    with running(installed, request.node) as run:
        yield run(env={"PULSE_RATE_LIMITS": "off"})


@pytest.fixture
def pulse(module_pulse: PulseProcess) -> PulseProcess:
    """One server for the tests of a file. Where it is to fall, the file makes its own."""
    return module_pulse


@pytest.fixture
def join(pulse: PulseProcess, new_person_page: Callable[[PulseProcess], Page]) -> Join:
    """Alice or Bob, new each time: an account, a browser, signed in."""
    expect.set_options(timeout=15_000)
    if pulse.database.name not in numbers_of:
        pulse.manage("shell", "-v0", input=MAKE_CROWD)
        numbers_of[pulse.database.name] = {"Alice": count(1), "Bob": count(1)}

    def enter(name: str) -> Person:
        number = next(numbers_of[pulse.database.name][name])
        person = Person(f"{name} {number}", f"{name.lower()}{number}@example.org", new_person_page(pulse))
        sign_in(person.page, person.email)
        return person

    return enter


def sign_in(page: Page, email: str) -> None:
    page.goto("/login")
    page.fill("[name=email]", email)
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Chats", exact=True)).to_be_visible()


@pytest.fixture
def alice_and_bob(join: Join) -> Pair:
    """Both have their chat open, and it holds one message."""
    alice, bob = join("Alice"), join("Bob")
    address = alice.open_chat_with(bob.name)
    alice.write("Hello Bob")
    expect(alice.message("Hello Bob")).to_be_visible()
    bob.open(address)
    expect(bob.message("Hello Bob")).to_be_visible()
    # Nothing is under way any more: what Bob read tells his devices how he stands in the chat.
    expect(alice.tick("Hello Bob")).to_have_attribute("data-tick", "read")
    return alice, bob


FILL = """
from accounts.models import User
from chat import actions
alice, bob = User.objects.get(email={alice!r}), User.objects.get(email={bob!r})
chat, _ = actions.open_direct(actor=alice, peer_id=bob.id)
for number in range({first}, {last} + 1):
    actions.send_message(actor=(bob, alice)[number % 2], conversation_id=chat.id, content=f"Number {{number}}")
"""


def fill(pulse: PulseProcess, alice: Person, bob: Person, first: int, last: int) -> None:
    """A history: "Number 1" from Alice, "Number 2" from Bob, and so on."""
    pulse.manage("shell", "-v0", input=FILL.format(alice=alice.email, bob=bob.email, first=first, last=last))
