"""The accounts' paths below /api/v1/."""

from django.urls import path

from accounts import api

urlpatterns = [
    path("auth/register", api.Register.as_view()),
    path("auth/verify-email", api.VerifyEmail.as_view()),
    path("auth/resend-verification", api.ResendVerification.as_view()),
    path("auth/login", api.Login.as_view()),
    path("auth/logout", api.Logout.as_view()),
    path("auth/socket-ticket", api.SocketTicket.as_view()),
    path("me", api.Me.as_view()),
    path("sessions", api.Sessions.as_view()),
    path("sessions/<uuid:session_id>", api.OneSession.as_view()),
    path("users", api.People.as_view()),
    path("users/<uuid:user_id>", api.Person.as_view()),
    path("config", api.Config.as_view()),
]
