"""The office's paths below /api/v1/. ``DELETE me`` is wired in pulse/urls.py, with what accounts do there."""

from django.urls import path

from pulse.office import api

urlpatterns = [
    path("me/export", api.MyExport.as_view()),
]
