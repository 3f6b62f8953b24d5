"""In which language somebody reads: the one they chose, else the one they ask in, else the installation's."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language_from_request

from accounts.models import User
from accounts.preferences import preferences_of

# The language of the request that is being answered; empty where there is none, as in a job.
_asked: ContextVar[str] = ContextVar("asked_language", default="")


@contextmanager
def asking(request: HttpRequest) -> Iterator[None]:
    """While ``request`` is answered, :func:`asked_language` is what its browser prefers of settings.LANGUAGES."""
    before = _asked.set(get_language_from_request(request))
    try:
        yield
    finally:
        _asked.reset(before)


def asked_language() -> str:
    return _asked.get() or settings.LANGUAGE_CODE


def language_of(user: User | None, *, otherwise: str = "") -> str:
    """The language to write to ``user`` in; ``otherwise`` where they never chose one."""
    chosen: str | None = preferences_of(user)["language"] if user is not None else None
    return chosen or otherwise or asked_language()
