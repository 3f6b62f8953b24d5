"""What people type in about their second factor."""

from typing import Any

import orjson
from django import forms

from accounts.forms import PulseForm, password_field, text_input
from pulse.lib.errors import BadInput
from pulse.lib.text import NAME_MAX_CHARACTERS

# Some ten times what browsers answer.
CREDENTIAL_MAX_CHARACTERS = 30_000


def name_field() -> forms.CharField:
    return forms.CharField(
        label="Name",
        max_length=NAME_MAX_CHARACTERS,
        help_text="So that you can tell it from others: where it is kept, for example.",
        widget=text_input(autocomplete="off"),
    )


def code_field(*, label: str, autofocus: bool = False, **options: Any) -> forms.CharField:
    widget = text_input(
        autocomplete="one-time-code", autocapitalize="off", spellcheck="false", dir="ltr", autofocus=autofocus
    )
    return forms.CharField(label=label, max_length=100, widget=widget, **options)


class PasswordForm(PulseForm):
    password = password_field(autocomplete="current-password")


class NewPasskeyForm(PulseForm):
    name = name_field()
    password = password_field(autocomplete="current-password")


class PasskeyNameForm(PulseForm):
    name = name_field()


class FirstCodeForm(PulseForm):
    code = code_field(label="Code", help_text="The six digits that the app shows now.")

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["code"].widget.attrs["inputmode"] = "numeric"


class CredentialForm(PulseForm):
    """A passkey's answer, which the page's script puts in."""

    credential = forms.CharField(widget=forms.HiddenInput, required=False, max_length=CREDENTIAL_MAX_CHARACTERS)

    def clean_credential(self) -> dict[str, Any]:
        # orjson: Python's own parser fails on what is nested deeper than its stack.
        try:
            credential = orjson.loads(self.cleaned_data["credential"] or "null")
        except orjson.JSONDecodeError:
            credential = None
        return credential if isinstance(credential, dict) else {}


class SecondStepForm(CredentialForm):
    """Of code and passkey one is enough."""

    code = code_field(label="Code", required=False, autofocus=True)
    remember = forms.BooleanField(label="Remember this browser for 30 days", required=False)

    def clean(self) -> dict[str, Any]:
        if not self.cleaned_data.get("code") and not self.cleaned_data.get("credential"):
            self.show(BadInput(errors={"code": ["Enter the code, or use a passkey."]}))
        return self.cleaned_data
