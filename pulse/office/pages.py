"""The settings' page about one's data: taking it along, and closing the account."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import auth, messages
from django.contrib.auth.decorators import login_required
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from pulse.lib.errors import BadInput, DomainError
from pulse.lib.pages import say_when_to_return
from pulse.lib.stored_files import is_ours_to_send
from pulse.office.closing import close_account
from pulse.office.exporting.actions import request_export
from pulse.office.exporting.download import archive_name, fetch_prepared
from pulse.office.forms import CloseAccountForm
from pulse.office.models import PersonalExport

SIGNED_URL_SECONDS = 300


@never_cache
@login_required
@require_GET
def data(request: HttpRequest) -> HttpResponse:
    return _data_page(request)


@never_cache
@login_required
@require_POST
def prepare_export(request: HttpRequest) -> HttpResponse:
    try:
        request_export(user=_reader(request))
    except DomainError as error:
        return _data_page(request, refusal=error)
    messages.success(request, "Your data is being prepared. We’ll mail you when it’s ready.")
    return redirect("data")


@never_cache
@login_required
@require_GET
def export_file(request: HttpRequest, export_id: UUID) -> HttpResponseBase:
    """The file of a prepared export: its bytes from a local storage, a signed address where the storage has its own."""
    export = PersonalExport.objects.visible_to(_reader(request).id).ready().filter(pk=export_id).first()
    if export is None:
        raise Http404
    stored = str(export.file.name)
    if not is_ours_to_send(stored):
        disposition = {"ResponseContentDisposition": f'attachment; filename="{archive_name(export.created_at)}"'}
        # S3's storage signs addresses for so long; the base class, which mypy sees, knows no such thing.
        storage: Any = default_storage
        return HttpResponseRedirect(storage.url(stored, parameters=disposition, expire=SIGNED_URL_SECONDS))
    try:
        download = fetch_prepared(user=_reader(request), export=export)
    except FileNotFoundError as error:
        raise Http404 from error
    except DomainError as error:
        return _data_page(request, refusal=error)
    headers = {"Content-Disposition": f'attachment; filename="{download.name}"', "Content-Length": str(export.size)}
    return StreamingHttpResponse(download, content_type="application/zip", headers=headers)


@never_cache
@sensitive_post_parameters("password")
@login_required
@require_http_methods(["GET", "POST"])
def close(request: HttpRequest) -> HttpResponse:
    """What closing means, and the password that it takes."""
    form = CloseAccountForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _close_page(request, form, status=400 if form.is_bound else 200)
    try:
        close_account(user=_reader(request), password=form.cleaned_data["password"])
    except BadInput as error:
        form.add_error("password", error.detail)
        return _close_page(request, form, status=error.status)
    except DomainError as error:
        form.add_error(None, error.detail)
        return _close_page(request, form, status=error.status, refusal=error)
    # The device's session is gone already; this takes the cookie along.
    auth.logout(request)
    return redirect("closed")


@require_GET
def closed(request: HttpRequest) -> HttpResponse:
    return render(request, "office/closed.html", {"host": request.get_host()})


def _reader(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # for mypy: login_required has seen to it
    return request.user


def _data_page(request: HttpRequest, *, refusal: DomainError | None = None) -> HttpResponse:
    exports = PersonalExport.objects.visible_to(_reader(request).id).order_by("-created_at")
    context = {
        "exports": exports,
        "pending": any(one.state == one.State.PENDING for one in exports),
        "refusal": refusal,
    }
    response = render(request, "office/data.html", context, status=refusal.status if refusal else 200)
    say_when_to_return(response, refusal)
    return response


def _close_page(
    request: HttpRequest, form: CloseAccountForm, *, status: int, refusal: DomainError | None = None
) -> HttpResponse:
    response = render(request, "office/close.html", {"form": form}, status=status)
    say_when_to_return(response, refusal)
    return response
