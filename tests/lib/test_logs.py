"""What the log says, and what it never says."""

import logging
from collections.abc import Iterator
from io import StringIO

import pytest
import structlog
from django.test import Client
from structlog.stdlib import ProcessorFormatter

from pulse.lib.logs import without_secrets

SECRET = "s3cr3t" * 7
pytestmark = pytest.mark.django_db


@pytest.fixture
def log() -> Iterator[StringIO]:
    """What goes to standard error."""
    root = logging.getLogger()
    (formatter,) = [one.formatter for one in root.handlers if isinstance(one.formatter, ProcessorFormatter)]
    written = StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(formatter)
    root.addHandler(handler)
    yield written
    root.removeHandler(handler)


def said(log: StringIO) -> str:
    # JSON escapes what isn't ASCII.
    return log.getvalue().replace(r"\u2026", "…")


def test_a_refused_form_does_not_leave_its_secret_in_the_log(log: StringIO) -> None:
    assert Client(enforce_csrf_checks=True).post(f"/verify/{SECRET}").status_code == 403

    assert "CSRF" in said(log)
    assert "/verify/…" in said(log)
    assert SECRET not in said(log)


@pytest.mark.parametrize("path", ["/verify/", "/password-reset/", "/join/", "/api/v1/invites/"])
def test_neither_text_nor_arguments_nor_tracebacks_hold_a_secret(log: StringIO, path: str) -> None:
    secret_path = f"{path}{SECRET}/{SECRET}"
    logging.getLogger("django.request").error("Internal Server Error: %s", secret_path)
    structlog.get_logger("pulse").error("failed", path=secret_path, seen=[{"at": secret_path}])
    try:
        raise ValueError(f"no view for {secret_path}")
    except ValueError:
        logging.getLogger("pulse").exception("failed at '%s'", secret_path)

    assert said(log).count(f"{path}…") >= 5
    assert SECRET not in said(log)


def test_other_paths_and_arguments_stay_as_they_are() -> None:
    event = {"event": "GET /verify and /chats/1", "count": 5, "people": ["alice"]}
    assert without_secrets(None, "info", dict(event)) == event


def test_a_stranger_does_not_fill_the_log_with_hosts(log: StringIO) -> None:
    assert Client().get("/login", headers={"host": "evil.example"}).status_code == 400
    assert log.getvalue() == ""
