"""Deleting many rows without holding any of them for long."""

from typing import TypeVar

from django.db.models import Model, QuerySet

BATCH = 500

M = TypeVar("M", bound=Model)


def delete_in_batches(rows: QuerySet[M], *, size: int = BATCH) -> int:
    """Delete ``rows``, ``size`` to a transaction; returns how many of them there were.

    Each batch is asked for once more as it goes: a row that no longer matches by then stays.
    """
    deleted = 0
    while True:
        keys = list(rows.order_by("pk").values_list("pk", flat=True)[:size])
        if not keys:
            return deleted
        _, by_model = rows.filter(pk__in=keys).delete()
        gone = by_model.get(rows.model._meta.label, 0)
        if not gone:
            # Somebody else deletes the same ones; what is left the next round finds.
            return deleted
        deleted += gone
