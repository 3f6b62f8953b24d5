"""What is typed in at the office's pages, and at the admin's own."""

from typing import Any

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError

from accounts.actions import check_credentials
from accounts.browsers import device_of
from pulse.lib.addresses import client_address
from pulse.lib.errors import DomainError


class OfficeSignInForm(AdminAuthenticationForm):
    """Signing in at /admin/login: by the same rules, and counted with the same tries, as everywhere else."""

    def clean(self) -> dict[str, Any]:
        email, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if email and password and self.request is not None:
            try:
                user = check_credentials(
                    email=email,
                    password=password,
                    address=client_address(self.request),
                    device=device_of(self.request),
                )
            except DomainError as error:
                raise ValidationError(error.detail, code=error.code) from error
            self.confirm_login_allowed(user)
            self.user_cache = user
        return self.cleaned_data


class CloseAccountForm(forms.Form):
    use_required_attribute = False

    password = forms.CharField(
        label="Your password",
        strip=False,
        help_text="So that nobody else can do this at a device you left signed in.",
        widget=forms.PasswordInput(attrs={"class": "input", "autocomplete": "current-password"}),
    )
