"""What the pages of all apps answer alike."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.http import url_has_allowed_host_and_scheme

from pulse.lib.errors import DomainError, TooMany


def next_page(request: HttpRequest, *, otherwise: str) -> str:
    """Where ``next``, which anybody may have written into a link, leads: if it is the path of a page of ours."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if ours and target.startswith("/") else otherwise


def say_when_to_return(response: HttpResponseBase, error: DomainError | None) -> None:
    """Whoever came too often is told, as the API tells its callers, in how many seconds they may come again."""
    if isinstance(error, TooMany):
        response["Retry-After"] = str(error.retry_after_seconds)
