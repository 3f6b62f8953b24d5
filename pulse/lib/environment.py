"""The environment that settings come from: each NAME, or NAME_FILE with the path of a file that holds the value."""

import contextlib
import os
import secrets
import tempfile
from collections.abc import Sequence
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured
from environ.fileaware_mapping import FileAwareMapping


class WithoutLineEnds(FileAwareMapping):  # type: ignore[misc]  # environ ships no types
    """Values less the line end behind them, which is the editor's and not the secret's."""

    def __getitem__(self, key: str) -> str:
        value: str = super().__getitem__(key)
        return value.rstrip("\r\n")


class Environment(environ.FileAwareEnv):  # type: ignore[misc]  # environ ships no types
    ENVIRON = WithoutLineEnds()

    def required(self, name: str) -> str:
        """The value of a variable that production cannot do without. Raises ImproperlyConfigured, naming it."""
        value = str(self.str(name, default=""))
        if not value:
            raise ImproperlyConfigured(
                f"Pulse runs on PostgreSQL, so it needs {name} (or {name}_FILE) in its environment."
            )
        return value

    def choice(self, name: str, words: Sequence[str], *, default: str) -> str:
        """One of ``words``. Raises ImproperlyConfigured, naming the variable and them."""
        value = str(self.str(name, default=default)).lower()
        if value not in words:
            raise ImproperlyConfigured(f"{name} is one of {', '.join(words)}, and not {value!r}.")
        return value


def kept_secret(path: Path) -> str:
    """The secret an embedded Pulse made for itself at its first start, readable by its owner alone."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        # Written aside and linked into place: of two processes that start together, both read the same whole secret.
        with tempfile.NamedTemporaryFile("w", dir=path.parent) as draft:
            draft.write(secrets.token_urlsafe(48))
            draft.flush()
            with contextlib.suppress(FileExistsError):
                os.link(draft.name, path)
    return path.read_text().strip()
