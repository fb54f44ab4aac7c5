"""Redis as a cache that may go away: then nothing is remembered, and nothing fails or waits."""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

REST_SECONDS = 1.0  # for which a Redis that failed is not asked again by this process
logger = logging.getLogger(__name__)


class CacheGone(Exception):
    """The cache cannot be reached, so that nothing was claimed or counted."""


class FailOpenRedisCache(RedisCache):
    """Reads find nothing and writes do nothing while Redis is away.

    `add`, `incr` and `decr` raise CacheGone instead: who claims or counts something must know
    that it did not happen, and has another way (lib.limits counts in the process). A failure is
    found out once a second, within the time limits of the connection, not by each request.
    """

    def __init__(self, server, params):
        options = {"retry": Retry(NoBackoff(), 0), **params.get("OPTIONS", {})}
        super().__init__(server, {**params, "OPTIONS": options})
        self._rests_until = 0.0

    @property
    def is_gone(self) -> bool:
        """Whether the last attempt failed so recently that none is made."""
        return time.monotonic() < self._rests_until

    def _ask(self, operation: Callable[..., Any], *args, **kwargs) -> Any:
        """What `operation` answers. Raises CacheGone."""
        if self.is_gone:
            raise CacheGone
        try:
            return operation(*args, **kwargs)
        except (RedisError, OSError) as error:
            self._rests_until = time.monotonic() + REST_SECONDS
            logger.warning("The cache does not answer: %s", type(error).__name__)
            raise CacheGone from error

    def _ask_or(self, fallback: Any, operation: Callable[..., Any], *args, **kwargs) -> Any:
        try:
            return self._ask(operation, *args, **kwargs)
        except CacheGone:
            return fallback

    # --- nothing is found ----------------------------------------------------------------

    def get(self, key, default=None, version=None):
        return self._ask_or(default, super().get, key, default, version)

    def get_many(self, keys, version=None):
        return self._ask_or({}, super().get_many, keys, version)

    def has_key(self, key, version=None):
        return self._ask_or(False, super().has_key, key, version)

    def get_or_set(self, key, default, timeout=..., version=None):
        given = {} if timeout is ... else {"timeout": timeout}
        value = self.get(key, version=version)
        if value is None:
            value = default() if callable(default) else default
            self.set(key, value, version=version, **given)
        return value

    # --- nothing is kept -----------------------------------------------------------------

    def set(self, key, value, *args, **kwargs):
        self._ask_or(None, super().set, key, value, *args, **kwargs)

    def set_many(self, data, *args, **kwargs):
        return self._ask_or(list(data), super().set_many, data, *args, **kwargs)

    def touch(self, key, *args, **kwargs):
        return self._ask_or(False, super().touch, key, *args, **kwargs)

    def delete(self, key, version=None):
        return self._ask_or(False, super().delete, key, version)

    def delete_many(self, keys, version=None):
        self._ask_or(None, super().delete_many, keys, version)

    def clear(self):
        return self._ask_or(False, super().clear)

    # --- nothing is claimed, and that is said --------------------------------------------

    def add(self, key, value, *args, **kwargs):
        return self._ask(super().add, key, value, *args, **kwargs)

    def incr(self, key, delta=1, version=None):
        return self._ask(super().incr, key, delta, version)
