"""A new password is an end to whoever was in with the old one: on their open sockets, too, read or not."""

import time

import pytest

from tests.clients import Program
from tests.conftest import PASSWORD
from tests.installations import PulseProcess
from tests.processes.conftest import Town
from tests.processes.deafness import deafen, wait_gone

pytestmark = pytest.mark.processes

NEW_PASSWORD = "seven herons on the pier"
# As the mail's link has it. The mail itself has tests of its own.
MAKE_LINK = """
import json
from accounts.models import User
from accounts.proofs import issue_reset, secret_to_mail
print(json.dumps(secret_to_mail(issue_reset(user=User.objects.get(email="alice@example.org")).id)[1]))
"""


def signed_in(pulse: PulseProcess, device_id: str, password: str = PASSWORD) -> Program:
    return Program.signed_in(pulse.url, email="alice@example.org", password=password, device_id=device_id)


def test_a_reset_closes_every_socket_of_the_account_within_a_second_and_nobody_elses(
    town: Town, pulse: PulseProcess
) -> None:
    laptop, phone, tablet = (signed_in(pulse, device) for device in ("laptop-r", "phone-r", "tablet-r"))
    deaf = deafen(town, pulse, tablet.token)
    with laptop.open_socket() as here, phone.open_socket() as there, town.socket("Bob", pulse) as bob:
        here.wait_for("ready"), there.wait_for("ready")
        secret = town.script(MAKE_LINK).strip()
        began = time.monotonic()
        body = {"token": secret, "password": NEW_PASSWORD}
        assert Program(pulse.url).post("auth/password-reset/confirm", body).status_code == 204
        answered = time.monotonic()
        assert here.wait_closed() == there.wait_closed() == 4401
        assert max(here.closed_at, there.closed_at) - answered < 1
        assert wait_gone(pulse, deaf.port, 1.5) < 1
        assert answered - began < 5
        assert bob.ask("ping")["type"] == "pong"
    deaf.close()
    assert [program.get("me").status_code for program in (laptop, phone, tablet)] == [401, 401, 401]
    assert signed_in(pulse, "laptop-r", NEW_PASSWORD).get("me").status_code == 200
    assert Program(pulse.url).post("auth/password-reset/confirm", body).status_code == 400


def test_a_changed_password_ends_the_other_devices_and_spares_ones_own(town: Town, pulse: PulseProcess) -> None:
    laptop, phone = signed_in(pulse, "laptop-c"), signed_in(pulse, "phone-c")
    with laptop.open_socket() as here, phone.open_socket() as there:
        here.wait_for("ready"), there.wait_for("ready")
        body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
        assert laptop.post("auth/password", body).status_code == 204
        answered = time.monotonic()
        assert there.wait_closed() == 4401
        assert there.closed_at - answered < 1
        assert here.ask("ping")["type"] == "pong"
    assert (laptop.get("me").status_code, phone.get("me").status_code) == (200, 401)
