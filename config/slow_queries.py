"""Names the queries that take too long, without the values in them."""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db.backends.signals import connection_created

MAX_SQL = 2_000  # characters
logger = logging.getLogger(__name__)


def _watch(execute: Callable, sql: str, params: Any, many: bool, context: dict) -> Any:
    began = time.perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        milliseconds = (time.perf_counter() - began) * 1000
        if milliseconds >= settings.SLOW_QUERY_MS:
            logger.warning("Slow query, %d ms: %s", milliseconds, " ".join(sql.split())[:MAX_SQL])


def _begin(connection, **kwargs) -> None:
    if _watch not in connection.execute_wrappers:
        connection.execute_wrappers.append(_watch)


def watch_all() -> None:
    """Watch every connection that is opened from now on; not at all with SLOW_QUERY_MS=0."""
    if settings.SLOW_QUERY_MS:
        connection_created.connect(_begin, dispatch_uid="slow_queries")
