from django.urls import path

urlpatterns: list[object] = []
__all__ = ["path", "urlpatterns"]
