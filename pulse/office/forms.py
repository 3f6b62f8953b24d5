"""Signing in at /admin/login: by the same rules, and counted with the same tries, as everywhere else."""

from typing import Any

from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError

from accounts.actions import check_credentials
from pulse.lib.addresses import client_address
from pulse.lib.errors import DomainError


class OfficeSignInForm(AdminAuthenticationForm):
    def clean(self) -> dict[str, Any]:
        email, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if email and password and self.request is not None:
            try:
                user = check_credentials(email=email, password=password, address=client_address(self.request))
            except DomainError as error:
                raise ValidationError(error.detail, code=error.code) from error
            self.confirm_login_allowed(user)
            self.user_cache = user
        return self.cleaned_data
