"""Passkeys by the API: made behind the password, good alone for signing in, each answer good once."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.actions.passkeys import MOST_PASSKEYS
from accounts.models import DeviceSession, Passkey, PasskeyChallenge, User
from tests.accounts.conftest import Program, program_of
from tests.accounts.second_factor.conftest import log_in, subjects
from tests.accounts.second_factor.software_authenticator import PRESENT, VERIFIED, Key
from tests.conftest import PASSWORD
from tests.together import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_localhost(settings: Settings) -> None:
    settings.PUBLIC_URL = "http://127.0.0.1:8000"


def creation_options(program: Program) -> Any:
    return program.post("me/passkeys/options", {"password": PASSWORD}).json()["options"]


def register(program: Program, key: Key, name: str = "Phone") -> Any:
    return program.post("me/passkeys", {"credential": key.create(creation_options(program)), "name": name})


def request_options() -> Any:
    return Program().post("auth/passkey/options").json()["options"]


def sign_in(credential: Any, *, device_id: str = "new", program: Program | None = None) -> Any:
    body = {"credential": credential, "device_id": device_id, "platform": "CLI"}
    return (program or Program()).post("auth/passkey", body)


@pytest.fixture
def key(alice: User) -> Key:
    """Alice's passkey."""
    key = Key()
    assert register(program_of(alice, device_id="first"), key).status_code == 201
    return key


# --- Making one ---


def test_alice_makes_a_passkey_and_signs_in_by_it_alone(alice: User, work: Callable[[], Any]) -> None:
    program, key = program_of(alice), Key()
    options = creation_options(program)
    assert options["rp"] == {"id": "localhost", "name": "Pulse"}
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    with work():
        made = program.post("me/passkeys", {"credential": key.create(options), "name": "Phone"})
    assert made.status_code == 201
    assert set(made.json()) == {"id", "name", "backed_up", "created_at", "last_used_at"}
    assert "A passkey was added" in subjects()
    assert Passkey.objects.get().transports == ["hybrid", "internal"]

    asked = request_options()
    assert asked["userVerification"] == "required"
    assert not asked.get("allowCredentials")
    answer = sign_in(key.get(asked))
    assert answer.status_code == 200
    assert set(answer.json()) == {"token", "session", "user"}
    assert Program(answer.json()["token"]).get("me").json()["name"] == "Alice"
    # It was both factors at once.
    assert DeviceSession.objects.get(device_id="new").second_factor_at is not None
    assert program.get("me/passkeys").json()["results"][0]["last_used_at"] is not None


def test_a_passkey_alone_does_not_make_the_password_need_a_second_step(alice: User, key: Key) -> None:
    answer = log_in(alice)
    assert answer.status_code == 200
    state = Program(answer.json()["token"]).get("me/second-factor").json()
    assert (state["enabled"], state["passkeys"]) == (False, 1)


def test_a_password_is_asked_before_one_is_made_or_removed(alice: User, key: Key) -> None:
    program = program_of(alice)
    refused = program.post("me/passkeys/options", {"password": "not hers at all"})
    assert (refused.status_code, refused.json()["code"]) == (400, "wrong_password")
    passkey = Passkey.objects.get()
    refused = program.call("delete", f"me/passkeys/{passkey.pk}", {"password": "not hers at all"})
    assert refused.json()["code"] == "wrong_password"
    assert program.call("delete", f"me/passkeys/{passkey.pk}", {"password": PASSWORD}).status_code == 204
    assert sign_in(key.get(request_options())).status_code == 401


