"""What people type in. Forms hold shapes and words; whether a value will do, the actions say."""

from typing import Any

from django import forms

from accounts.rules import ABOUT_MAX_CHARACTERS, EMAIL_MAX_CHARACTERS, PASSWORD_MAX_CHARACTERS, PASSWORD_MIN_CHARACTERS
from pulse.lib.errors import BadInput
from pulse.lib.text import NAME_MAX_CHARACTERS


def text_input(**attributes: Any) -> forms.TextInput:
    return forms.TextInput(attrs={"class": "input", **attributes})


def email_field(**options: Any) -> forms.CharField:
    """Not an EmailField: its rule would stand beside that of the actions."""
    widget = forms.EmailInput(attrs={"class": "input", "autocomplete": "username", "spellcheck": "false"})
    return forms.CharField(label="Email", max_length=EMAIL_MAX_CHARACTERS, widget=widget, **options)


def password_field(*, autocomplete: str, minlength: int | None = None, help_text: str = "") -> forms.CharField:
    attributes = {"class": "input", "autocomplete": autocomplete} | ({"minlength": minlength} if minlength else {})
    return forms.CharField(
        label="Password",
        strip=False,
        max_length=PASSWORD_MAX_CHARACTERS,
        help_text=help_text,
        widget=forms.PasswordInput(attrs=attributes),
    )


class PulseForm(forms.Form):
    """Errors are drawn by ``_field.html``, one under each field; the browser's own bubbles would hide them."""

    use_required_attribute = False

    def show(self, error: BadInput) -> None:
        """Put what an action refused under the fields it is about."""
        for field, texts in error.errors.items():
            for text in texts:
                self.add_error(field if field in self.fields else None, text)
        if not error.errors:
            self.add_error(None, error.detail)


class SignUpForm(PulseForm):
    name = forms.CharField(
        label="Name",
        max_length=NAME_MAX_CHARACTERS,
        widget=text_input(autocomplete="name", placeholder="As your people know you"),
    )
    email = email_field(help_text="We’ll send a link to make sure it’s yours. Others never see it.")
    password = password_field(
        autocomplete="new-password",
        minlength=PASSWORD_MIN_CHARACTERS,
        help_text=f"At least {PASSWORD_MIN_CHARACTERS} characters. A short sentence works well.",
    )


class SignInForm(PulseForm):
    email = email_field()
    password = password_field(autocomplete="current-password")


class ResendForm(PulseForm):
    email = email_field()


class ProfileForm(PulseForm):
    name = forms.CharField(
        label="Name",
        max_length=NAME_MAX_CHARACTERS,
        help_text="Shown to everyone you write to.",
        widget=text_input(autocomplete="name"),
    )
    about = forms.CharField(
        label="About you",
        max_length=ABOUT_MAX_CHARACTERS,
        required=False,
        widget=forms.Textarea(attrs={"class": "input", "rows": 3, "dir": "auto"}),
    )
