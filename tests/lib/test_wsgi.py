"""What comes in before any middleware."""

from collections.abc import Callable
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest

from pulse.wsgi import application, utf8_content_type


def status_of(content_type: str) -> str:
    answered: list[str] = []

    def start(status: str, headers: list[tuple[str, str]], error: Any = None) -> Callable[[bytes], object]:
        answered.append(status)
        return lambda written: None

    # The query is what Django reads first in that charset.
    environ: dict[str, Any] = {
        "PATH_INFO": "/api/v1/config", "QUERY_STRING": "a=b", "HTTP_HOST": "localhost", "CONTENT_TYPE": content_type,
    }  # fmt: skip
    setup_testing_defaults(environ)
    body: Any = application(environ, start)
    body.close()
    return answered[0]


@pytest.mark.parametrize(
    "content_type",
    [
        *(f"application/json; charset={name}" for name in ("hex", "rot13", "idna", "undefined", "punycode", "utf-16")),
        'text/plain; CHARSET="hex"',
        "text/plain; charset*=hex''x",
        "text/plain; charset*0=he; charset*1=x",
        "text/plain; x*=nothing''v",
        "text/plain; charset",
        "; charset=hex",
        "application/json; charset=utf-8",
        "application/json",
        "",
    ],
)
def test_no_charset_breaks_a_request(content_type: str, db: None) -> None:
    assert status_of(content_type) == "200 OK"


@pytest.mark.parametrize(
    ("header", "kept"),
    [
        ("application/json; charset=utf-8", "application/json; charset=utf-8"),
        ("application/json; charset=UTF8", "application/json; charset=UTF8"),
        ("multipart/form-data; boundary=--x'y", "multipart/form-data; boundary=--x'y"),
        ("multipart/form-data; charset=hex; boundary=--x", 'multipart/form-data; boundary="--x"'),
        ("application/json; charset=latin-1", "application/json"),
    ],
)
def test_only_a_strange_charset_is_dropped(header: str, kept: str) -> None:
    assert utf8_content_type(header) == kept
