"""Where throttles count: in Redis for all processes together, or in the memory of each."""

from typing import Any


def shared(url: str, *, prefix: str) -> dict[str, Any]:
    return {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": url,
        "KEY_PREFIX": prefix,
        # A Redis that hangs must not hang us: throttles then count for each process alone.
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
    }


def own() -> dict[str, Any]:
    # Culled at random past this many: it must hold the throttles' counts of a day.
    return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 100_000}}
