"""The accounts' pages."""

from django.urls import path

from accounts import mailbox_pages
from accounts.api.avatars import Avatar
from accounts.pages import (
    account,
    devices,
    passkeys,
    passwords,
    preferences,
    profile,
    registration,
    second_step,
    security,
    signing_in,
)

urlpatterns = [
    path("signup", registration.sign_up, name="signup"),
    path("login", signing_in.sign_in, name="login"),
    path("login/passkey", second_step.passkey_sign_in, name="passkey-sign-in"),
    path("login/second", second_step.second_step, name="second-step"),
    path("login/second/passkey-options", second_step.second_step_options, name="second-step-options"),
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
    path("settings/security", security.security, name="security"),
    path("settings/security/authenticator", security.add_authenticator, name="add-authenticator"),
    path("settings/security/authenticator/confirm", security.confirm_authenticator, name="confirm-authenticator"),
    path("settings/security/authenticator/remove", security.remove_authenticator, name="remove-authenticator"),
    path("settings/security/recovery-codes", security.recovery_codes, name="recovery-codes"),
    path("settings/security/passkeys/new", passkeys.new_passkey, name="new-passkey"),
    path("settings/security/passkeys/<uuid:passkey_id>", passkeys.passkey, name="passkey"),
    path("settings/security/passkeys/<uuid:passkey_id>/remove", passkeys.end_passkey, name="remove-passkey"),
    path("settings/security/browsers/forget", security.forget_browsers, name="forget-browsers"),
    path("settings/security/browsers/<uuid:device_id>/forget", security.forget_browser, name="forget-browser"),
    path("settings/appearance", preferences.appearance, name="appearance"),
    path("settings/notifications", preferences.notifications, name="notifications"),
    path("settings/devices", devices.devices, name="devices"),
    path("settings/devices/end-others", devices.end_other_devices, name="end-other-devices"),
    path("settings/devices/<uuid:session_id>", devices.device, name="device"),
    path("settings/devices/<uuid:session_id>/end", devices.end_device, name="end-device"),
    path("avatars/<str:key>", Avatar.as_view(), name="avatar"),
    path("avatars/<str:key>/small", Avatar.as_view(), {"small": True}),
    path("dev/mail", mailbox_pages.mails, name="mails"),
    path("dev/mail/<str:name>", mailbox_pages.mail, name="mail"),
    path("dev/mail/<str:name>/html", mailbox_pages.mail_html, name="mail-html"),
]
