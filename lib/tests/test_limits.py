"""Limits are exact in every window, under a race, and without a cache."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from lib import limits
from lib.limits import hit, release, take

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


class NoCache:
    """What a cache does when its server is gone."""

    def __getattr__(self, name):
        raise ConnectionError("the cache is gone")


@pytest.fixture(params=["cache", "no cache"])
def any_cache(request, monkeypatch):
    limits.forget()
    if request.param == "no cache":
        monkeypatch.setattr(limits, "cache", NoCache())
    yield
    limits.forget()


def test_one_too_many_is_told_when_to_come_back(any_cache):
    with time_machine.travel(NOON, tick=False) as clock:
        assert [hit("k", 3, 60) for _ in range(3)] == [None, None, None]
        clock.shift(20)
        assert hit("k", 3, 60) == 40
        assert hit("another", 3, 60) is None


def test_no_window_sees_more_than_the_limit(any_cache):
    passed = []
    with time_machine.travel(NOON, tick=False) as clock:
        for second in range(0, 400, 7):
            clock.move_to(NOON + timedelta(seconds=second))
            if hit("k", 5, 60) is None:
                passed.append(second)
    assert len(passed) > 20
    for start in passed:
        assert len([at for at in passed if start <= at < start + 60]) <= 5


def test_what_is_given_back_does_not_count(any_cache):
    for _ in range(20):
        one = take("k", 2, 60)
        assert one.retry_after is None
        release(one)
    assert [hit("k", 2, 60) for _ in range(3)][:2] == [None, None]


def test_a_refused_hit_gives_nothing_back(any_cache):
    kept = take("k", 1, 60)
    release(take("k", 1, 60))
    assert hit("k", 1, 60) is not None
    release(kept)
    assert hit("k", 1, 60) is None


def test_parallel_hits_do_not_slip_through(any_cache):
    with ThreadPoolExecutor(16) as threads:
        passed = [wait for wait in threads.map(lambda _: hit("k", 10, 60), range(200)) if not wait]
    assert len(passed) == 10


def test_a_large_limit_is_kept_too(any_cache):
    with time_machine.travel(NOON, tick=False) as clock:
        assert [hit("k", 500, 60) for _ in range(501)].index(60) == 500
        clock.shift(90)  # half of the next window: half of the former one still counts
        assert [hit("k", 500, 60) for _ in range(300)].count(None) >= 249


def test_any_text_is_a_key(any_cache):
    assert hit("a b\x00\ud800" + "x" * 10_000, 1, 60) is None


def test_a_process_keeps_a_bounded_number_of_keys(monkeypatch):
    monkeypatch.setattr(limits, "MAX_KEYS", 10)
    memory = limits._Memory()
    for number in range(100):
        memory.hit(str(number), 1, 60)
    assert len(memory._times) == 10
    assert memory.hit("99", 1, 60) is not None
