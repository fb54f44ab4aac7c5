"""Giving events their places: an order in which nothing is skipped.

An event gets its id when it is written, and is seen when its transaction commits: an id that a
slow transaction took early appears late, behind a reader who has passed it. So a reader goes by
positions. They are given after the commit, by one process at a time, which holds the lock of the
feed's row until it is done: whoever sees a position also sees all below it. Unlike transaction
numbers they mean the same on SQLite and PostgreSQL, and after a restore.

What the clock does is recorded here, too: a scheduled post goes live without anybody acting.
"""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connection, models, transaction
from django.utils import timezone

from events import subjects
from events.models import Event, Exposure, Feed
from events.recording import write_event

BATCH = 500
# How far we look back behind what is recorded: for a post that was being scheduled while its time
# came, and for hosts whose clocks differ a little.
CLOCK_OVERLAP = timedelta(minutes=5)
CLOCK_STEP = timedelta(minutes=1)  # a mark younger than that is not written anew

# Called with the events that were just placed, in their order, in the same transaction.
placed_hooks: list[Callable[[list[Event]], None]] = []


def catch_up(limit: int | None = None) -> Feed:
    """Record what the clock did, and place up to `limit` events that have no place (all of them
    when None). Returns the feed as it is then.

    Cheap when there is nothing to do; every reader of the feed calls it, so that it is right
    though no worker runs.
    """
    feed = Feed.objects.filter(pk=1).first() or _new_feed()
    now = timezone.now()
    _record_clock_events(feed, now)
    placed = 0
    while (limit is None or placed < limit) and _unplaced().exists():
        count = _place()
        if not count:
            break  # Another process is at it.
        placed += count
    feed.refresh_from_db()
    return feed


def _new_feed() -> Feed:
    """The feed of a new installation, or of one restored without it: positions go on."""
    last = Event.objects.aggregate(last=models.Max("position"))["last"] or 0
    fresh = {"epoch": secrets.token_hex(4), "last_position": last}
    return Feed.objects.get_or_create(pk=1, defaults=fresh)[0]


def _unplaced():
    return Event.objects.filter(position__isnull=True)


@transaction.atomic
def _place() -> int:
    """Give the next events their places; how many. 0 when another process is just doing it."""
    locked = Feed.objects.select_for_update(
        skip_locked=connection.features.has_select_for_update_skip_locked
    )
    feed = locked.filter(pk=1).first()
    if feed is None:
        return 0
    events = list(_unplaced().order_by("id")[:BATCH])
    for position, event in enumerate(events, feed.last_position + 1):
        event.position = position
    Event.objects.bulk_update(events, ["position"], batch_size=200)
    feed.last_position += len(events)
    feed.save(update_fields=["last_position"])
    _expose(events)
    for hook in placed_hooks:
        hook(events)
    return len(events)


def _expose(events: list[Event]) -> None:
    """Remember who can see what these events are about, now that they may be told of it."""
    visible = subjects.visible_to((event.subject_type, event.subject_id) for event in events)
    Exposure.objects.bulk_create(
        [
            Exposure(subject_type=subject_type, subject_id=subject_id, audience=audience)
            for (subject_type, subject_id), audiences in visible.items()
            for audience in sorted(audiences)
        ],
        ignore_conflicts=True,
        batch_size=BATCH,
    )


def _record_clock_events(feed: Feed, now: datetime) -> None:
    after = feed.clock_at - CLOCK_OVERLAP
    happened = {
        _clock_key(event): event
        for subject_type in subjects.types()
        for event in subjects.subject_of(subject_type).clock_events(after, now)
    }
    if happened:
        known = Event.objects.filter(dedupe_key__in=happened)
        for key in known.values_list("dedupe_key", flat=True):
            del happened[key]
    if not happened and now - feed.clock_at < CLOCK_STEP:
        return
    with transaction.atomic():
        for key, event in sorted(happened.items(), key=lambda item: item[1].at):
            at = event.at.isoformat()
            write_event(event.kind, event.subject, payload={"at": at}, dedupe_key=key)
        Feed.objects.filter(pk=1, clock_at__lt=now).update(clock_at=now)


def _clock_key(event: subjects.ClockEvent) -> str:
    subject = event.subject
    return f"{event.kind}:{subject._meta.label_lower}:{subject.pk}:{event.at.isoformat()}"
