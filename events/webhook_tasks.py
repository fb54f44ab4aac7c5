"""What workers do for webhooks. Imported by the app's `ready()`, which makes it known to Celery.

Apart from `events.tasks`: mail is sent from here, and sending mail is a task of that module.
"""

from celery import shared_task

from events import placing, webhooks
from events.models import Event
from events.queueing import nudge_on_commit

SECONDS = 45  # of work in one run: less than the minute after which beat sends the next


@shared_task
def deliver_webhooks() -> None:
    """Make the requests that are due. Safe to run at any time, any number of times."""
    webhooks.deliver_due(SECONDS)


def _plan(events: list[Event]) -> None:
    if events and webhooks.make_deliveries(events):
        nudge_on_commit(deliver_webhooks)


placing.placed_hooks.append(_plan)
