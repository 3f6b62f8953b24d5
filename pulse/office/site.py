from django.contrib.admin import AdminSite


class PulseAdminSite(AdminSite):
    site_header = "Pulse"
    site_title = "Pulse"
    index_title = "Moderation and operation"
