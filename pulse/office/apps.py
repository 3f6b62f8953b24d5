from django.apps import AppConfig


class OfficeConfig(AppConfig):
    name = "pulse.office"
    label = "office"
