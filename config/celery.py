"""The Celery application: one for web, worker and beat.

Three queues by urgency. One worker may take all of them, the urgent first; a bigger site gives
`slow` a worker of its own, so that an import never delays a mail. A task names another queue
than `default` here, by its name: Celery 6 will not hear of it where the task is declared.
"""

import logging.config
import os
from dataclasses import dataclass

from celery import Celery, Task, signals
from kombu import Queue
from structlog.contextvars import bind_contextvars, clear_contextvars, get_contextvars

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


@dataclass(frozen=True)
class Limits:
    """What one task of a queue may take, in seconds: then it is told to end, then it is ended."""

    soft: int
    hard: int


# All below the broker's visibility timeout: a task that still runs must not be delivered again.
# The leases of events and images are longer than the limit of their queue.
QUEUES = {
    "now": Limits(soft=240, hard=300),  # somebody waits: mail, events
    "default": Limits(soft=540, hard=600),  # pictures, sweeps, clean-up
    "slow": Limits(soft=3_300, hard=3_500),  # videos, imports, exports, backups
}
DEFAULT_QUEUE = "default"
ROUTES = {
    "events.tasks.*": {"queue": "now"},
    "events.tasks.run_job": {"queue": "default"},
    "events.tasks.run_long_job": {"queue": "slow"},
    "config.tasks.send_heartbeats": {"queue": "now"},
    "accounts.tasks.make_data_export": {"queue": "slow"},
    "accounts.tasks.erase_accounts": {"queue": "slow"},
    "library.video_tasks.*": {"queue": "slow"},
    "transfer.tasks.*": {"queue": "slow"},
}


class LimitsOfQueue:
    """Gives each task the time limits of its queue unless it states its own."""

    def annotate(self, task: Task) -> dict | None:
        if task.time_limit or task.soft_time_limit:
            return None
        limits = QUEUES[queue_of(task)]
        return {"soft_time_limit": limits.soft, "time_limit": limits.hard}


def queue_of(task: Task) -> str:
    """The queue in which `task` waits when its caller names none."""
    route = app.amqp.router.route({}, task.name)
    return route["queue"].name


app = Celery("inkstone")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.task_queues = [Queue(name) for name in QUEUES]
app.conf.task_default_queue = DEFAULT_QUEUE
app.conf.task_routes = ROUTES
app.conf.task_annotations = [LimitsOfQueue()]
app.autodiscover_tasks()


# --- Logs: the same as the web's, with the id of the request that caused the task ----------

REQUEST_ID_HEADER = "inkstone_request_id"


@signals.setup_logging.connect
def _configure_logging(**kwargs) -> None:
    from django.conf import settings  # Not before the settings themselves have been read.

    logging.config.dictConfig(settings.LOGGING)


@signals.before_task_publish.connect
def _send_request_id(headers: dict, **kwargs) -> None:
    request_id = get_contextvars().get("request_id")
    if request_id:
        headers[REQUEST_ID_HEADER] = request_id


@signals.task_prerun.connect
def _bind_ids(task: Task, task_id: str, **kwargs) -> None:
    if task.request.is_eager:
        return  # In the process of its caller, whose ids these are.
    clear_contextvars()
    bind_contextvars(task=task.name, task_id=task_id)
    request_id = (task.request.headers or {}).get(REQUEST_ID_HEADER)
    if request_id:
        bind_contextvars(request_id=request_id)


@signals.task_postrun.connect
def _forget_ids(task: Task, **kwargs) -> None:
    if not task.request.is_eager:
        clear_contextvars()


@signals.worker_process_init.connect
def _start_telemetry(**kwargs) -> None:
    from config import telemetry

    telemetry.start()
