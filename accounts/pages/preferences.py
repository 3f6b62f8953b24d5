"""What people want of Pulse: how it looks, and what it does while they don't look."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import actions
from accounts.forms import PulseForm
from accounts.pages.answers import form_page, refused, signed_in
from accounts.preferences import Preferences, preferences_of
from pulse.lib.errors import DomainError

THEMES = [("system", "Like the system"), ("light", "Light"), ("dark", "Dark")]


class AppearanceForm(PulseForm):
    theme = forms.ChoiceField(label="Theme", choices=THEMES, widget=forms.RadioSelect)
    language = forms.ChoiceField(
        label="Language",
        required=False,
        choices=[("", "As the browser asks"), *settings.LANGUAGES],
        help_text="Mail is written in it. Pulse’s pages are in English.",
        widget=forms.Select(attrs={"class": "select"}),
    )


class NotificationsForm(PulseForm):
    desktop = forms.BooleanField(
        label="Show a notification",
        required=False,
        help_text="When a message comes while Pulse is open and you are looking at something else.",
    )
    preview = forms.BooleanField(
        label="With the message’s text",
        required=False,
        help_text="Otherwise only who wrote, for whoever else can see your screen.",
    )
    sound = forms.BooleanField(label="Play a soft sound", required=False, help_text="Chats that you muted stay silent.")

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        for field in self.fields.values():
            field.widget.attrs |= {"class": "switch", "role": "switch"}


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def appearance(request: HttpRequest) -> HttpResponse:
    stored = preferences_of(signed_in(request)[0])
    initial = {"theme": stored["theme"], "language": stored["language"] or ""}
    form = AppearanceForm(request.POST if request.method == "POST" else None, initial=initial)
    return _page(request, "appearance", form, lambda chosen: chosen | {"language": chosen["language"] or None})


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def notifications(request: HttpRequest) -> HttpResponse:
    stored = preferences_of(signed_in(request)[0])
    # All its fields may be off, so an empty form is a form.
    form = NotificationsForm(request.POST if request.method == "POST" else None, initial=stored["notifications"])
    return _page(request, "notifications", form, lambda chosen: {"notifications": chosen})


def _page(
    request: HttpRequest, name: str, form: PulseForm, wanted: Callable[[dict[str, Any]], Preferences]
) -> HttpResponse:
    template = f"accounts/{name}.html"
    if form.is_valid():
        try:
            actions.change_profile(user=signed_in(request)[0], preferences=wanted(form.cleaned_data))
        except DomainError as error:
            return refused(request, template, form, error)
        messages.success(request, "Your choice is saved.")
        return redirect(name)
    return form_page(request, template, form)
