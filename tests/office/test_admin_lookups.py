"""A list of the admin is filtered by what it offers: no query string reads a column that no page shows."""

from typing import Any

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from accounts.models import User
from chat.actions import open_direct, send_message
from chat.models import Message

pytestmark = pytest.mark.django_db
ADMINS = list(admin.site._registry.items())


@pytest.fixture
def operator(client: Client) -> Client:
    """Rosa, who may see every page, at her browser."""
    client.force_login(User.objects.create_superuser(email="rosa@example.org", name="Rosa", password="by the harbour"))
    return client


def list_of(model: type[Model], query: str = "") -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist") + query


def offered(page: admin.ModelAdmin[Any]) -> set[str]:
    filters = [one[0] if isinstance(one, (list, tuple)) else one for one in page.list_filter]
    return {str(name).split("__")[0] for name in (*filters, page.date_hierarchy) if name}


@pytest.mark.parametrize(("model", "page"), ADMINS, ids=[model._meta.label for model, _ in ADMINS])
def test_no_column_is_filtered_by_that_the_list_does_not_offer(
    operator: Client, model: type[Model], page: admin.ModelAdmin[Any]
) -> None:
    for field in model._meta.concrete_fields:
        if field.name in offered(page) or field.primary_key:
            continue
        for lookup in (field.name, field.attname, f"{field.name}__startswith", f"{field.name}__isnull"):
            assert operator.get(list_of(model, f"?{lookup}=a")).status_code == 400, lookup
    assert operator.get(list_of(model)).status_code == 200


@pytest.mark.parametrize(
    "lookup",
    [
        "content__startswith", "content__regex", "sender__password__startswith", "revisions__content__startswith",
        "type__startswith", "id__regex", "conversation__participants__user", "evidence__content__said",
    ],
)  # fmt: skip
def test_a_private_message_is_not_read_letter_by_letter(operator: Client, alice: User, lookup: str) -> None:
    notes, _ = open_direct(actor=alice, peer_id=alice.pk)
    send_message(actor=alice, conversation_id=notes.id, content="a secret")

    assert operator.get(list_of(Message, f"?{lookup}=a")).status_code == 400
    assert operator.get(list_of(Message, f"?{lookup}=[")).status_code == 400


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("accounts_user", "is_staff__exact=1"),
        ("accounts_user", "created_at__year=2026&created_at__month=5"),
        ("chat_message", "type__exact=TEXT&deleted_at__isempty=1"),
        ("chat_message", "created_at__gte=2026-05-01T00:00:00Z"),
        ("chat_message", "id__exact=01890a5d-ac96-774b-bcce-b302099a8057"),
        ("chat_participant", "conversation__kind__exact=GROUP"),
        ("media_media", "message__isempty=0"),
    ],
)
def test_what_the_list_offers_it_answers(operator: Client, path: str, query: str) -> None:
    assert operator.get(f"{reverse(f'admin:{path}_changelist')}?{query}").status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "created_at__gte=0001-01-01T00:00:00%2B10:00",
        "created_at__lt=9999-12-31T23:59:59-10:00",
        "created_at__year=9999",
        "created_at__year=99999999999999999999",
        "created_at__year=5&created_at__month=50",
        "created_at__month=99999999999999999999",
        "created_at__day=x",
        "type__exact=%00",
        "id=%00",
        "id__in=x,y",
        "deleted_at__isempty=maybe",
        "q=%00",
        "o=99.-99.x",
        "p=99999999999999999999",
    ],
)
def test_no_question_is_a_fault_of_ours(operator: Client, query: str) -> None:
    answer = operator.get(list_of(Message, f"?{query}"), follow=True)
    assert answer.status_code in {200, 400}


def test_the_admin_has_no_way_of_its_own_to_change_a_password(operator: Client) -> None:
    for path in ("/admin/password_change/", "/admin/password_change/done/"):
        assert operator.get(path, follow=True).status_code == 404
        assert operator.post(path, {"old_password": "a guess"}).status_code == 404
    index = operator.get("/admin/").text
    assert "password_change" not in index
    assert "Log out" in index
