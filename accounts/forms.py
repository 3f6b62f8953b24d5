"""What people type in. Forms hold shapes and words; whether a value will do, the actions say."""

from typing import Any

from django import forms

from accounts.rules import ABOUT_MAX_CHARACTERS, EMAIL_MAX_CHARACTERS, PASSWORD_MAX_CHARACTERS, PASSWORD_MIN_CHARACTERS
from pulse.lib.errors import BadInput
from pulse.lib.text import NAME_MAX_CHARACTERS


def text_input(**attributes: Any) -> forms.TextInput:
    return forms.TextInput(attrs={"class": "input", **attributes})


def email_field(*, label: str = "Email", **options: Any) -> forms.CharField:
    """Not an EmailField: its rule would stand beside that of the actions."""
    widget = forms.EmailInput(attrs={"class": "input", "autocomplete": "username", "spellcheck": "false"})
    return forms.CharField(label=label, max_length=EMAIL_MAX_CHARACTERS, widget=widget, **options)


def password_field(
    *, autocomplete: str, label: str = "Password", minlength: int | None = None, help_text: str = ""
) -> forms.CharField:
    attributes = {"class": "input", "autocomplete": autocomplete} | ({"minlength": minlength} if minlength else {})
    return forms.CharField(
        label=label,
        strip=False,
        max_length=PASSWORD_MAX_CHARACTERS,
        help_text=help_text,
        widget=forms.PasswordInput(attrs=attributes),
    )


def new_password_field(*, label: str = "Password") -> forms.CharField:
    return password_field(
        label=label,
        autocomplete="new-password",
        minlength=PASSWORD_MIN_CHARACTERS,
        help_text=f"At least {PASSWORD_MIN_CHARACTERS} characters. A short sentence works well.",
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
    password = new_password_field()


class InvitedSignUpForm(SignUpForm):
    # Not shown, and so without a place for errors of its own.
    invitation = forms.CharField(max_length=200, required=False, widget=forms.HiddenInput)


class SignInForm(PulseForm):
    email = email_field()
    password = password_field(autocomplete="current-password")

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        # Browsers that can offer the passkeys they keep right under the field.
        self.fields["email"].widget.attrs["autocomplete"] = "username webauthn"


class ResendForm(PulseForm):
    email = email_field()


class ResetForm(PulseForm):
    email = email_field()


class NewPasswordForm(PulseForm):
    password = new_password_field(label="New password")


class ChangePasswordForm(PulseForm):
    current_password = password_field(label="Current password", autocomplete="current-password")
    new_password = new_password_field(label="New password")


class ChangeEmailForm(PulseForm):
    email = email_field(label="New email", help_text="We’ll mail a link there, and tell the old address.")
    password = password_field(autocomplete="current-password", help_text="So that we know it’s you.")


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
