"""Who sees what of somebody, and whom they have blocked. Blocking itself is chat's: its page is there."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import actions
from accounts.forms import PulseForm
from accounts.models import User
from accounts.pages.answers import signed_in
from accounts.preferences import preferences_of
from pulse.lib.errors import BadInput
from pulse.lib.pagination import page


class PrivacyForm(PulseForm):
    last_seen = forms.ChoiceField(
        label="When you were last here",
        choices=[("everyone", "Everyone"), ("nobody", "Nobody")],
        help_text="Who sees it, and that you’re online. With nobody, you don’t see it of others either.",
        widget=forms.Select(attrs={"class": "select"}),
    )
    read_receipts = forms.BooleanField(
        label="Read receipts",
        required=False,
        help_text="In direct chats, people see what you’ve read of theirs, and you of yours. Groups always show it.",
        widget=forms.CheckboxInput(attrs={"class": "switch", "role": "switch"}),
    )


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def privacy(request: HttpRequest) -> HttpResponse:
    user, _ = signed_in(request)
    form = PrivacyForm(request.POST if request.method == "POST" else None, initial=preferences_of(user))
    if form.is_valid():
        actions.change_profile(user=user, preferences=form.cleaned_data)
        messages.success(request, "Your privacy settings are saved. They count from now on.")
        return redirect("privacy")
    context = {"form": form, **blocked_people(request, user)}
    return render(request, "accounts/privacy.html", context, status=400 if form.is_bound else 200)


def blocked_people(request: HttpRequest, user: User) -> dict[str, object]:
    try:
        listed = page(
            request,
            user.blocks_made.select_related("blocked"),
            order=["-created_at", "-id"],
            draw=lambda block: {"person": block.blocked, "since": block.created_at},
        )
    except BadInput as error:
        raise Http404 from error
    return {"blocked": listed["results"], "more": listed["next"], "newer": listed["previous"]}