def test_alice_names_and_removes_hers_and_nobody_else_s(alice: User, bob: User, key: Key) -> None:
    program, bobs = program_of(alice), Key()
    register(program_of(bob), bobs, "Bob's")
    path = f"me/passkeys/{Passkey.objects.get(user=alice).pk}"
    theirs = f"me/passkeys/{Passkey.objects.get(user=bob).pk}"
    assert program.patch(path, {"name": "Old phone"}).json()["name"] == "Old phone"
    for body in ({"name": ""}, {"name": "n" * 101}, {"name": "N", "sign_count": 0}, {}):
        assert program.patch(path, body).status_code == 400
    assert program.patch(theirs, {"name": "Mine"}).status_code == 404
    assert program.call("delete", theirs, {"password": PASSWORD}).status_code == 404
    assert [one["name"] for one in program.get("me/passkeys").json()["results"]] == ["Old phone"]


def test_a_registration_counts_once_and_for_whoever_asked(alice: User, bob: User) -> None:
    program, key = program_of(alice), Key()
    credential = key.create(creation_options(program))
    assert program_of(bob).post("me/passkeys", {"credential": credential, "name": "P"}).status_code == 400
    assert program.post("me/passkeys", {"credential": credential, "name": "P"}).status_code == 201
    assert program.post("me/passkeys", {"credential": credential, "name": "P"}).json()["code"] == "invalid_passkey"
    # The same key for somebody else: its id is taken.
    assert register(program_of(bob), key).status_code == 400
    assert Passkey.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://localhost:8001"},
        {"flags": PRESENT},
        {"flags": VERIFIED},
        {"type": "webauthn.get"},
        {"challenge": "AAAA"},
    ],
)
def test_a_bad_registration_is_refused(wrong: dict[str, Any], alice: User) -> None:
    program = program_of(alice)
    credential = Key().create(creation_options(program), **wrong)
    refused = program.post("me/passkeys", {"credential": credential, "name": "P"})
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_passkey")
    assert not Passkey.objects.exists()


def test_the_options_name_the_passkeys_there_are_and_there_are_at_most_twenty(alice: User, key: Key) -> None:
    program = program_of(alice)
    assert [one["id"] for one in creation_options(program)["excludeCredentials"]] == [key.get(request_options())["id"]]
    late = Key().create(creation_options(program))
    Passkey.objects.bulk_create(
        Passkey(user=alice, credential_id=f"id{n}", public_key="k", name="N") for n in range(MOST_PASSKEYS - 1)
    )
    for path, body in (("options", {"password": PASSWORD}), ("", {"credential": late, "name": "P"})):
        refused = program.post(f"me/passkeys/{path}".rstrip("/"), body)
        assert (refused.status_code, refused.json()["code"]) == (409, "too_many_passkeys")


# --- Signing in ---


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://127.0.0.1:8000"},
        {"flags": PRESENT},
        {"flags": VERIFIED},
        {"type": "webauthn.create"},
        {"challenge": "AAAA"},
    ],
)
def test_a_bad_answer_looks_like_one_of_a_passkey_nobody_has(wrong: dict[str, Any], key: Key) -> None:
    bad, unknown = sign_in(key.get(request_options(), **wrong)), sign_in(Key().get(request_options()))
    assert (bad.status_code, bad.json()["code"]) == (401, "invalid_passkey")
    assert bad.content == unknown.content


def test_an_answer_counts_once_and_within_five_minutes(key: Key) -> None:
    answer = key.get(request_options())
    assert [sign_in(answer).status_code for _ in range(2)] == [200, 401]
    late = key.get(request_options())
    PasskeyChallenge.objects.update(expires_at=timezone.now())
    assert sign_in(late).status_code == 401
    # What was asked for a registration is no challenge to sign in by.
    registration = {"challenge": creation_options(program_of(Passkey.objects.get().user))["challenge"]}
    assert sign_in(key.get(request_options() | registration)).status_code == 401
    request_options()
    assert PasskeyChallenge.objects.filter(expires_at__lte=timezone.now()).count() == 0


@pytest.mark.django_db(transaction=True)
def test_of_twenty_who_send_the_same_answer_at_once_one_gets_in(key: Key) -> None:
    answer = key.get(request_options())
    answers = at_once([partial(sign_in, answer, device_id=f"d{number}") for number in range(20)])
    assert sorted(one.status_code for one in answers) == [200] + [401] * 19


