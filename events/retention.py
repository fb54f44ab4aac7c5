"""What is kept for how long.

The feed stays right: of each thing the last event stays for ever, so that a mirror that begins
today learns of everything there is, and one that stopped for a while misses only what was
overtaken. The tombstones of deleted things are kept for a year; a mirror that stopped before is
told to begin anew.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, Max, OuterRef
from django.utils import timezone

from events import subjects
from events.models import Event, Exposure, Feed, Mail, Receipt, WebhookDelivery, Work

KEPT_EVENTS = timedelta(days=90)
KEPT_TOMBSTONES = timedelta(days=365)
KEPT_DONE = timedelta(days=30)  # receipts, deliveries, mails
KEPT_PARKED = timedelta(days=180)
KEPT_WAITING = timedelta(days=30)  # deliveries of an endpoint that stays paused
BATCH = 1_000  # rows of each kind in one run; the next is five minutes later


def clean_up() -> None:
    """Delete what is past its time, a batch of each. Safe to run at any time."""
    now = timezone.now()
    for model in (Receipt, WebhookDelivery, Mail):
        for state, kept in ((Work.State.DONE, KEPT_DONE), (Work.State.PARKED, KEPT_PARKED)):
            _delete(model.objects.filter(state=state, done_at__lt=now - kept))
    _delete(
        WebhookDelivery.objects.waiting().filter(
            endpoint__paused_at__isnull=False, planned_at__lt=now - KEPT_WAITING
        )
    )
    _delete_overtaken(now)
    _delete_tombstones(now)


def _delete(rows) -> int:
    keys = list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])
    return rows.model.objects.filter(pk__in=keys).delete()[0] if keys else 0


def _unneeded():
    """Placed events that nobody has still to be told of, or could want to be."""
    of_event = {"event_id": OuterRef("pk")}
    return Event.objects.filter(
        ~Exists(Receipt.objects.filter(**of_event)),
        ~Exists(WebhookDelivery.objects.filter(**of_event)),
        position__isnull=False,
    )


def _delete_overtaken(now) -> None:
    later = Event.objects.filter(
        subject_type=OuterRef("subject_type"),
        subject_id=OuterRef("subject_id"),
        position__gt=OuterRef("position"),
    )
    _delete(_unneeded().filter(Exists(later), created_at__lt=now - KEPT_EVENTS))


@transaction.atomic
def _delete_tombstones(now) -> None:
    """Forget things that are gone for long, and that anybody ever saw them."""
    old = _unneeded().filter(kind__endswith=".deleted", created_at__lt=now - KEPT_TOMBSTONES)
    events = list(old.order_by("position")[:BATCH])
    if not events:
        return
    keys = {(event.subject_type, event.subject_id) for event in events}
    for subject_type, ids in subjects.by_type(keys).items():
        Exposure.objects.filter(subject_type=subject_type, subject_id__in=ids).delete()
    Event.objects.filter(pk__in=[event.pk for event in events]).delete()
    horizon = max(event.position for event in events)
    feed = Feed.objects.select_for_update().filter(pk=1)
    before = feed.aggregate(Max("horizon"))["horizon__max"] or 0
    feed.update(horizon=max(horizon, before))
