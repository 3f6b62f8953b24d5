"""The accounts' pages."""

from django.urls import path

from accounts import mailbox_pages
from accounts.api.avatars import Avatar
from accounts.pages import account, devices, passwords, profile, registration, signing_in

urlpatterns = [
    path("signup", registration.sign_up, name="signup"),
    path("login", signing_in.sign_in, name="login"),
    path("logout", signing_in.log_out, name="logout"),
    path("verify", registration.verify, name="verify"),
    path("verify/<str:token>", registration.verify_token, name="verify-token"),
    path("password-reset", passwords.ask_for_reset, name="password-reset"),
    path("password-reset/<str:token>", passwords.set_password, name="password-reset-token"),
    path("settings", profile.settings_index, name="settings"),
    path("settings/profile", profile.profile, name="profile"),
    path("settings/profile/avatar", profile.avatar, name="profile-avatar"),
    path("settings/account", account.account, name="account"),
    path("settings/account/email", account.change_email, name="change-email"),
    path("settings/account/email/cancel", account.cancel_email, name="cancel-email"),
    path("settings/account/password", account.change_password, name="change-password"),
    path("settings/devices", devices.devices, name="devices"),
    path("settings/devices/end-others", devices.end_other_devices, name="end-other-devices"),
    path("settings/devices/<uuid:session_id>/end", devices.end_device, name="end-device"),
    path("avatars/<str:key>", Avatar.as_view(), name="avatar"),
    path("avatars/<str:key>/small", Avatar.as_view(), {"small": True}),
    path("dev/mail", mailbox_pages.mails, name="mails"),
    path("dev/mail/<str:name>", mailbox_pages.mail, name="mail"),
]
