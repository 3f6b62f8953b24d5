"""/dev/mail: what the development mailbox kept. For whoever sits at this machine, and nobody else."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts import mailbox
from pulse.lib.addresses import is_loopback

# Any of these says that a proxy stands between, and its clients may be anywhere.
_FORWARDED = (
    "HTTP_FORWARDED",
    "HTTP_VIA",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_REAL_IP",
)


def is_here(request: HttpRequest) -> bool:
    """Whether the request comes from this very machine, by a name of this machine (so not by a rebound DNS name)."""
    host = request.get_host()
    name = host.partition("]")[0].removeprefix("[") if host.startswith("[") else host.partition(":")[0]
    return (
        is_loopback(request.META.get("REMOTE_ADDR", ""))
        and not any(header in request.META for header in _FORWARDED)
        and (name == "localhost" or is_loopback(name))
    )


@never_cache
@require_GET
def mails(request: HttpRequest) -> HttpResponse:
    _only_here(request)
    return render(request, "accounts/mails.html", {"mails": mailbox.newest()})


@never_cache
@require_GET
def mail(request: HttpRequest, name: str) -> HttpResponse:
    _only_here(request)
    found = mailbox.read(name)
    if found is None:
        raise Http404
    response = render(request, "accounts/mail.html", {"mail": found})
    response["Referrer-Policy"] = "no-referrer"
    return response


def _only_here(request: HttpRequest) -> None:
    if not (settings.DEVELOPMENT_MAILBOX and is_here(request)):
        raise Http404
