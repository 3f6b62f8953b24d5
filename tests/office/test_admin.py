"""The admin shows who, when and how much, to staff alone; never a secret, and never what people said to each other."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.models import (
    Authenticator,
    Block,
    DeviceSession,
    Invitation,
    Passkey,
    PasskeyChallenge,
    RecoveryCode,
    SocketTicket,
    TakenRegistration,
    TrustedDevice,
    User,
    VerificationToken,
)
from chat.models import (
    Conversation,
    Hidden,
    LiveShare,
    LiveShareViewer,
    Mention,
    Message,
    Participant,
    Reaction,
    Revision,
    Star,
)
from groups.models import Group, GroupInvite, GroupMember
from media.models import Media
from pulse.office.models import Evidence, ModerationAction, PersonalExport, Report

OURS = ("accounts", "chat", "groups", "media", "office")
MODELS = [model for label in OURS for model in apps.get_app_config(label).get_models()]
ROWS = 30
# The session and its person, two counts, the page of rows, the days of the date hierarchy, filters.
MAX_QUERIES = 12
# What no page may show is made of this.
SECRET = "xyzzy"
pytestmark = pytest.mark.django_db


def secret(n: int) -> str:
    return f"{SECRET}{n:059}"


@pytest.fixture
def rosa(db: None) -> User:
    """The operator."""
    rosa: User = User.objects.create_superuser(email="rosa@example.org", name="Rosa", password="by the harbour")
    return rosa


@pytest.fixture
def world(rosa: User) -> None:
    """Thirty rows of everything."""
    later = timezone.now() + timedelta(days=1)
    people = User.objects.bulk_create(
        User(email=f"p{n}@example.org", name=f"Person {n}", password=secret(n), preferences={"a": SECRET})
        for n in range(ROWS)
    )
    sessions = DeviceSession.objects.bulk_create(
        DeviceSession(user=one, device_id="d", name="Phone", token=secret(n), push={"keys": {"auth": SECRET}})
        for n, one in enumerate(people)
    )
    SocketTicket.objects.bulk_create(
        SocketTicket(session=one, token=secret(n), expires_at=later) for n, one in enumerate(sessions)
    )
    VerificationToken.objects.bulk_create(
        VerificationToken(user=one, token=secret(n), type="PASSWORD_RESET", email=one.email, expires_at=later)
        for n, one in enumerate(people)
    )
    _have_second_factors(people, later)
    Invitation.objects.bulk_create(
        Invitation(created_by=one, token=secret(n), expires_at=later) for n, one in enumerate(people)
    )
    TakenRegistration.objects.bulk_create(TakenRegistration(email=one.email, password=SECRET) for one in people)
    PersonalExport.objects.bulk_create(PersonalExport(user=one, file=SECRET, expires_at=later) for one in people)
    Block.objects.bulk_create(Block(blocker=one, blocked=rosa) for one in people)
    groups = Group.objects.bulk_create(Group(name=f"Group {n}", created_by=one) for n, one in enumerate(people))
    chats = Conversation.objects.bulk_create(Conversation(id=one.id, kind="GROUP", group=one) for one in groups)
    pairs = list(zip(groups, chats, people, strict=True))
    GroupMember.objects.bulk_create(GroupMember(group=group, user=one) for group, _, one in pairs)
    GroupInvite.objects.bulk_create(
        GroupInvite(group=group, created_by=one, secret_hash=secret(n)) for n, (group, _, one) in enumerate(pairs)
    )
    Participant.objects.bulk_create(Participant(conversation=chat, user=one) for _, chat, one in pairs)
    messages = Message.objects.bulk_create(
        Message(
            conversation=chat, group=group, sender=one, seq=1, version=1, content=SECRET, reply_excerpt=SECRET,
            location={"name": SECRET}, system={"event": SECRET},
        )
        for group, chat, one in pairs
    )  # fmt: skip
    said = list(zip(messages, people, strict=True))
    _mark(said, later)
    _moderate(said, rosa)


def _have_second_factors(people: list[User], later: Any) -> None:
    numbered = list(enumerate(people))
    TrustedDevice.objects.bulk_create(TrustedDevice(user=one, token=secret(n), expires_at=later) for n, one in numbered)
    Authenticator.objects.bulk_create(Authenticator(user=one, secret=secret(n)) for n, one in numbered)
    RecoveryCode.objects.bulk_create(RecoveryCode(user=one, code=secret(n)) for n, one in numbered)
    Passkey.objects.bulk_create(
        Passkey(user=one, credential_id=secret(n), public_key=SECRET, name="Phone") for n, one in numbered
    )
    PasskeyChallenge.objects.bulk_create(
        PasskeyChallenge(user=one, challenge=secret(n), purpose="SIGN_IN", expires_at=later) for n, one in numbered
    )


def _mark(said: list[tuple[Message, User]], later: Any) -> None:
    Reaction.objects.bulk_create(Reaction(message=message, user=one, emoji="👍") for message, one in said)
    Mention.objects.bulk_create(Mention(message=message, user=one) for message, one in said)
    Star.objects.bulk_create(Star(message=message, user=one) for message, one in said)
    Hidden.objects.bulk_create(Hidden(message=message, user=one) for message, one in said)
    Revision.objects.bulk_create(Revision(message=message, content=SECRET) for message, _ in said)
    shares = LiveShare.objects.bulk_create(
        LiveShare(
            message=message, user=one, conversation_id=message.conversation_id, expires_at=later,
            last_position={"name": SECRET},
        )
        for message, one in said
    )  # fmt: skip
    LiveShareViewer.objects.bulk_create(LiveShareViewer(share=share, user=share.user) for share in shares)
    Media.objects.bulk_create(
        Media(
            uploader=one, message=message, kind="IMAGE", file=SECRET, name=SECRET, type="image/png", size=5,
            thumbnail=SECRET, thumbnail_large=SECRET, placeholder=SECRET, sha256=SECRET, waveform=[SECRET],
        )
        for message, one in said
    )  # fmt: skip


def _moderate(said: list[tuple[Message, User]], moderator: User) -> None:
    reports = Report.objects.bulk_create(Report(reporter=one, message=message, reason="spam") for message, one in said)
    Evidence.objects.bulk_create(
        Evidence(report=report, message=report.message, content={"said": SECRET}) for report in reports
    )
    ModerationAction.objects.bulk_create(
        ModerationAction(moderator=moderator, report=report, action="looked", reason="reported", message=report.message)
        for report in reports
    )


def pages(model: type[Model]) -> Iterator[str]:
    """The list of a model's rows, the list searched, and one row."""
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    yield reverse(f"{name}_changelist")
    yield reverse(f"{name}_changelist") + "?q=person"
    yield reverse(f"{name}_change", args=[model._default_manager.order_by("pk")[0].pk])


