"""The office's pages."""

from django.urls import path

from pulse.office import pages

urlpatterns = [
    path("settings/data", pages.data, name="data"),
    path("settings/data/export", pages.prepare_export, name="prepare-export"),
    path("settings/data/export/<uuid:export_id>", pages.export_file, name="export-file"),
    path("settings/data/close", pages.close, name="close-account"),
    path("account-closed", pages.closed, name="closed"),
]
