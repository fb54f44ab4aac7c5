"""The cache that may go away. No Redis is needed to see what happens without one."""

import socket
from types import SimpleNamespace

import pytest

from lib.cache import CacheGone, FailOpenRedisCache


@pytest.fixture
def cache():
    # A port that is held and not listened to: nobody else can begin to answer there.
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        options = {"socket_timeout": 0.1, "socket_connect_timeout": 0.1}
        yield FailOpenRedisCache(f"redis://127.0.0.1:{port}/0", {"OPTIONS": options})


def test_nothing_is_found_and_nothing_fails_without_redis(cache):
    assert cache.get("a", "default") == "default"
    assert cache.get_many(["a", "b"]) == {}
    assert cache.has_key("a") is False
    assert cache.get_or_set("a", lambda: 3) == 3


def test_nothing_is_kept_and_nothing_fails_without_redis(cache):
    cache.set("a", 1)
    assert cache.set_many({"a": 1}) == ["a"]
    assert cache.touch("a") is False
    assert cache.delete("a") is False
    assert cache.clear() is False
    cache.delete_many(["a"])


@pytest.mark.parametrize("claim", ["add", "incr", "decr"])
def test_who_claims_something_is_told_that_it_did_not_happen(cache, claim):
    with pytest.raises(CacheGone):
        getattr(cache, claim)("a", 1)


def test_a_redis_that_failed_is_asked_again_after_a_second_only(cache, monkeypatch):
    attempts = []

    def fail(*args):
        attempts.append(args)
        raise ConnectionError

    monkeypatch.setattr("django.core.cache.backends.redis.RedisCache.get", fail)
    clock = iter([10.0, 10.0, 10.5, 12.0, 12.0])
    # The clock of that module alone: other threads go on by the true one.
    monkeypatch.setattr("lib.cache.time", SimpleNamespace(monotonic=lambda: next(clock)))
    for _ in range(3):
        cache.get("a")
    assert len(attempts) == 2