def test_every_table_has_its_page() -> None:
    assert [model for model in MODELS if model not in admin.site._registry] == []


def test_the_operator_opens_every_page_quickly_and_sees_no_secret(
    world: None, rosa: User, client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(rosa)
    client.get(reverse("admin:index"))
    for model in MODELS:
        for page in pages(model):
            with django_assert_max_num_queries(MAX_QUERIES, info=page):
                answer = client.get(page)
            assert answer.status_code == 200, page
            assert SECRET not in answer.text, page


def test_a_list_shows_its_rows_and_a_search_finds_somebody(world: None, rosa: User, client: Client) -> None:
    client.force_login(rosa)

    assert "30 messages" in client.get(reverse("admin:chat_message_changelist")).text
    found = client.get(reverse("admin:accounts_user_changelist") + "?q=p17@example").text
    assert "Person 17" in found
    assert "Person 16" not in found


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_nobody_else_opens_any_page(world: None, alice: User, mia: User, model: type[Model]) -> None:
    for page in pages(model):
        assert Client().get(page).status_code == 302
        signed_in, staff = Client(), Client()
        signed_in.force_login(alice)
        answer = signed_in.get(page)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/admin/login/")
        # Staff see what they were given to see, which is nothing yet.
        staff.force_login(mia)
        assert staff.get(page).status_code == 403


@pytest.mark.parametrize("model", [model for model in MODELS if model is not User], ids=lambda model: model._meta.label)
def test_not_even_the_operator_adds_changes_or_deletes(
    world: None, rosa: User, client: Client, model: type[Model]
) -> None:
    client.force_login(rosa)
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    row = model._default_manager.order_by("pk")[0]

    # An invitation is made here, by its action: tests/accounts/test_inviting.py.
    if model is not Invitation:
        assert client.post(reverse(f"{name}_add"), {}).status_code == 403
    assert client.post(reverse(f"{name}_change", args=[row.pk]), {}).status_code == 403
    assert client.post(reverse(f"{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    client.post(reverse(f"{name}_changelist"), {"action": "delete_selected", "_selected_action": row.pk})
    assert model._default_manager.filter(pk=row.pk).exists()


# --- People ---


def change(client: Client, person: User, **fields: object) -> int:
    """Posts the form of a person, with what it shows but for ``fields``; returns the status."""
    shown = {"name": person.name, "about": person.about, "is_active": "on" if person.is_active else ""}
    posted = {name: value for name, value in {**shown, **fields}.items() if value != ""}
    return client.post(reverse("admin:accounts_user_change", args=[person.pk]), posted).status_code


@pytest.fixture
def staff(mia: User, client: Client) -> Client:
    """Mia, who may change people, at her browser."""
    mia.user_permissions.add(Permission.objects.get(codename="change_user"))
    client.force_login(mia)
    return client


def test_a_moderator_changes_a_name_and_shuts_an_account(staff: Client, alice: User) -> None:
    DeviceSession.objects.create(user=alice, device_id="phone", token=secret(1))

    assert change(staff, alice, name="Alicia", is_active="") == 302

    alice.refresh_from_db()
    assert (alice.name, alice.is_active) == ("Alicia", False)
    # And she is out, everywhere.
    assert not alice.device_sessions.exists()


def test_a_name_that_is_none_is_refused(staff: Client, alice: User) -> None:
    assert change(staff, alice, name="\u200b") == 200

    alice.refresh_from_db()
    assert alice.name == "Alice"


def test_a_moderator_makes_nobody_staff_and_touches_no_other_staff(staff: Client, alice: User, rosa: User) -> None:
    change(staff, alice, is_staff="on", is_superuser="on", email="other@example.org", verified="", password="x")
    assert change(staff, rosa, name="Nobody", is_active="") == 403

    before = (alice.email, alice.password)
    alice.refresh_from_db()
    rosa.refresh_from_db()
    assert not alice.is_staff
    assert not alice.is_superuser
    assert (alice.email, alice.password) == before
    assert (rosa.name, rosa.is_active) == ("Rosa", True)


def test_the_operator_makes_somebody_staff(rosa: User, alice: User, client: Client) -> None:
    client.force_login(rosa)

    assert change(client, alice, is_staff="on") == 302

    alice.refresh_from_db()
    assert alice.is_staff
    assert not alice.is_superuser


def test_people_are_not_added_or_deleted_here(rosa: User, alice: User, client: Client) -> None:
    client.force_login(rosa)

    assert client.get(reverse("admin:accounts_user_add")).status_code == 403
    assert client.post(reverse("admin:accounts_user_delete", args=[alice.pk]), {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=alice.pk).exists()
