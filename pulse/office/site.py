from django.contrib.admin import AdminSite

from pulse.office.forms import OfficeSignInForm


class PulseAdminSite(AdminSite):
    site_header = "Pulse"
    site_title = "Pulse"
    index_title = "Moderation and operation"
    login_form = OfficeSignInForm
