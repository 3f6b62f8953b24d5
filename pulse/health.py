"""What an operator's tools ask: alive, and ready."""

from collections.abc import Callable

import redis
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache

Handler = Callable[[HttpRequest], HttpResponseBase]


def health(get_response: Handler) -> Handler:
    """Answer ``/healthz`` and ``/readyz`` before anything looks at the host: a probe asks by address, without TLS."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        answer = {"/healthz": healthz, "/readyz": readyz}.get(request.path)
        if answer is None:
            return get_response(request)
        response = never_cache(answer)(request)
        # SecurityMiddleware, which adds it to all else, stands below.
        response["X-Content-Type-Options"] = "nosniff"
        return response

    return middleware


def healthz(request: HttpRequest) -> HttpResponse:
    """Alive: this process answers. It asks nobody else."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> HttpResponse:
    """Ready: database and storage answer. Without Redis it is ``degraded``: sends still work, news travels slower."""
    checks = {"database": _database(), "storage": _storage(), "redis": _redis()}
    needed = checks["database"] and checks["storage"]
    status = "unavailable" if not needed else "ok" if checks["redis"] else "degraded"
    return JsonResponse({"status": status, "checks": checks}, status=200 if needed else 503)


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return False
    return True


def _storage() -> bool:
    try:
        default_storage.exists("readyz")
    except Exception:  # noqa: BLE001  # each storage has errors of its own
        return False
    return True


def _redis() -> bool:
    if not settings.REDIS_URL:
        return True
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
