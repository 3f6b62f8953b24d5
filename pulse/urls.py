from django.contrib import admin
from django.urls import include, path

handler400 = "pulse.lib.problems.bad_request"
handler500 = "pulse.lib.problems.server_error"

urlpatterns = [
    path("api/v1/", include("accounts.api_urls")),
    path("api/v1/", include("chat.api_urls")),
    path("admin/", admin.site.urls),
    path("", include("accounts.urls")),
    path("", include("chat.urls")),
]
