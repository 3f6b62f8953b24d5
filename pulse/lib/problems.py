"""Problem documents (RFC 9457), the one shape of every API error."""

import errno
import sys
from http import HTTPStatus
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.template import loader
from django.views import defaults
from rest_framework import exceptions
from rest_framework.response import Response

from pulse.lib.encoding import dumps
from pulse.lib.errors import NO_ROOM, BadInput, DomainError, NotAllowed, NotThere, TooMany, Unavailable

log = structlog.get_logger(__name__)

PROBLEM_TYPE = "application/problem+json"


def is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def problem_body(
    status: int, code: str, title: str, detail: str, errors: dict[str, list[str]] | None = None
) -> dict[str, Any]:
    body: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "detail": detail, "code": code}
    if errors:
        body["errors"] = errors
    return body


def problem(status: int, code: str, title: str, detail: str) -> HttpResponse:
    """A problem document for code that answers outside DRF."""
    return HttpResponse(dumps(problem_body(status, code, title, detail)), status=status, content_type=PROBLEM_TYPE)


def problem_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's EXCEPTION_HANDLER: every refusal as a problem document; what nobody foresaw goes on to the 500 handler."""
    headers: dict[str, str] = {}
    known = as_domain_error(error)
    if known is None:
        return None
    if known.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(known, TooMany):
        headers["Retry-After"] = str(known.retry_after_seconds)
    if isinstance(known, Unavailable):
        headers["Retry-After"] = "1"
    errors = known.errors if isinstance(known, BadInput) else None
    body = problem_body(known.status, known.code, known.title, known.detail, errors)
    return Response(body, status=known.status, headers=headers, content_type=PROBLEM_TYPE)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400, for what it refuses by itself: a host that isn't ours, more fields than anybody needs."""
    if is_api(request):
        return problem(400, "malformed", "Bad request", "This request can’t be answered as it is.")
    return defaults.bad_request(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500, for what is raised outside DRF: a database that is away is a 503, the rest is our fault."""
    error = sys.exc_info()[1]
    known = as_domain_error(error) if isinstance(error, Exception) else None
    if known is None:
        known = DomainError("Something went wrong here. It has been noted.", code="internal")
        known.status, known.title = 500, "Internal error"
    if is_api(request):
        response = problem(known.status, known.code, known.title, known.detail)
    else:
        response = HttpResponse(loader.get_template("500.html").render(), status=known.status)
    if known.status == 503:
        response["Retry-After"] = "1"
    return response


def as_domain_error(error: Exception) -> DomainError | None:
    """The refusal that ``error`` amounts to, or None where it is a fault of ours."""
    match error:
        case DomainError():
            return error
        case OperationalError() | InterfaceError():
            log.error("database unavailable", error=type(error).__name__)
            return Unavailable()
        case OSError(errno=errno.ENOSPC | errno.EDQUOT):
            log.error("disk full")
            return Unavailable(NO_ROOM)
        case Http404():
            return NotThere()
        case PermissionDenied():
            return NotAllowed()
        case exceptions.ValidationError():
            return BadInput(errors=flatten(error.detail))
        case exceptions.ParseError():
            return BadInput(str(error.detail), code="malformed")
        case exceptions.Throttled():
            return TooMany(retry_after_seconds=int(getattr(error, "wait", None) or 1) + 1)
        case exceptions.APIException():
            refusal = DomainError(str(error.detail), code=_code(error))
            refusal.status = error.status_code
            # Their own words leave room for a value: "Method {method} not allowed".
            refusal.title = HTTPStatus(error.status_code).phrase.capitalize()
            return refusal
    return None


def _code(error: exceptions.APIException) -> str:
    if isinstance(error, exceptions.UnsupportedMediaType):
        return "unsupported_media_type"
    return str(error.default_code)


def flatten(detail: Any, path: str = "") -> dict[str, list[str]]:
    """DRF's nested error detail as {dotted field: [what is wrong]}."""
    if isinstance(detail, dict):
        found: dict[str, list[str]] = {}
        for key, value in detail.items():
            found |= flatten(value, f"{path}.{key}" if path else str(key))
        return found
    if isinstance(detail, list) and any(isinstance(item, (dict, list)) for item in detail):
        found = {}
        for index, item in enumerate(detail):
            found |= flatten(item, f"{path}.{index}" if path else str(index))
        return found
    texts = detail if isinstance(detail, list) else [detail]
    return {path or "body": [str(text) for text in texts]} if texts else {}
