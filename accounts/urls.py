"""The accounts' pages."""

from django.urls import path

from accounts import mailbox_pages
from accounts.pages import devices, profile, registration, signing_in

urlpatterns = [
    path("signup", registration.sign_up, name="signup"),
    path("login", signing_in.sign_in, name="login"),
    path("logout", signing_in.log_out, name="logout"),
    path("verify", registration.verify, name="verify"),
    path("verify/<str:token>", registration.verify_token, name="verify-token"),
    path("settings", profile.settings_index, name="settings"),
    path("settings/profile", profile.profile, name="profile"),
    path("settings/devices", devices.devices, name="devices"),
    path("settings/devices/end-others", devices.end_other_devices, name="end-other-devices"),
    path("settings/devices/<uuid:session_id>/end", devices.end_device, name="end-device"),
    path("dev/mail", mailbox_pages.mails, name="mails"),
    path("dev/mail/<str:name>", mailbox_pages.mail, name="mail"),
]
