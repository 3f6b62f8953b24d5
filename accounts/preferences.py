"""What somebody wants of Pulse: a JSON object on their account. Only what differs from the defaults is kept."""

from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings

from accounts.models import User
from pulse.lib.errors import BadInput

Preferences = dict[str, Any]

DEFAULTS: Preferences = {
    # Who sees when one was last here. Whoever hides theirs doesn't see that of others.
    "last_seen": "everyone",
    # Whether others see what one has read in a direct chat; without it one doesn't see it of them.
    "read_receipts": True,
    # Of settings.LANGUAGES; null: as the browser asks.
    "language": None,
    "theme": "system",
    # What an open page does about a message while nobody looks at it.
    "notifications": {"desktop": False, "sound": False, "preview": True},
}


def _one_of(*words: str | None) -> Callable[[Any], bool]:
    return lambda value: value in words if isinstance(value, str) or value is None else False


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


# By the names that lead to a value: text with dots in it could mean two places.
_RULES: dict[tuple[str, ...], Callable[[Any], bool]] = {
    ("last_seen",): _one_of("everyone", "nobody"),
    ("read_receipts",): _flag,
    ("language",): _one_of(None, *(code for code, _ in settings.LANGUAGES)),
    ("theme",): _one_of("system", "light", "dark"),
    ("notifications", "desktop"): _flag,
    ("notifications", "sound"): _flag,
    ("notifications", "preview"): _flag,
}


def preferences_of(user: User) -> Preferences:
    """All of them, defaults included, in the shape of DEFAULTS. What is stored and no longer known is left out."""
    return _merged(DEFAULTS, user.preferences if isinstance(user.preferences, dict) else {})


def checked_preferences(changes: Any, *, field: str = "preferences") -> Preferences:
    """``changes``, a part of the shape of DEFAULTS; BadInput names each key that isn't known or holds no such value."""
    if not isinstance(changes, dict):
        raise BadInput(errors={field: ["An object, please."]})
    errors: dict[str, list[str]] = {}
    for path, value in _leaves(changes):
        rule, name = _RULES.get(path), ".".join((field, *path))
        if rule is None:
            errors[name] = ["This field isn’t known or can’t be set."]
        elif not rule(value):
            errors[name] = ["That isn’t one of the choices."]
    if errors:
        raise BadInput(errors=errors)
    return changes


def with_changes(stored: Preferences, changes: Preferences) -> Preferences:
    """What to store once checked ``changes`` are made to ``stored``."""
    mixed = {**stored, **changes}
    for name, value in changes.items():
        if isinstance(value, dict):
            mixed[name] = {**stored.get(name, {}), **value}
    return mixed


def _leaves(changes: Preferences) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Each value with the names that lead to it. Where DEFAULTS have no object there is nothing below."""
    for name, value in changes.items():
        if isinstance(value, dict) and isinstance(DEFAULTS.get(name), dict):
            yield from (((name, inner), one) for inner, one in value.items())
        else:
            yield (name,), value


def _merged(defaults: Preferences, stored: Preferences) -> Preferences:
    merged: Preferences = {}
    for name, default in defaults.items():
        known = stored.get(name, default)
        if isinstance(default, dict):
            known = _merged(default, known if isinstance(known, dict) else {})
        merged[name] = known
    return merged
