"""The development mailbox: mail that goes nowhere, but to the terminal and to files that /dev/mail shows."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage as StoredMessage
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.http import HttpRequest

from pulse.lib.addresses import is_loopback, was_forwarded
from pulse.lib.ids import uuid7

KEPT = 200
_NAME = re.compile(r"[0-9a-f-]{36}")
_RULER = "-" * 72


@dataclass(frozen=True, slots=True)
class Mail:
    """A kept mail, as /dev/mail shows it."""

    name: str
    sender: str
    to: str
    subject: str
    text: str
    html: str
    sent_at: datetime | None


class MailboxBackend(BaseEmailBackend):
    """Shows each mail on standard output and keeps it under MAILBOX_DIR, the newest 200 of them."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            keep(message)
            show(message)
        return len(email_messages)


def keep(message: EmailMessage) -> Path:
    """Write a mail whole or not at all: it is read by a page while others are written."""
    folder = Path(settings.MAILBOX_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    # Ids of version 7 sort by time.
    path = folder / f"{uuid7()}.eml"
    with NamedTemporaryFile(dir=folder, prefix=".draft-", delete=False) as draft:
        draft.write(message.message().as_bytes())
    Path(draft.name).replace(path)
    for old in _files()[KEPT:]:
        old.unlink(missing_ok=True)
    return path


def show(message: EmailMessage) -> None:
    lines = [
        _RULER,
        f"From: {message.from_email}",
        f"To: {', '.join(message.to)}",
        f"Subject: {message.subject}",
        "",
        str(message.body).rstrip(),
        _RULER,
    ]
    # A terminal that is gone must not keep the mail from being sent.
    with suppress(OSError, ValueError):
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()


def newest() -> list[Mail]:
    mails = (read(path.stem) for path in _files()[:KEPT])
    return [mail for mail in mails if mail is not None]


def read(name: str) -> Mail | None:
    """The kept mail of this name, or None. A name that isn't one of ours never reaches the file system."""
    if not _NAME.fullmatch(name):
        return None
    try:
        stored = message_from_bytes((Path(settings.MAILBOX_DIR) / f"{name}.eml").read_bytes(), policy=policy.default)
    except FileNotFoundError:
        return None
    date: Any = stored["Date"]
    return Mail(
        name=name,
        sender=str(stored["From"]),
        to=str(stored["To"]),
        subject=str(stored["Subject"]),
        text=_part(stored, "plain"),
        html=_part(stored, "html"),
        sent_at=date.datetime if date else None,
    )


def _files() -> list[Path]:
    return sorted(Path(settings.MAILBOX_DIR).glob("*.eml"), reverse=True)


def _part(stored: Any, kind: str) -> str:
    assert isinstance(stored, StoredMessage)  # policy.default makes these
    part = stored.get_body((kind,))
    return "" if part is None else str(part.get_content())


# Who may look


def mailbox_is_open(request: HttpRequest) -> bool:
    """Whether there is a mailbox, and this request may look into it."""
    return settings.DEVELOPMENT_MAILBOX and _is_private() and is_here(request)


def _is_private() -> bool:
    """Whether Pulse is meant for this machine alone. Elsewhere a proxy may pass the world's requests on as its own."""
    return _is_this_machine(urlsplit(settings.PUBLIC_URL).hostname or "")


def _is_this_machine(name: str) -> bool:
    return name == "localhost" or is_loopback(name)


def is_here(request: HttpRequest) -> bool:
    """Whether the request comes from this very machine, by a name of this machine (so not by a rebound DNS name)."""
    host = request.get_host()
    name = host.partition("]")[0].removeprefix("[") if host.startswith("[") else host.partition(":")[0]
    return is_loopback(request.META.get("REMOTE_ADDR", "")) and not was_forwarded(request) and _is_this_machine(name)
