"""Jobs that the clock starts, each once per slot, however many clocks there are.

An app registers its job in `AppConfig.ready()`:

    schedule.register("daily_report", _("Daily report"), daily_at(8), make_report)

Beat sends `events.tasks.tick` every minute. It asks of each job which slot came last, and queues
it when nobody has taken that slot: a slot that passed while everything was down is made up for
when it is up again, once. A job that is new begins with its next slot.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise

from events.models import ScheduledJob

logger = logging.getLogger(__name__)

Slots = Callable[[datetime], datetime]
# Longer than the hard time limits of the tasks that run jobs.
LEASE = timedelta(minutes=15)
LONG_LEASE = timedelta(minutes=65)
GRACE = timedelta(minutes=15)  # after which a slot that nobody finished is overdue


@dataclass(frozen=True)
class Job:
    name: str
    title: str | Promise
    latest: Slots
    run: Callable[[datetime], None]  # gets the slot
    # It may take an hour, and runs where others wait for their turn.
    is_long: bool = False

    @property
    def lease(self) -> timedelta:
        """Who holds the job for longer was killed."""
        return LONG_LEASE if self.is_long else LEASE


_jobs: dict[str, Job] = {}


def register(
    name: str,
    title: str | Promise,
    slots: Slots,
    run: Callable[[datetime], None],
    *,
    is_long: bool = False,
) -> None:
    """Have `run(slot)` called once for each slot of `slots`. It must be safe to run twice.

    `name` is its row's for ever. Registering a name again replaces the job.
    """
    _jobs[name] = Job(name, title, slots, run, is_long)


def unregister(name: str) -> None:
    """Forget a job; for tests."""
    _jobs.pop(name, None)


def jobs() -> list[Job]:
    """All jobs, in the order they were registered."""
    return list(_jobs.values())


def every(seconds: int) -> Slots:
    """Slots at full multiples of `seconds`."""
    return lambda now: datetime.fromtimestamp(now.timestamp() // seconds * seconds, UTC)


def daily_at(hour: int, minute: int = 0, *, weekday: int | None = None) -> Slots:
    """Slots at that time of the site's zone, on every day or one weekday (0 is Monday).

    Daylight saving changes nothing: each day has one. A time that a day leaves out comes an hour
    later, one that it has twice comes the first time.
    """

    def latest(now: datetime) -> datetime:
        zone = ZoneInfo(settings.SITE_TIME_ZONE)
        day = now.astimezone(zone).date() + timedelta(days=1)
        while True:
            day -= timedelta(days=1)
            slot = datetime.combine(day, time(hour, minute), zone).astimezone(UTC)
            if slot <= now and weekday in (None, day.weekday()):
                return slot

    return latest


def due(now: datetime | None = None) -> list[tuple[Job, datetime]]:
    """What somebody should run now, with its slot."""
    now = now or timezone.now()
    rows = {row.name: row for row in ScheduledJob.objects.filter(name__in=_jobs)}
    found = []
    for job in jobs():
        slot = job.latest(now)
        row = rows.get(job.name)
        if row is None:
            # New here: what its slots before were, nobody knows.
            ScheduledJob.objects.get_or_create(
                name=job.name, defaults={"slot": slot, "ended_at": now}
            )
        elif row.slot < slot or (row.ended_at is None and row.claimed_until <= now):
            found.append((job, max(slot, row.slot)))
    return found


def run(name: str, slot: datetime) -> bool:
    """Run one job for `slot`, unless another has taken that. Whether it was run and did well."""
    job = _jobs.get(name)
    row = ScheduledJob.objects.take(name, slot, job.lease) if job else None
    if row is None:
        return False
    try:
        job.run(slot)
    except Exception as error:
        # Whatever it was: the row says it, the doctor and the desk show it, another try follows.
        logger.exception("The job %s failed", name)
        row.fail(error)
        return False
    row.finish()
    return True


@dataclass(frozen=True)
class Overdue:
    """A job that should have been done, and why it is not."""

    job: Job
    slot: datetime
    reason: str


def overdue(now: datetime | None = None) -> list[Overdue]:
    """Jobs that are late by more than GRACE, or whose last run failed for good."""
    now = now or timezone.now()
    rows = {row.name: row for row in ScheduledJob.objects.filter(name__in=_jobs)}
    found = []
    for job in jobs():
        row = rows.get(job.name)
        if row is None:
            continue
        slot = job.latest(now - GRACE)
        if row.slot < slot:
            found.append(Overdue(job, slot, "nobody ran it"))
        elif row.error:
            found.append(Overdue(job, row.slot, row.error))
        elif row.ended_at is None and row.claimed_until <= now:
            found.append(Overdue(job, row.slot, "its worker died"))
    return found
