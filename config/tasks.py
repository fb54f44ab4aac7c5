"""What beat asks of every queue."""

from datetime import UTC, datetime

from celery import shared_task

from config.celery import QUEUES
from config.work import HEARTBEAT_SECONDS, keep_heartbeat


@shared_task
def send_heartbeats() -> None:
    """Send a message through each queue, to see how long it takes."""
    now = datetime.now(UTC).timestamp()
    for name in QUEUES:
        heartbeat.apply_async((name, now), queue=name, expires=10 * HEARTBEAT_SECONDS)


@shared_task
def heartbeat(queue: str, sent: float) -> None:
    """Keep how long the message from `sent` (seconds since 1970) took through `queue`."""
    keep_heartbeat(queue, datetime.fromtimestamp(sent, UTC))
