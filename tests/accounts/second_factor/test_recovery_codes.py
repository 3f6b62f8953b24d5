"""Recovery codes: a way in for whoever lost the app, each good once."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from accounts.models import RecoveryCode, User
from accounts.second_factor.recovery import ALPHABET, code_hash, new_codes
from tests.accounts.conftest import Program
from tests.accounts.second_factor.conftest import Phone, log_in, subjects
from tests.conftest import PASSWORD
from tests.together import at_once

pytestmark = pytest.mark.django_db


def test_a_code_can_be_copied_from_paper_and_not_be_guessed() -> None:
    codes = new_codes()
    assert len(set(codes)) == 10
    for code in codes:
        groups = code.split("-")
        assert [len(group) for group in groups] == [5, 5, 5, 5]
        assert set("".join(groups)) <= set(ALPHABET)
        # However it is typed.
        assert code_hash(code.upper()) == code_hash(f" {code.replace('-', ' ')} ") == code_hash(code)
    assert code_hash("oooooiiiiilllll00000") == code_hash("00000-11111-11111-00000")
    assert [code_hash(text) for text in ("", "123456", "00000-00000-00000-0000u", "0" * 21)] == [None] * 4
    assert len(ALPHABET) ** 20 >= 2**80


def test_a_recovery_code_signs_in_once_and_its_owner_is_told(
    alice: User, phone: Phone, work: Callable[[], Any]
) -> None:
    code = phone.recovery_codes[3]
    assert code not in "".join(RecoveryCode.objects.values_list("code", flat=True))
    with work():
        answer = log_in(alice, code=code.upper().replace("-", " "))
    assert answer.status_code == 200
    assert "A recovery code was used" in subjects()
    again = log_in(alice, code=code)
    assert (again.status_code, again.json()["code"]) == (401, "invalid_code")
    assert Program(answer.json()["token"]).get("me/second-factor").json()["recovery_codes_left"] == 9


def test_a_recovery_code_is_nobody_else_s_and_no_password(alice: User, bob: User, phone: Phone) -> None:
    code = phone.recovery_codes[0]
    # Bob has no second factor: what he sends as a code makes no difference, and uses up nothing.
    assert log_in(bob, code=code).status_code == 200
    assert log_in(alice, password="not hers at all", code=code).json()["code"] == "invalid_credentials"
    assert log_in(alice, code=code).status_code == 200


def test_new_codes_end_the_old_ones(alice: User, phone: Phone) -> None:
    program = Program(log_in(alice, code=phone.code()).json()["token"])
    new = program.post("me/recovery-codes", {"password": PASSWORD}).json()["recovery_codes"]
    assert log_in(alice, code=phone.recovery_codes[0]).status_code == 401
    assert log_in(alice, code=new[0]).status_code == 200


def test_without_an_app_there_are_no_codes_to_make(bob: User) -> None:
    program = Program(log_in(bob).json()["token"])
    refused = program.post("me/recovery-codes", {"password": PASSWORD})
    assert (refused.status_code, refused.json()["code"]) == (409, "second_factor_off")


@pytest.mark.django_db(transaction=True)
def test_of_twenty_who_use_the_same_code_at_once_one_gets_in(alice: User, phone: Phone) -> None:
    code = phone.recovery_codes[0]
    answers = at_once([partial(log_in, alice, code=code, device_id=f"d{number}") for number in range(20)])
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 19
