"""The accounts' pages."""

from django.urls import path

from accounts import mailbox_pages, pages

urlpatterns = [
    path("signup", pages.sign_up, name="signup"),
    path("login", pages.sign_in, name="login"),
    path("logout", pages.log_out, name="logout"),
    path("verify", pages.verify, name="verify"),
    path("verify/<str:token>", pages.verify_token, name="verify-token"),
    path("settings", pages.settings_index, name="settings"),
    path("settings/profile", pages.profile, name="profile"),
    path("settings/devices", pages.devices, name="devices"),
    path("settings/devices/end-others", pages.end_other_devices, name="end-other-devices"),
    path("settings/devices/<uuid:session_id>/end", pages.end_device, name="end-device"),
    path("dev/mail", mailbox_pages.mails, name="mails"),
    path("dev/mail/<str:name>", mailbox_pages.mail, name="mail"),
]
