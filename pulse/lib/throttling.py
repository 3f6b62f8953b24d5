"""How often somebody may try: fixed windows, counted in Django's cache."""

import time
from dataclasses import dataclass
from hashlib import sha256

import structlog
from django.conf import settings
from django.core.cache import cache
from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.locmem import LocMemCache

from pulse.lib.errors import TooMany

log = structlog.get_logger(__name__)

# Counts when the shared cache is away: each process by itself, which is more than nobody.
_own_cache = LocMemCache("throttling", {"OPTIONS": {"MAX_ENTRIES": 100_000}})


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``tries`` in every window of ``seconds``, for each of those it is asked about."""

    name: str
    tries: int
    seconds: int

    def count(self, *whom: str) -> None:
        """Count one try. Raises :class:`TooMany` from the first one too many on."""
        if not settings.RATE_LIMITS:
            return
        now = time.time()
        if self._add(1, now, whom) > self.tries:
            raise TooMany(retry_after_seconds=int(self.seconds - now % self.seconds) + 1)

    def forgive(self, *whom: str) -> None:
        """Take one try back: it was a good one."""
        if settings.RATE_LIMITS:
            self._add(-1, time.time(), whom)

    def _add(self, change: int, now: float, whom: tuple[str, ...]) -> int:
        # The window is in the key, so a count ends with it even where a key lost its time to live.
        digest = sha256("\0".join(whom).encode("utf-8", "surrogatepass")).hexdigest()
        key = f"throttle:{self.name}:{digest}:{int(now // self.seconds)}"
        try:
            return self._add_in(cache, key, change)
        except Exception as error:  # noqa: BLE001  # each cache has its own; none may keep people out
            log.warning("throttling without the shared cache", error=type(error).__name__)
            return self._add_in(_own_cache, key, change)

    def _add_in(self, counts: BaseCache, key: str, change: int) -> int:
        counts.add(key, 0, self.seconds + 5)
        return counts.incr(key, change)
