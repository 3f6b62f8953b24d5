from django.contrib import admin
from django.urls import include, path

from accounts.api.me import Me
from pulse.office.api import CloseMe

handler400 = "pulse.lib.problems.bad_request"
handler500 = "pulse.lib.problems.server_error"


class WholeMe(Me, CloseMe):
    """``me``: read and changed in accounts; closed in the office, which knows all that hangs on it."""


urlpatterns = [
    path("api/v1/me", WholeMe.as_view()),
    path("api/v1/", include("accounts.api_urls")),
    path("api/v1/", include("chat.api_urls")),
    path("api/v1/", include("pulse.office.api_urls")),
    path("admin/", admin.site.urls),
    path("", include("accounts.urls")),
    path("", include("chat.urls")),
    path("", include("pulse.office.urls")),
]
