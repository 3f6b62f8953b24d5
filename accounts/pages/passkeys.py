"""One's own passkeys. They are made by the browser, so only a page with its script can make one."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from accounts.actions.passkeys import remove_passkey, rename_passkey
from accounts.browsers import browser_name
from accounts.pages.answers import form_page, refused, signed_in
from accounts.pages.behind_factor import behind_factor
from accounts.pages.passkeys_here import passkeys_here
from accounts.second_factor.forms import NewPasskeyForm, PasskeyNameForm, PasswordForm
from pulse.lib.errors import DomainError, NotThere

CONFIRM = "accounts/second_factor_password.html"


@never_cache
@login_required
@behind_factor
@require_GET
def new_passkey(request: HttpRequest) -> HttpResponse:
    form = NewPasskeyForm(initial={"name": browser_name(request)})
    return render(request, "accounts/security_new_passkey.html", {"form": form} | passkeys_here(request))


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def passkey(request: HttpRequest, passkey_id: UUID) -> HttpResponse:
    """Its name."""
    user, _ = signed_in(request)
    template, found = "accounts/security_passkey.html", get_object_or_404(user.passkeys, pk=passkey_id)
    form = PasskeyNameForm(request.POST or None, initial={"name": found.name})
    if form.is_valid():
        try:
            rename_passkey(user=user, passkey_id=passkey_id, **form.cleaned_data)
        except NotThere as error:
            raise Http404 from error
        except DomainError as error:
            return refused(request, template, form, error, passkey=found)
        messages.success(request, "The passkey has its new name.")
        return redirect("security")
    return form_page(request, template, form, passkey=found)


@never_cache
@sensitive_post_parameters("password")
@login_required
@behind_factor
@require_http_methods(["GET", "POST"])
def end_passkey(request: HttpRequest, passkey_id: UUID) -> HttpResponse:
    user, session = signed_in(request)
    found = get_object_or_404(user.passkeys, pk=passkey_id)
    form = PasswordForm(request.POST or None)
    if form.is_valid():
        try:
            remove_passkey(session=session, passkey_id=passkey_id, **form.cleaned_data)
        except NotThere as error:
            raise Http404 from error
        except DomainError as error:
            return refused(request, CONFIRM, form, error, what="remove-passkey", passkey=found)
        messages.success(request, "The passkey is removed. It signs nobody in any more.")
        return redirect("security")
    return form_page(request, CONFIRM, form, what="remove-passkey", passkey=found)
