from typing import Any

from django.contrib.admin import AdminSite

from pulse.office.forms import OfficeSignInForm

# Django's own form would leave other sessions and tokens alive, and count no wrong guess.
WITHOUT = {"password_change", "password_change_done"}


class PulseAdminSite(AdminSite):
    site_header = "Pulse"
    site_title = "Pulse"
    index_title = "Moderation and operation"
    login_form = OfficeSignInForm

    def get_urls(self) -> list[Any]:
        return [url for url in super().get_urls() if getattr(url, "name", None) not in WITHOUT]
