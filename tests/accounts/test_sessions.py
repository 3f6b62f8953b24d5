"""The ends of sessions, and what the socket asks about them."""

import base64
import json
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts import sessions
from accounts.models import DeviceSession, SocketTicket, User
from pulse.realtime import outbox
from pulse.realtime.events import Event
from tests.accounts.conftest import Program, browser_of, program_of

pytestmark = pytest.mark.django_db


def test_signing_out_refuses_the_token_at_once(alice: User) -> None:
    program, other = program_of(alice), program_of(alice, device_id="phone")
    assert program.post("auth/logout").status_code == 204
    assert program.get("me").status_code == 401
    assert program.post("auth/logout").status_code == 401
    assert other.get("me").status_code == 200


def test_a_browser_signs_out_by_the_api_too(alice: User) -> None:
    browser = browser_of(alice)
    assert Program(client=browser).post("auth/logout").status_code == 204
    assert Program(client=browser).get("me").status_code == 401
    assert not DeviceSession.objects.exists()


def test_alice_ends_one_of_her_sessions_and_nobody_elses(alice: User, bob: User) -> None:
    laptop, phone, bobs = program_of(alice), program_of(alice, device_id="phone"), program_of(bob)
    ids = {one["device_id"]: one["id"] for one in laptop.get("sessions").json()["results"]}
    bobs_id = bobs.get("sessions").json()["results"][0]["id"]
    assert set(ids) == {"laptop", "phone"}

    assert laptop.delete(f"sessions/{bobs_id}").status_code == 404
    assert laptop.delete(f"sessions/{ids['phone']}").status_code == 204
    assert laptop.delete(f"sessions/{ids['phone']}").status_code == 404
    assert [program.get("me").status_code for program in (laptop, phone, bobs)] == [200, 401, 200]
    assert laptop.delete(f"sessions/{ids['laptop']}").status_code == 204
    assert laptop.get("me").status_code == 401


def test_alice_ends_all_sessions_but_her_own(alice: User, bob: User) -> None:
    laptop, phone, bobs, browser = (
        program_of(alice),
        program_of(alice, device_id="phone"),
        program_of(bob),
        browser_of(alice),
    )
    assert laptop.delete("sessions").status_code == 204
    assert [program.get("me").status_code for program in (laptop, phone, bobs)] == [200, 401, 200]
    assert Program(client=browser).get("me").status_code == 401


