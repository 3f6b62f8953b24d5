"""/dev/mail: what the development mailbox kept. For whoever sits at this machine, and nobody else."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts import mailbox
from accounts.mailbox import mailbox_is_open


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
