"""Closing an account while its owner writes somewhere else."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections, transaction

from accounts.models import User
from chat import actions
from chat.models import Message, Participant
from chat.writing import write_messages
from pulse.office.closing import close_account
from tests.chat.conftest import draft
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_note_that_is_being_written_while_its_account_is_closed_is_erased_too(alice: User) -> None:
    notes, _ = actions.open_direct(actor=alice, peer_id=alice.id)

    def close() -> None:
        try:
            close_account(user=alice, password=PASSWORD)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            write_messages([draft(alice, notes, "My secret")])
            closing = pool.submit(close)
            with pytest.raises(TimeoutError):
                closing.result(1.5)
        closing.result(20)
    assert not Message.objects.filter(content__isnull=False).exists()
    assert not Participant.objects.filter(user=alice).exists()