def test_a_copied_key_is_noticed_by_its_count(key: Key) -> None:
    key.count = 7
    assert sign_in(key.get(request_options())).status_code == 200
    key.count = 6
    # It would state 7 again.
    assert sign_in(key.get(request_options())).status_code == 401
    key.count = 8
    assert sign_in(key.get(request_options())).status_code == 200


def test_a_key_that_never_counts_is_fine(alice: User) -> None:
    key = Key(counts=False)
    register(program_of(alice), key)
    assert [sign_in(key.get(request_options())).status_code for _ in range(2)] == [200, 200]


def test_a_passkey_is_its_owner_s_whoever_is_named(alice: User, bob: User, key: Key) -> None:
    bobs = Key()
    register(program_of(bob), bobs)
    key.owner = bobs.owner
    assert sign_in(key.get(request_options())).status_code == 401
    credential = bobs.get(request_options())
    del credential["response"]["userHandle"]
    assert sign_in(credential).status_code == 401
    assert sign_in(bobs.get(request_options())).json()["user"]["name"] == "Bob"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"is_active": False}, "invalid_passkey"),
        ({"verified": False}, "email_not_verified"),
        ({"suspended_until": timezone.now() + timedelta(days=1)}, "account_suspended"),
    ],
)
def test_who_may_not_sign_in_does_not_by_a_passkey_either(change: dict[str, Any], code: str, key: Key) -> None:
    User.objects.update(**change)
    assert sign_in(key.get(request_options())).json()["code"] == code


def test_strange_answers_are_refused_and_break_nothing(key: Key) -> None:
    good = key.get(request_options())
    strange: list[Any] = [
        {},
        {"response": None},
        {"response": []},
        good | {"rawId": 5},
        good | {"rawId": "\u0000"},
        good | {"id": "x" * 3000, "rawId": "x" * 3000},
        good | {"type": "password"},
        good | {"response": good["response"] | {"signature": "!!!"}},
        good | {"response": good["response"] | {"authenticatorData": "AA"}},
        good | {"response": good["response"] | {"clientDataJSON": "AAAA"}},
        good | {"response": good["response"] | {"userHandle": 7}},
    ]
    assert [sign_in(credential).status_code for credential in strange] == [401] * len(strange)
    no_credentials: list[Any] = [None, "text", [], 5]
    for credential in no_credentials:
        assert sign_in(credential).status_code == 400


def test_passkeys_are_not_guessed_at_without_end(rate_limits: None, key: Key) -> None:
    stranger = Program(address="203.0.113.9")
    statuses = [sign_in({}, program=stranger).status_code for _ in range(61)]
    assert statuses == [401] * 60 + [429]
    assert sign_in(key.get(request_options())).status_code == 200


# --- Where they work ---


@pytest.mark.parametrize(
    ("public_url", "site"),
    [
        ("https://chat.example.org", "chat.example.org"),
        ("https://chat.example.org:8443", "chat.example.org"),
        ("http://localhost:8000", "localhost"),
        ("http://[::1]:8000", "localhost"),
        ("http://192.168.1.7:8000", None),
        ("https://203.0.113.9", None),
        ("http://chat.example.org", None),
    ],
)
def test_passkeys_belong_to_the_name_that_pulse_is_reached_by(
    public_url: str, site: str | None, alice: User, settings: Settings
) -> None:
    settings.PUBLIC_URL = public_url
    answer = Program().post("auth/passkey/options")
    if site is None:
        assert (answer.status_code, answer.json()["code"]) == (409, "passkeys_unavailable")
        assert program_of(alice).post("me/passkeys/options", {"password": PASSWORD}).status_code == 409
    else:
        assert answer.json()["options"]["rpId"] == site
        key, program = Key(), program_of(alice)
        options = creation_options(program)
        origin = public_url.replace("[::1]", "localhost")
        credential = key.create(options, origin=origin)
        assert program.post("me/passkeys", {"credential": credential, "name": "P"}).status_code == 201
