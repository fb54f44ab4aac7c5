"""The work that is done later: how much there is of each kind, and how the queues do.

Rows are the truth. Every model that is a `Work` is found by itself; an app with rows of another
kind registers a function (lib.status). Beat sends a heartbeat through each queue every minute:
what it took from there to a worker is the lag.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.apps import apps
from django.contrib import admin
from django.core.cache import cache
from django.db.models import Count, Min, Q
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from kombu.exceptions import ChannelError, OperationalError
from redis.exceptions import RedisError

from config.celery import QUEUES, app
from events.models.work import Work
from lib import status
from lib.status import WorkCount
from library.models import MAX_TRIES, Image, Video
from library.models.videos import MAX_TRIES as MAX_VIDEO_TRIES

HEARTBEAT_SECONDS = 60
# Two beats missed: either beat or the workers are gone.
SILENCE = timedelta(seconds=3 * HEARTBEAT_SECONDS)
LATE = timedelta(minutes=10)  # work that should have begun so long ago
KEPT_SECONDS = 7 * 86_400


@dataclass(frozen=True)
class QueueState:
    """`messages` and `lag` are None when nobody knows: no broker, no heartbeat yet."""

    name: str
    messages: int | None
    lag: timedelta | None
    seen: datetime | None
    limit: timedelta


def counts() -> dict[str, tuple[str, WorkCount]]:
    """Every kind of work by its name: what people call it, and how much there is."""
    found = {
        model._meta.label_lower: (model._meta.verbose_name_plural, _count(model))
        for model in apps.get_models()
        if issubclass(model, Work) and not model._meta.proxy
    }
    return found | {name: (label, count()) for name, (label, count) in status.work.items()}


def given_up() -> int:
    """How much work of all kinds waits for a person, in one query for each kind."""
    rows = sum(
        model._default_manager.parked().count()
        for model in apps.get_models()
        if issubclass(model, Work) and not model._meta.proxy
    )
    pictures = Image.objects.filter(renditions_at=None, renditions_tries__gte=MAX_TRIES)
    return rows + pictures.count()


def _count(model: type[Work]) -> WorkCount:
    now = timezone.now()
    waiting, parked = Q(state=Work.State.WAITING), Q(state=Work.State.PARKED)
    running = waiting & Q(claimed_until__gt=now)
    row = model._default_manager.filter(waiting | parked).aggregate(
        waiting=Count("pk", filter=waiting),
        running=Count("pk", filter=running),
        failed=Count("pk", filter=waiting & Q(tries__gt=0) & ~Q(claimed_until__gt=now)),
        parked=Count("pk", filter=parked),
    )
    # By its own rule: what waits for something else, or was told to wait, is not late.
    row |= model._default_manager.due(now).aggregate(late_since=Min("due_at"))
    return WorkCount(**row, address=_list_of(model, f"?state__exact={Work.State.PARKED}"))


def count_renditions() -> WorkCount:
    """Images whose smaller copies are still to be made."""
    now = timezone.now()
    open_ = Q(renditions_at=None)
    given_up = open_ & Q(renditions_tries__gte=MAX_TRIES)
    waiting = Image.objects.waiting()
    row = Image.objects.filter(open_).aggregate(
        all=Count("pk"),
        parked=Count("pk", filter=given_up),
        failed=Count("pk", filter=Q(renditions_tries__gt=0) & ~Q(renditions_error="") & ~given_up),
    )
    oldest = waiting.filter(renditions_tries=0).aggregate(oldest=Min("created_at"))["oldest"]
    due = waiting.count()
    return WorkCount(
        waiting=row["all"] - row["parked"],
        running=max(row["all"] - row["parked"] - due - row["failed"], 0),
        failed=row["failed"],
        parked=row["parked"],
        late_since=min(oldest, now) if oldest else None,
        address=_list_of(Image, ""),
    )


def count_videos() -> WorkCount:
    """Videos that are still to be converted."""
    now = timezone.now()
    open_ = Video.objects.filter(made_at=None)
    given_up = open_.filter(tries__gte=MAX_VIDEO_TRIES).count()
    due, waiting = Video.objects.waiting(), open_.filter(tries__lt=MAX_VIDEO_TRIES)
    failed = waiting.exclude(error="").count()
    oldest = due.filter(tries=0).aggregate(oldest=Min("created_at"))["oldest"]
    return WorkCount(
        waiting=waiting.count(),
        running=max(waiting.filter(error="").count() - due.filter(error="").count(), 0),
        failed=failed,
        parked=given_up,
        late_since=min(oldest, now) if oldest else None,
        address=_list_of(Video, "?state=failed"),
    )


def _list_of(model, query: str) -> str:
    if not admin.site.is_registered(model):
        return ""
    try:
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    except NoReverseMatch:
        return ""
    return address + query


# --- the queues -------------------------------------------------------------------------


def keep_heartbeat(queue: str, sent: datetime) -> None:
    """Remember that a worker took a heartbeat that was sent through `queue` at `sent`."""
    now = timezone.now()
    lag = max((now - sent).total_seconds(), 0)
    cache.set(f"heartbeat:{queue}", {"at": now.timestamp(), "lag": lag}, KEPT_SECONDS)


def queues() -> list[QueueState]:
    """Each queue, the most urgent first."""
    lengths = _lengths()
    states = []
    for name, limits in QUEUES.items():
        heartbeat = cache.get(f"heartbeat:{name}")
        states.append(
            QueueState(
                name=name,
                messages=lengths.get(name),
                lag=timedelta(seconds=heartbeat["lag"]) if heartbeat else None,
                seen=datetime.fromtimestamp(heartbeat["at"], UTC) if heartbeat else None,
                limit=timedelta(seconds=limits.hard),
            )
        )
    return states


def last_beat() -> datetime | None:
    """When a worker last heard from beat through any queue; None when nobody knows."""
    return max((state.seen for state in queues_seen() if state.seen), default=None)


def queues_seen() -> list[QueueState]:
    """As `queues`, without asking the broker."""
    return [
        QueueState(name, None, None, datetime.fromtimestamp(beat["at"], UTC), timedelta())
        for name in QUEUES
        if (beat := cache.get(f"heartbeat:{name}"))
    ]


def _lengths() -> dict[str, int]:
    """Messages that wait in each queue; empty when the broker does not answer."""
    found: dict[str, int] = {}
    try:
        with app.connection_for_read(transport_options=_quick()) as connection:
            for name in QUEUES:
                try:
                    declared = connection.default_channel.queue_declare(name, passive=True)
                except ChannelError:
                    found[name] = 0  # nothing was ever sent
                else:
                    found[name] = declared.message_count
    except (OperationalError, RedisError, OSError):
        return {}
    return found


def _quick() -> dict:
    return {**app.conf.broker_transport_options, "socket_connect_timeout": 0.5}


# --- what /readyz says of it ------------------------------------------------------------


def check_beat() -> str:
    """Beat and workers are heard of; "" as well before the first heartbeat."""
    beat = last_beat()
    if beat is None or timezone.now() - beat <= SILENCE:
        return ""
    minutes = int((timezone.now() - beat).total_seconds() // 60)
    return f"No worker has heard from beat for {minutes} minutes."


def check_queue_lag() -> str:
    slow = [state.name for state in queues() if state.lag and state.lag > LATE]
    return f"Messages wait long in: {', '.join(slow)}." if slow else ""


def check_overdue() -> str:
    """The oldest work that should have begun."""
    now = timezone.now()
    late = {
        name: count.lateness(now)
        for name, (_label, count) in counts().items()
        if count.lateness(now) > LATE
    }
    if not late:
        return ""
    name, lateness = max(late.items(), key=lambda item: item[1])
    return f"{name} is {int(lateness.total_seconds() // 60)} minutes late."
