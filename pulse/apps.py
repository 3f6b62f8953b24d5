from django.contrib.admin.apps import AdminConfig


class PulseAdminConfig(AdminConfig):
    default_site = "pulse.office.site.PulseAdminSite"