def test_sessions_are_listed_with_the_current_one_marked(
    alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    program = program_of(alice)
    for number in range(5):
        program_of(alice, device_id=f"device {number}")
    with django_assert_num_queries(2):
        listed = program.get("sessions").json()["results"]
    assert [one["device_id"] for one in listed if one["current"]] == ["laptop"]
    assert len(listed) == 6


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+10:00", "9999-12-31T23:59:59-10:00", "2026-05-01T09:30:00"])
def test_a_cursor_at_the_end_of_time_is_bad_input(moment: str, alice: User) -> None:
    program = program_of(alice)

    def asked(time: str) -> int:
        cursor = base64.urlsafe_b64encode(json.dumps([0, time, str(uuid4())]).encode()).decode().rstrip("=")
        return int(program.get(f"sessions?cursor={cursor}").status_code)

    assert asked("2999-01-01T00:00:00+10:00") == 200
    assert asked(moment) == 400


def test_where_a_device_was_seen_is_written_once_a_minute(alice: User) -> None:
    program = program_of(alice)
    DeviceSession.objects.update(last_active=timezone.now() - timedelta(minutes=2))
    program.address = "10.1.2.3"
    program.get("me")
    seen = DeviceSession.objects.get()
    assert seen.last_address == "10.1.2.3"
    assert timezone.now() - seen.last_active < timedelta(seconds=10)
    program.address = "10.9.9.9"
    program.get("me")
    assert DeviceSession.objects.get().last_address == "10.1.2.3"


# --- What the socket asks ---


def test_each_credential_leads_to_its_session_in_one_query(
    alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    program, browser = program_of(alice), browser_of(alice)
    key = browser.cookies[django_settings.SESSION_COOKIE_NAME].value
    with django_assert_num_queries(1):
        by_token = sessions.by_token(program.token)
    with django_assert_num_queries(1):
        by_cookie = sessions.by_cookie(key)
    assert by_token is not None
    assert by_cookie is not None
    assert by_token.user_id == by_cookie.user_id == alice.id
    assert by_token.user["email"] == alice.email
    assert (by_token.platform, by_cookie.platform) == ("CLI", "WEB")
    with django_assert_num_queries(1):
        asked = {by_token.session_id, by_cookie.session_id, uuid4()}
        assert sessions.still_signed_in(asked) == {by_token.session_id, by_cookie.session_id}


@pytest.mark.parametrize("credential", ["", "x", "\x00", "ü", "\ud800", "k" * 5000])
def test_a_strange_credential_leads_nowhere(credential: str, db: None) -> None:
    assert sessions.by_token(credential) is None
    assert sessions.by_cookie(credential) is None
    assert sessions.by_ticket(credential) is None


def test_an_ended_session_is_known_by_nothing(alice: User) -> None:
    program, browser = program_of(alice), browser_of(alice)
    key = browser.cookies[django_settings.SESSION_COOKIE_NAME].value
    ids = [UUID(one["id"]) for one in program.get("sessions").json()["results"]]
    ticket = program.post("auth/socket-ticket").json()["ticket"]
    for session_id in reversed(ids):
        program.delete(f"sessions/{session_id}")
    DeviceSession.objects.all().delete()
    assert sessions.still_signed_in(ids) == set()
    assert sessions.by_token(program.token) is None
    assert sessions.by_cookie(key) is None
    assert sessions.by_ticket(ticket) is None


def test_a_suspended_person_has_no_session(alice: User) -> None:
    program = program_of(alice)
    signed_in = sessions.by_token(program.token)
    assert signed_in is not None
    User.objects.update(suspended_until=timezone.now() + timedelta(hours=1))
    assert sessions.by_token(program.token) is None
    assert sessions.still_signed_in([signed_in.session_id]) == set()


def test_a_ticket_opens_one_socket_and_only_for_seconds(alice: User) -> None:
    program = program_of(alice)
    answer = program.post("auth/socket-ticket")
    assert answer.status_code == 201
    ticket = answer.json()["ticket"]
    opened = sessions.by_ticket(ticket)
    assert opened is not None
    assert opened.user_id == alice.id
    assert sessions.by_ticket(ticket) is None

    late = program.post("auth/socket-ticket").json()["ticket"]
    SocketTicket.objects.update(expires_at=timezone.now())
    assert sessions.by_ticket(late) is None
    assert Program().post("auth/socket-ticket").status_code == 401


@pytest.mark.django_db(transaction=True)
def test_a_ticket_used_by_many_at_once_opens_one_socket(alice: User) -> None:
    ticket = program_of(alice).post("auth/socket-ticket").json()["ticket"]

    def use(number: int) -> bool:
        try:
            return sessions.by_ticket(ticket) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(use, range(6))) == 1


@pytest.mark.django_db(transaction=True)
def test_a_device_signing_in_many_times_at_once_has_one_session(alice: User) -> None:
    def sign_in(number: int) -> int:
        try:
            return int(Program().sign_in(alice).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(sign_in, range(4))) == [200] * 4
    assert DeviceSession.objects.count() == 1


class Told:
    """A bus that only remembers."""

    def __init__(self) -> None:
        self.controls: list[tuple[str, ...]] = []

    def publish(self, events: Iterable[Event]) -> None:
        self.controls += [event.control for event in events]

    def want(self, topic: str, wanted: bool) -> None:
        """Nobody listens here."""

    async def settled(self) -> None:
        """There is nothing to wait for."""


@pytest.fixture
def told() -> Iterator[Told]:
    bus = Told()
    outbox.use_bus(bus)
    yield bus
    outbox.use_bus(None)


def test_every_end_of_a_session_is_told_to_its_sockets(work: Callable[[], Any], told: Told, alice: User) -> None:
    laptop, phone = program_of(alice), program_of(alice, device_id="phone")
    ids = {one["device_id"]: one["id"] for one in laptop.get("sessions").json()["results"]}
    with work():
        laptop.delete(f"sessions/{ids['phone']}")
        laptop.delete("sessions")
        again = program_of(alice)
        again.post("auth/logout")
        assert told.controls == []  # not before the commit
    new_id = told.controls[-1][1]
    assert told.controls == [
        ("end", ids["phone"], "", "ended"),
        ("end", "*", ids["laptop"], "ended"),
        ("end", ids["laptop"], "", "signed_in_again"),
        ("end", new_id, "", "signed_out"),
    ]
    assert phone.get("me").status_code == 401


def test_of_too_many_devices_the_one_away_longest_is_signed_out(
    work: Callable[[], Any], told: Told, alice: User, bob: User
) -> None:
    now = timezone.now()
    bobs = program_of(bob)
    devices = DeviceSession.objects.bulk_create(
        DeviceSession(user=alice, device_id=f"d{n}", token=f"{n}", last_active=now - timedelta(days=n + 1))
        for n in range(49)
    )

    with work():
        fiftieth = program_of(alice)
    assert (alice.device_sessions.count(), told.controls) == (50, [])
    with work():
        program_of(alice)  # the same device again is not one more
    assert [control[3] for control in told.controls] == ["signed_in_again"]
    with work():
        newest = program_of(alice, device_id="phone")

    assert told.controls[1:] == [("end", str(devices[-1].pk), "", "too_many_sessions")]
    assert alice.device_sessions.count() == 50
    assert not DeviceSession.objects.filter(pk=devices[-1].pk).exists()
    assert [program.get("me").status_code for program in (newest, bobs)] == [200, 200]
    assert fiftieth.get("me").status_code == 401  # signed in again
