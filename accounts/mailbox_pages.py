"""/dev/mail: what the development mailbox kept. For whoever sits at this machine, and nobody else."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts import mailbox
from pulse.lib.addresses import is_loopback, was_forwarded


def mailbox_is_open(request: HttpRequest) -> bool:
    """Whether there is a mailbox, and this request may look into it."""
    return settings.DEVELOPMENT_MAILBOX and _is_private() and is_here(request)


def _is_private() -> bool:
    """Whether Pulse is meant for this machine alone. Elsewhere a proxy may pass the world's requests on as its own."""
    return _is_this_machine(urlsplit(settings.PUBLIC_URL).hostname or "")


def _is_this_machine(name: str) -> bool:
    return name == "localhost" or is_loopback(name)


def is_here(request: HttpRequest) -> bool:
    """Whether the request comes from this very machine, by a name of this machine (so not by a rebound DNS name)."""
    host = request.get_host()
    name = host.partition("]")[0].removeprefix("[") if host.startswith("[") else host.partition(":")[0]
    return is_loopback(request.META.get("REMOTE_ADDR", "")) and not was_forwarded(request) and _is_this_machine(name)


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
    if not mailbox_is_open(request):
        raise Http404
