"""Admin pages that answer only what they offer, and those that show and never change: actions alone write."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db import DataError
from django.db.models import Model
from django.http import HttpRequest

# Of what a filter could ask of a column, that which the list's own links do ask. No "startswith": it spells values out.
_ASKED = {"exact", "in", "isnull", "isempty", "gte", "lt", "year", "month", "day"}


class OfferedLookups:
    """For every ModelAdmin: a list is filtered by what it offers, and by no other column.

    Django takes any column of the row from the query string, shown or not: so one could read a private one
    letter by letter.
    """

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        page: Any = super()
        first, *rest = lookup.split("__")
        return (
            first in self._offered(request)
            and (not rest or rest[-1] in _ASKED)
            and bool(page.lookup_allowed(lookup, value, request))
        )

    def _offered(self, request: HttpRequest) -> set[str]:
        page: Any = self
        filters = [one[0] if isinstance(one, (list, tuple)) else one for one in page.get_list_filter(request)]
        names = [page.date_hierarchy, *(name for name in filters if isinstance(name, str))]
        return {"pk", "id", *(name.split("__")[0] for name in names if name)}

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The list. A time that no clock shows, or a NUL, is a wrong question and no fault of ours."""
        page: Any = super()
        try:
            return page.get_changelist_instance(request)
        except (ValueError, OverflowError, DataError) as error:
            raise IncorrectLookupParameters(error) from error


class ReadOnlyAdmin(OfferedLookups, admin.ModelAdmin[Any]):
    """Shows ``fields`` and nothing else: a column that is new stays unseen until somebody decides."""

    # The count of all rows beside a filtered list would walk through a large table for nothing.
    show_full_result_count = False
    list_per_page = 50
    actions: Any = None

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return self.fields or ()

    # For superusers too.

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
