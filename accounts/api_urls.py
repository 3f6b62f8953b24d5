"""The accounts' paths below /api/v1/."""

from django.urls import path

from accounts.api import auth, avatars, config, passkeys, people, second_factor, sessions

urlpatterns = [
    path("auth/register", auth.Register.as_view()),
    path("auth/verify-email", auth.VerifyEmail.as_view()),
    path("auth/resend-verification", auth.ResendVerification.as_view()),
    path("auth/password-reset", auth.PasswordReset.as_view()),
    path("auth/password-reset/confirm", auth.NewPassword.as_view()),
    path("auth/password", auth.ChangePassword.as_view()),
    path("auth/email", auth.ChangeEmail.as_view()),
    path("auth/login", auth.Login.as_view()),
    path("auth/passkey/options", passkeys.PasskeyLoginOptions.as_view()),
    path("auth/passkey", passkeys.PasskeyLogin.as_view()),
    path("auth/logout", auth.Logout.as_view()),
    path("auth/socket-ticket", auth.SocketTicket.as_view()),
    path("me/avatar", avatars.MyAvatar.as_view()),
    path("me/second-factor", second_factor.SecondFactor.as_view()),
    path("me/totp", second_factor.Totp.as_view()),
    path("me/totp/confirm", second_factor.ConfirmTotp.as_view()),
    path("me/recovery-codes", second_factor.RecoveryCodes.as_view()),
    path("me/trusted-devices", second_factor.TrustedDevices.as_view()),
    path("me/trusted-devices/<uuid:device_id>", second_factor.OneTrustedDevice.as_view()),
    path("me/passkeys", passkeys.Passkeys.as_view()),
    path("me/passkeys/options", passkeys.PasskeyCreationOptions.as_view()),
    path("me/passkeys/<uuid:passkey_id>", passkeys.OnePasskey.as_view()),
    path("sessions", sessions.Sessions.as_view()),
    path("sessions/<uuid:session_id>", sessions.OneSession.as_view()),
    path("sessions/<uuid:session_id>/push", sessions.Push.as_view()),
    path("users", people.People.as_view()),
    path("users/<uuid:user_id>", people.Person.as_view()),
    path("config", config.Config.as_view()),
]
