"""What workers do for events. Each is safe to run at any time, any number of times."""

from datetime import datetime

from celery import shared_task

from events import postman, schedule
from events.idempotency import forget_old_answers
from events.placing import catch_up
from events.relay import run_receipts

SECONDS = 45  # of work in one run: less than the minute after which beat sends the next


@shared_task
def relay() -> None:
    """Place new events in the feed and do what their receipts ask for."""
    catch_up()
    run_receipts(SECONDS)


@shared_task
def send_mail(mail_id: int) -> None:
    """Send one message, unless it is sent, in work or given up."""
    postman.send(mail_id)


@shared_task
def forget_answers() -> None:
    """Delete answers to requests that nobody repeats any more."""
    forget_old_answers()


@shared_task
def sweep() -> None:
    """Do what a lost queue, a killed worker or a failed try left: events, receipts, mail."""
    catch_up()
    run_receipts(SECONDS / 2)
    postman.send_due(SECONDS / 2)


@shared_task
def tick() -> None:
    """Queue what the clock says is due. Two clocks that say so at once do no harm."""
    for job, slot in schedule.due():
        task = run_long_job if job.is_long else run_job
        # It is said again in a minute, if nobody began it.
        task.apply_async([job.name, slot.isoformat()], expires=60)


# The limits of the queues they are sent to, not of the one for events.
@shared_task(soft_time_limit=540, time_limit=600)
def run_job(name: str, slot: str) -> None:
    """Run a job for its slot (an ISO time), unless another worker has taken it."""
    schedule.run(name, datetime.fromisoformat(slot))


@shared_task(soft_time_limit=3_300, time_limit=3_500)
def run_long_job(name: str, slot: str) -> None:
    """As `run_job`, for what takes long."""
    schedule.run(name, datetime.fromisoformat(slot))
