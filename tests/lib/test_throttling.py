"""Counting tries."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import cache
from pytest_django import Settings

from pulse.lib.errors import TooMany
from pulse.lib.throttling import Limit


@pytest.fixture(autouse=True)
def counting(settings: Settings) -> None:
    cache.clear()
    settings.RATE_LIMITS = True


def allowed(limit: Limit, *whom: str) -> bool:
    try:
        limit.count(*whom)
    except TooMany:
        return False
    return True


def test_who_is_refused_hears_when_the_window_ends() -> None:
    limit = Limit("test", tries=0, seconds=60)
    with pytest.raises(TooMany) as refusal:
        limit.count("alice")
    assert 1 <= refusal.value.retry_after_seconds <= 61


def test_so_many_tries_are_allowed_and_each_is_counted_by_itself() -> None:
    limit = Limit("test", tries=3, seconds=3600)
    assert [allowed(limit, "alice") for _ in range(5)] == [True, True, True, False, False]
    assert allowed(limit, "bob")
    assert allowed(Limit("other", tries=3, seconds=3600), "alice")
    # Names that run together are not the same.
    assert [allowed(limit, "a", "bc") for _ in range(3)] == [True] * 3
    assert allowed(limit, "ab", "c")


def test_a_forgiven_try_does_not_count() -> None:
    limit = Limit("test", tries=1, seconds=3600)
    for _ in range(5):
        assert allowed(limit, "alice")
        limit.forgive("alice")


def test_many_at_once_are_counted_rightly() -> None:
    limit = Limit("test", tries=20, seconds=3600)
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda _: allowed(limit, "alice"), range(60))) == 20


def test_without_its_cache_a_process_counts_by_itself(settings: Settings) -> None:
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1"}
    }
    limit = Limit("away", tries=2, seconds=3600)
    assert [allowed(limit, "alice") for _ in range(3)] == [True, True, False]


def test_limits_can_be_turned_off(settings: Settings) -> None:
    settings.RATE_LIMITS = False
    assert all(allowed(Limit("test", tries=1, seconds=60), "alice") for _ in range(9))
