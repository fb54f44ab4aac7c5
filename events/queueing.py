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
NUDGE_SECONDS = 1.0  # within which one more nudge is enough, however many saves there are
_rests_until = 0.0
_nudged: dict[str, float] = {}  # the time up to which a nudge of each task is on its way


def queue(task: Task, *args: Any, countdown: float | None = None) -> bool:
    """Send `task` to the workers now; False when the broker cannot be reached."""
    global _rests_until
    if time.monotonic() < _rests_until:
        return False
    try:
        task.apply_async(args, countdown=countdown)
    except (OperationalError, RedisError, OSError) as error:
        _rests_until = time.monotonic() + REST_SECONDS
        logger.warning("No broker, the sweep will do it: %s", error)
        return False
    return True


def queue_on_commit(task: Task, *args: Any) -> None:
    """Send `task` when the transaction of the caller is committed; never fails the caller."""
    transaction.on_commit(lambda: queue(task, *args), robust=True)


def nudge(task: Task) -> None:
    """Have `task`, which finds its work by itself, run after this moment.

    An import saves thousands of posts a minute: the first nudge goes out at once, those of the
    next second are one that arrives at its end.
    """
    if task.app.conf.task_always_eager:
        queue(task)
        return
    now = time.monotonic()
    until = _nudged.get(task.name, 0.0)
    if now < until:
        return  # One is on its way that runs later than now.
    if now < until + NUDGE_SECONDS:
        _nudged[task.name] = now + NUDGE_SECONDS
        queue(task, countdown=NUDGE_SECONDS)
        return
    _nudged[task.name] = now
    queue(task)


def nudge_on_commit(task: Task) -> None:
    """`nudge` when the transaction of the caller is committed; never fails the caller."""
    transaction.on_commit(lambda: nudge(task), robust=True)
