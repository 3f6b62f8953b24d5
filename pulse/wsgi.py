"""HTTP, always synchronous: for a WSGI server in production, and behind the sockets' server when embedded."""

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.core.wsgi import get_wsgi_application
from django.utils.http import parse_header_parameters

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pulse.settings")

django_application = get_wsgi_application()


def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    environ["CONTENT_TYPE"] = utf8_content_type(environ.get("CONTENT_TYPE", ""))
    return django_application(environ, start_response)


def utf8_content_type(header: str) -> str:
    """``header``, less a charset that isn't UTF-8; nothing of one that can't be parsed.

    Django reads the whole request in the charset it names, and takes Python's "hex" and "idna" for one: that fails
    before any middleware could answer.
    """
    try:
        kind, parameters = parse_header_parameters(header)
    except Exception:  # noqa: BLE001  # the parser is the email package's, and fails in many ways
        return ""
    if parameters.get("charset", "utf-8").lower() in {"utf-8", "utf8"}:
        return header
    # Of the others only the boundary of a form's parts means anything.
    boundary = parameters.get("boundary", "").replace("\\", "").replace('"', "")
    return f'{kind}; boundary="{boundary}"' if boundary else kind
