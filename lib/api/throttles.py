"""How much one client may ask for in a minute, told in every answer before it is too much.

Header fields follow draft-ietf-httpapi-ratelimit-headers-10. Limits keep one client from
taking the site from the others; guesses of passwords are counted exactly, elsewhere
(`lib.limits`). So a read is counted by the process that answers it, in memory: a query or a
round trip for each would cost more than many an answer. Changes are counted in Redis where there
is one, for all processes together, and like reads where there is none.
"""

import math
import threading
import time
from typing import NamedTuple

from django.conf import settings
from django.core.cache import cache
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from lib.http import address_block, client_address

WINDOW = 60  # seconds
MAX_CLIENTS = 20_000  # whom one process remembers within a window


class Tally(NamedTuple):
    hits: int
    seconds_left: int


class _Counter:
    """Hits by key in the present window; a new window begins with nothing."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._window = -1
        self._hits: dict[str, int] = {}

    def hit(self, key: str) -> Tally:
        window, passed = divmod(time.time(), WINDOW)
        with self._lock:
            if window != self._window or len(self._hits) > MAX_CLIENTS:
                self._window, self._hits = window, {}
            hits = self._hits[key] = self._hits.get(key, 0) + 1
        return Tally(hits, math.ceil(WINDOW - passed))

    def forget(self) -> None:
        with self._lock:
            self._hits = {}


here = _Counter()


def _hit_everywhere(key: str) -> Tally:
    window, passed = divmod(time.time(), WINDOW)
    name = f"throttle:{key}:{int(window)}"
    try:
        cache.add(name, 0, 2 * WINDOW)
        return Tally(cache.incr(name), math.ceil(WINDOW - passed))
    # Whatever the cache's library raises: then each process counts for itself.
    except Exception:
        return here.hit(key)


class ClientThrottle(BaseThrottle):
    """Counts by person where one is signed in, else by address, and by what is asked for.

    Limits are `settings.API_LIMITS`, hits a minute by scope: "anonymous" and "user" for
    reads, "write" for changes. A view names another as `throttle_scope`, for all its actions or
    as a dict by action.
    """

    def allow_request(self, request: Request, view) -> bool:
        scope = self._scope(request, view)
        limit = settings.API_LIMITS[scope]
        key = f"{scope}:{self._client(request)}"
        shared = settings.REDIS_URL and request.method not in SAFE_METHODS
        tally = _hit_everywhere(key) if shared else here.hit(key)
        self._seconds_left = tally.seconds_left
        view.headers["RateLimit-Policy"] = f'"{scope}";q={limit};w={WINDOW}'
        remaining = max(0, limit - tally.hits)
        view.headers["RateLimit"] = f'"{scope}";r={remaining};t={tally.seconds_left}'
        return tally.hits <= limit

    def wait(self) -> int:
        return self._seconds_left

    @staticmethod
    def _scope(request: Request, view) -> str:
        named = getattr(view, "throttle_scope", None)
        if isinstance(named, dict):
            named = named.get(getattr(view, "action", None))
        if named:
            return named
        if request.method not in SAFE_METHODS:
            return "write"
        return "user" if request.user.is_authenticated else "anonymous"

    @staticmethod
    def _client(request: Request) -> str:
        if request.user.is_authenticated:
            return f"user:{request.user.pk}"
        return address_block(client_address(request))
