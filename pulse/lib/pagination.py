"""Lists by opaque keyset cursors: a page costs the same however long the list is."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar

import orjson
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import Field, Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.http import urlencode

from pulse.lib.encoding import iso
from pulse.lib.errors import BadInput
from pulse.lib.text import text_problem

DEFAULT_LIMIT = 50
MAX_LIMIT = 100

M = TypeVar("M", bound=Model)


class Cursor(NamedTuple):
    """Where a page begins: after (or, going back, before) the row with these values."""

    backwards: bool
    values: tuple[Any, ...]


def page(request: HttpRequest, rows: QuerySet[M], *, order: Sequence[str], draw: Callable[[M], Any]) -> dict[str, Any]:
    """One page of ``rows`` as ``{results, next, previous}``, with the ``limit`` and ``cursor`` asked for.

    ``order`` is as for ``order_by``: names of fields or annotations that are never null, together unique.
    Raises :class:`BadInput`.
    """
    limit, cursor = asked_limit(request), _asked_cursor(request, rows, order)
    backwards = cursor is not None and cursor.backwards
    directed = [_turned(name) for name in order] if backwards else list(order)
    if cursor is not None:
        rows = rows.filter(_behind(directed, cursor.values))
    found = list(rows.order_by(*directed)[: limit + 1])
    more, found = len(found) > limit, found[:limit]
    if backwards:
        found.reverse()
    has_next = bool(found) and (more or backwards)
    has_previous = bool(found) and (more if backwards else cursor is not None)
    return {
        "results": [draw(row) for row in found],
        "next": _url(request, limit, Cursor(False, _values(found[-1], order))) if has_next else None,
        "previous": _url(request, limit, Cursor(True, _values(found[0], order))) if has_previous else None,
    }


def asked_limit(request: HttpRequest) -> int:
    """``?limit=``, 1 to 100. Raises :class:`BadInput`."""
    asked = request.GET.get("limit", str(DEFAULT_LIMIT))
    if asked.isascii() and asked.isdigit() and len(asked) <= 3 and 1 <= int(asked) <= MAX_LIMIT:
        return int(asked)
    raise BadInput(errors={"limit": [f"A whole number from 1 to {MAX_LIMIT}."]})


def _turned(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _behind(order: Sequence[str], values: Sequence[Any]) -> Q:
    """Rows that come after ``values`` in ``order``: (a > x) or (a = x and b > y) or ..."""
    first, value = order[0], values[0]
    name, beyond = (first[1:], "lt") if first.startswith("-") else (first, "gt")
    condition = Q(**{f"{name}__{beyond}": value})
    if len(order) > 1:
        # Said a second time as one range, which an index on the first field understands.
        condition = Q(**{f"{name}__{beyond}e": value}) & (
            condition | Q(**{name: value}) & _behind(order[1:], values[1:])
        )
    return condition


def _values(row: Model, order: Sequence[str]) -> tuple[Any, ...]:
    values = (getattr(row, name.removeprefix("-")) for name in order)
    return tuple(iso(value) if isinstance(value, datetime) else value for value in values)


def _url(request: HttpRequest, limit: int, cursor: Cursor) -> str:
    kept = [
        (name, value) for name in request.GET if name not in {"limit", "cursor"} for value in request.GET.getlist(name)
    ]
    text = orjson.dumps([int(cursor.backwards), *cursor.values], default=str)
    encoded = base64.urlsafe_b64encode(text).decode().rstrip("=")
    return f"{request.path}?{urlencode([*kept, ('limit', limit), ('cursor', encoded)])}"


def _asked_cursor(request: HttpRequest, rows: QuerySet[M], order: Sequence[str]) -> Cursor | None:
    encoded = request.GET.get("cursor")
    if encoded is None:
        return None
    try:
        padded = encoded.encode("ascii") + b"=" * (-len(encoded) % 4)
        backwards, *values = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if backwards not in {0, 1} or len(values) != len(order):
            raise ValueError
        fields = [_field(rows, name.removeprefix("-")) for name in order]
        checked = tuple(_checked(field, value) for field, value in zip(fields, values, strict=True))
    except (ValueError, TypeError, OverflowError, binascii.Error, ValidationError) as error:
        raise BadInput(errors={"cursor": ["This isn’t a cursor of this list."]}) from error
    return Cursor(bool(backwards), checked)


def _field(rows: QuerySet[M], name: str) -> Field[Any, Any]:
    try:
        found: Any = rows.model._meta.get_field(name)
    except FieldDoesNotExist:
        found = rows.query.annotations[name].output_field
    return found  # type: ignore[no-any-return]  # Django types neither more closely


def _checked(field: Field[Any, Any], value: Any) -> Any:
    """``value`` as ``field`` stores it: a cursor is input like any other, whoever made it."""
    if value is None or (isinstance(value, str) and text_problem(value)):
        raise ValueError
    known = field.to_python(value)
    field.run_validators(known)
    if isinstance(known, datetime):
        if known.tzinfo is None:
            raise ValueError
        # Here and not in the query: at the ends of time this overflows.
        return known.astimezone(UTC)
    return known
