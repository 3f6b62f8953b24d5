"""/dev/mail: what the development mailbox kept. For whoever sits at this machine, and nobody else."""

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp, csp_update
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET

from accounts import mailbox
from accounts.mailbox import mailbox_is_open

_AS_A_MAIL = {"default-src": [NONE], "style-src": [UNSAFE_INLINE], "frame-ancestors": [SELF], "sandbox": True}


@never_cache
@require_GET
def mails(request: HttpRequest) -> HttpResponse:
    _only_here(request)
    return render(request, "accounts/mails.html", {"mails": mailbox.newest()})


@never_cache
@require_GET
@csp_update({"frame-src": [SELF]})  # type: ignore[arg-type]  # django-csp knows only views without arguments
def mail(request: HttpRequest, name: str) -> HttpResponse:
    response = render(request, "accounts/mail.html", {"mail": _kept(request, name), "name": name})
    response["Referrer-Policy"] = "no-referrer"
    return response


@never_cache
@require_GET
@xframe_options_sameorigin
@csp(_AS_A_MAIL)  # type: ignore[arg-type]  # as above
def mail_html(request: HttpRequest, name: str) -> HttpResponse:
    """What a mail program would show. It has styles of its own, which no page of Pulse may have, and nothing else."""
    response = HttpResponse(_kept(request, name).html)
    response["Referrer-Policy"] = "no-referrer"
    return response


def _kept(request: HttpRequest, name: str) -> mailbox.Mail:
    _only_here(request)
    found = mailbox.read(name)
    if found is None:
        raise Http404
    return found


def _only_here(request: HttpRequest) -> None:
    if not mailbox_is_open(request):
        raise Http404
