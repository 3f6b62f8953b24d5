"""JSON as Pulse writes it: orjson, ids as strings, times in UTC with six digits ending in Z."""

from datetime import UTC, datetime
from typing import Any

import orjson


def iso(moment: datetime) -> str:
    """An aware time as ``2026-11-22T14:05:00.000000Z``."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def iso_or_none(moment: datetime | None) -> str | None:
    return None if moment is None else iso(moment)


def _default(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso(value)
    # Lazily translated texts and DRF's ErrorDetail and ReturnDict are str and dict subclasses.
    if isinstance(value, dict):
        return dict(value)
    return str(value)


def dumps(value: Any) -> bytes:
    """``value`` as UTF-8 JSON. UUIDs become strings; datetimes go through :func:`iso`."""
    return orjson.dumps(
        value, default=_default, option=orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_SUBCLASS
    )
