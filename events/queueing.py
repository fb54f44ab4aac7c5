"""Telling a worker that there is something to do, without ever waiting for the broker.

What must be done is in a row already, and the sweep of every minute finds it: a message only
makes it happen sooner. So a broker that is down may cost one save a second, and no other.
"""

import logging
import time
from typing import Any

from celery import Task
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

REST_SECONDS = 30  # for which a broker that failed is not asked again by this process
_rests_until = 0.0


def queue(task: Task, *args: Any) -> bool:
    """Send `task` to the workers now; False when the broker cannot be reached."""
    global _rests_until
    if time.monotonic() < _rests_until:
        return False
    try:
        task.apply_async(args)
    except (OperationalError, RedisError, OSError) as error:
        _rests_until = time.monotonic() + REST_SECONDS
        logger.warning("No broker, the sweep will do it: %s", error)
        return False
    return True


def queue_on_commit(task: Task, *args: Any) -> None:
    """Send `task` when the transaction of the caller is committed; never fails the caller."""
    transaction.on_commit(lambda: queue(task, *args), robust=True)
