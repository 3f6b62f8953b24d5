"""The ladder of docs/architecture.md, held by reading every import; and proof that a broken one is refused."""

from dataclasses import replace
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import ForeignKey

from tests.architecture import APPS, PACKAGES, Rules, modules, place_of, violations

ROOT = Path(__file__).resolve().parent.parent
RULES = Rules(
    wiring={
        "pulse.apps": "names the admin site",
        "pulse.asgi": "joins sockets and HTTP",
        "pulse.health": "asks database, storage and bus how they are",
        "pulse.management": "starts the processes",
        "pulse.schedule": "names the periodic jobs of all apps",
        "pulse.settings": "names everything, imports little",
        "pulse.urls": "joins the doors of all apps",
        "pulse.wsgi": "HTTP",
    },
    opened={
        ("chat", "accounts.sessions"): "a socket asks whose session a bearer token, cookie or ticket is",
        ("pulse.office", "chat.queries"): "a personal export holds what its owner's pages show",
        ("pulse.office", "accounts.browsers"): "the admin's door asks which session and device a browser is",
        ("pulse.office", "accounts.entering"): "the admin's door leads on to the second step",
        ("pulse.office", "chat.writing"): "an import's drafts take their seq where every message does",
    },
)
# Foreign keys that point up, by name and never by import: the schema wants them.
POINTING_UP = {
    "chat.Conversation.group -> groups.Group",
    "chat.Message.group -> groups.Group",
    "media.Media.message -> chat.Message",
    "media.Media.uploader -> accounts.User",
}


def test_every_module_keeps_to_its_rung() -> None:
    assert violations(ROOT, RULES) == []


def test_no_exception_outlives_its_need() -> None:
    for exception in RULES.opened:
        fewer = {one: why for one, why in RULES.opened.items() if one != exception}
        assert violations(ROOT, replace(RULES, opened=fewer)), f"Nobody needs this any more: {exception}"
    wiring = {name for name, _ in modules(ROOT) if place_of(name) is None}
    assert {name for name in RULES.wiring if name not in wiring} == set()


def test_the_whole_of_pulse_is_read() -> None:
    read = {module for module, _ in modules(ROOT)}
    assert {
        "pulse.settings",
        "pulse.lib.errors",
        "pulse.office.models",
        "chat.models.messages",
        "groups.models",
    } <= read
    assert {module.split(".")[0] for module in read} == set(PACKAGES)
    # A package that is new at the top level would be read by nobody.
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages - {"tests", "bench"} == set(PACKAGES)


def test_no_test_is_longer_than_a_reader_s_patience() -> None:
    lines = {path.name: path.read_text(encoding="utf-8").count("\n") for path in (ROOT / "tests").rglob("*.py")}
    assert {name: count for name, count in lines.items() if count > 300} == {}


def test_foreign_keys_that_point_up_are_those_we_know() -> None:
    rung = {"media": 0, "accounts": 1, "chat": 2, "groups": 3, "office": 4}
    assert len(rung) == len(APPS)
    up = {
        f"{model._meta.label}.{key.name} -> {key.related_model._meta.label}"
        for model in apps.get_models()
        for key in model._meta.local_fields
        if isinstance(key, ForeignKey) and model._meta.app_label in rung
        if rung.get(key.related_model._meta.app_label, 0) > rung[model._meta.app_label]
    }
    assert up == POINTING_UP


# --- It can fail ---

GOOD = {
    "pulse/lib/errors.py": "class DomainError(Exception): ...",
    "pulse/realtime/outbox.py": "from pulse.lib.errors import DomainError",
    "pulse/urls.py": "from chat.pages import home",
    "media/models.py": "from django.db import models",
    "accounts/models.py": "from media.models import Media\nfrom pulse.lib import errors",
    "accounts/sessions.py": "from accounts.models import User",
    "chat/actions/messages.py": "from accounts import models\nfrom chat.queries import newest",
    "chat/queries.py": "import accounts.models",
    "chat/location/actions.py": "from chat.actions.messages import send",
    "chat/consumers.py": "from accounts.sessions import find",
    "chat/pages.py": "from chat.actions.messages import send",
    "groups/actions.py": "from chat.location.actions import stop",
    "pulse/office/actions.py": "from groups.actions import leave",
    "chat/migrations/0001_initial.py": "from groups.models import Group",
}


def refusals(tmp_path: Path, **bad: str) -> list[str]:
    """What is said of a small tree that is good but for ``bad``, in which __ stands for a slash."""
    for name, text in (GOOD | {f"{name.replace('__', '/')}.py": text for name, text in bad.items()}).items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n", encoding="utf-8")
    return violations(tmp_path, RULES)


def test_a_tree_that_keeps_the_rules_is_accepted(tmp_path: Path) -> None:
    assert refusals(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("accounts__actions", "from chat.models import Message", "chat stands above accounts"),
        ("media__storage", "import accounts.models", "accounts stands above media"),
        ("chat__actions__groups", "from groups import actions", "groups stands above chat"),
        ("groups__models", "from pulse.office.models import Report", "pulse.office stands above groups"),
        ("groups__actions", "from chat.queries import newest", "chat keeps that to itself"),
        ("groups__api", "from chat import pages", "chat keeps that to itself"),
        ("groups__pages", "from accounts.sessions import find", "accounts keeps that to itself"),
        ("chat__typing", "import accounts", "accounts keeps that to itself"),
        ("chat__actions__marks", "from chat.pages import home", "only doors know doors"),
        ("chat__events", "from pulse.urls import urlpatterns", "wiring is above everything"),
        ("pulse__realtime__hub", "from chat.models import Participant", "chat stands above pulse.realtime"),
        ("pulse__realtime__hub", "from django.db import models", "realtime knows no models"),
        ("pulse__realtime__hub", "from django.contrib.auth.models import User", "realtime knows no models"),
        ("pulse__lib__text", "from pulse.realtime.outbox import publish", "pulse.realtime stands above pulse.lib"),
        ("pulse__lib__text", "import pulse.settings", "wiring is above everything"),
        ("pulse__magic", "", "pulse.magic has no place on the ladder"),
        ("chat__actions__marks", "from .messages import send", "imports relatively"),
        ("chat__actions__marks", "def late():\n    import json", "imports inside late"),
        ("chat__actions__marks", "class A:\n    async def late(self):\n        import json", "imports inside late"),
        ("chat__actions__marks", "if True:\n    from groups.models import Group", "groups stands above chat"),
        ("chat__actions__marks", "from django.apps import apps\napps.get_model('groups', 'Group')", "get_model()"),
        ("chat__utils", "", "chat.utils is named after nothing"),
        ("groups__helpers__names", "", "groups.helpers.names is named after nothing"),
        ("chat__long", "x = 1\n" * 301, "chat.long has 302 lines"),
    ],
)
def test_a_broken_rule_is_refused(tmp_path: Path, name: str, text: str, said: str) -> None:
    (refusal,) = refusals(tmp_path, **{name: text})
    assert refusal.endswith(said)


def test_each_module_has_one_place() -> None:
    assert place_of("pulse.lib.errors") == "pulse.lib"
    assert place_of("pulse.office.admin") == "pulse.office"
    assert place_of("pulse.liberty") is None
    assert place_of("chats") is None
