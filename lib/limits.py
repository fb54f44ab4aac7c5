"""Counting what may happen only so often: exact, shared through the cache, never absent.

A window slides: of any `seconds` in a row, at most `limit` hits pass. Each hit takes a slot of
its own in the cache and keeps it for the window; `add` gives a slot to one of two that race for
it, on every cache there is (`incr` of the database cache loses counts). That costs one read
and one write, and suits limits up to some hundred. Larger ones count in two windows, roughly.

When the cache is gone, each process counts for itself until it is back.
"""

import hashlib
import logging
import math
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

from django.core.cache import cache

MAX_EXACT = 100  # hits; above, one counter per window
SLACK = 2  # seconds
MAX_KEYS = 20_000  # kept by a process while the cache is gone
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Hit:
    """One hit that was counted, or refused when `retry_after` says for how many seconds."""

    retry_after: int | None
    slot: str = ""


def hit(key: str, limit: int, seconds: int) -> int | None:
    """Count one hit of `key`; the seconds to wait when that is one too many, else None."""
    return take(key, limit, seconds).retry_after


def take(key: str, limit: int, seconds: int) -> Hit:
    """As `hit`, and can be given back: `release(take(...))`."""
    name = _name(key)
    try:
        if limit <= MAX_EXACT:
            return _take_slot(name, limit, seconds)
        return Hit(_count(name, limit, seconds))
    # Whatever the cache's library raises: a limit that is not kept is worse than one kept here.
    except Exception as error:
        logger.warning("Limits are kept by each process: the cache failed (%s).", type(error))
        return Hit(_memory.hit(name, limit, seconds), slot=name)


def release(hit: Hit) -> None:
    """Give back a hit: what it was taken for turned out not to count."""
    if not hit.slot or hit.retry_after is not None:
        return
    _memory.release(hit.slot)
    try:
        cache.delete(hit.slot)
    except Exception as error:
        # The slot frees itself when its window is over.
        logger.warning("A hit could not be given back: the cache failed (%s).", type(error))


def forget() -> None:
    """Drop what this process counted while the cache was gone."""
    _memory.clear()


def _name(key: str) -> str:
    """A cache key of fixed length, whatever characters the key has."""
    return "limit:" + hashlib.sha256(key.encode(errors="replace")).hexdigest()[:40]


def _take_slot(name: str, limit: int, seconds: int) -> Hit:
    now = time.time()
    slots = [f"{name}:{number}" for number in range(limit)]
    ends = cache.get_many(slots)
    for slot in slots:
        if slot in ends and ends[slot] + SLACK < now:
            # The cache keeps another time than this process: its slot would never be free.
            cache.delete(slot)
        elif slot in ends:
            continue
        # A moment longer than it counts: some caches count in whole seconds.
        if cache.add(slot, now + seconds, seconds + 1):
            return Hit(None, slot)
    first = min((end for end in ends.values() if end > now), default=now)
    return Hit(max(1, math.ceil(first - now)))


def _count(name: str, limit: int, seconds: int) -> int | None:
    """The former window counts in proportion to what of it is still in view."""
    now = time.time()
    window, passed = divmod(now, seconds)
    this, former = (f"{name}:{int(window) - back}" for back in (0, 1))
    cache.add(this, 0, 2 * seconds)
    try:
        hits = cache.incr(this)
    except ValueError:  # thrown out of the cache in between
        hits = 1
    hits += cache.get(former, 0) * (1 - passed / seconds)
    return max(1, math.ceil(seconds - passed)) if hits > limit else None


class _Memory:
    """The same in this process; the keys not used for longest go first."""

    def __init__(self):
        self._lock = threading.Lock()
        self._times: OrderedDict[str, list[float]] = OrderedDict()

    def hit(self, name: str, limit: int, seconds: int) -> int | None:
        now = time.time()
        with self._lock:
            times = [at for at in self._times.pop(name, []) if at > now - seconds]
            self._times[name] = times
            while len(self._times) > MAX_KEYS:
                self._times.popitem(last=False)
            if len(times) >= limit:
                return max(1, math.ceil(times[0] + seconds - now))
            times.append(now)
        return None

    def release(self, name: str) -> None:
        with self._lock:
            if self._times.get(name):
                self._times[name].pop()

    def clear(self) -> None:
        with self._lock:
            self._times.clear()


_memory = _Memory()
