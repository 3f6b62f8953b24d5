from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class PulseConfig(AppConfig):
    """The wiring: it has no models, only the commands that start processes."""

    name = "pulse"
    label = "wiring"


class PulseAdminConfig(AdminConfig):
    default_site = "pulse.office.site.PulseAdminSite"
