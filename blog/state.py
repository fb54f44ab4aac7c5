"""Whether anything that readers see has changed since somebody looked; one query.

Every change of content records an event in its own transaction, and what the clock changes
happens at stored times. So the newest events and the last such time that has passed say whether
a list made a moment ago is still right: the entity tag of an answer, how long a count may be
kept, and what the response cache may serve follow from them.
"""

import threading
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

from django.conf import settings
from django.db import connection
from django.utils import timezone

from lib.statements import rows_of

# Two transactions may commit in another order than they drew their event's number. The newest
# hundred together tell of a late one too, as long as fewer than that overtook it.
RECENT_EVENTS = 100

_NEWEST = f"SELECT id FROM events_event ORDER BY id DESC LIMIT {RECENT_EVENTS}"  # noqa: S608
_EVENTS = f"(SELECT MAX(id) FROM events_event), (SELECT SUM(id) FROM ({_NEWEST}) newest)"  # noqa: S608
_LIVE = "status = 'published' AND trashed_at IS NULL AND published_at"
_TIMES = ", ".join(
    f"(SELECT {pick}({column}) FROM {table} WHERE {condition} {side} %s)"  # noqa: S608
    for pick, side in (("MAX", "<="), ("MIN", ">"))
    for table in ("blog_post", "blog_page")
    for column, condition in (("published_at", _LIVE), ("unpublish_at", "unpublish_at"))
)
_LAST_EVENT = "(SELECT created_at FROM events_event ORDER BY id DESC LIMIT 1)"
# One look at the index for both.
_QUICK = f"SELECT MAX(id), SUM(id) FROM ({_NEWEST}) newest"  # noqa: S608
# The same as one text, to be read beside rows; see `expected_state`.
_PAIR = "CONCAT(COALESCE(MAX(id), 0), ' ', COALESCE(SUM(id), 0))"
WITNESS = f"(SELECT {_PAIR} FROM ({_NEWEST}) newest)"  # noqa: S608
_WHOLE = f"SELECT {_EVENTS}, {_LAST_EVENT}, {_TIMES}"


class ContentState(NamedTuple):
    """Equal states: the same answers. `next_change` is when the clock will make another one."""

    events: tuple[int, int]
    clock: datetime | None  # the last time at which something appeared or went
    changed_at: datetime | None
    next_change: datetime | None


# The last state that this process saw, so that the times are not asked again.
_seen: ContentState | None = None
# Of each thread: the version of the file in which its connection found which events the newest.
_local = threading.local()


def content_state() -> ContentState:
    """The state of all content now; one query, two when something changed."""
    global _seen
    seen, now = _seen, timezone.now()  # another thread may put a newer one there
    if seen is not None:
        has_passed = seen.next_change is not None and now >= seen.next_change
        if not has_passed and _is_last(seen.events):
            return seen
    with connection.cursor() as cursor:
        cursor.execute(_WHOLE, [connection.ops.adapt_datetimefield_value(now)] * 8)
        newest, together, *times = cursor.fetchone()
    last_event, *times = map(_as_time, times)
    passed, coming = ([time for time in half if time] for half in (times[:4], times[4:]))
    clock = max(passed, default=None)
    state = ContentState(
        _as_events(newest, together),
        clock,
        changed_at=max((time for time in (last_event, clock) if time), default=None),
        next_change=min(coming, default=None),
    )
    # A test rolls its events back, and another then draws the same numbers.
    _seen = state if settings.API_KEEPS_COUNTS else None
    return state


def expected_state() -> ContentState | None:
    """The last state that this process saw, unless the clock has changed it; without asking.

    It is right if `proves` says so of a WITNESS that was read with the rows, in the same
    statement: a round trip less for each answer. None where asking costs next to nothing.
    """
    seen = _seen
    if seen is None or connection.vendor != "postgresql":
        return None
    return None if seen.next_change is not None and timezone.now() >= seen.next_change else seen


def proves(witness: str | None, state: ContentState) -> bool:
    """Whether `witness`, the text of WITNESS, says that `state` was the state."""
    return witness == f"{state.events[0]} {state.events[1]}"


def _is_last(events: tuple[int, int]) -> bool:
    """Whether nothing happened after `events`."""
    version = _version_of_file()
    if version is not None and getattr(_local, "found", None) == (version, events):
        return True
    is_last = _as_events(*rows_of(_QUICK)[0]) == events
    _local.found = (version, events) if is_last else None
    return is_last


def _version_of_file() -> tuple | None:
    """On SQLite something that differs when anybody, or we, wrote to the file; it takes a tenth
    of the time of a query. None where there is no such thing, or while we are about to write."""
    if connection.vendor != "sqlite" or connection.in_atomic_block or not connection.connection:
        return None
    raw = connection.connection
    return id(raw), raw.execute("PRAGMA data_version").fetchone()[0], raw.total_changes


def _as_events(newest: int | None, together: Decimal | int | None) -> tuple[int, int]:
    return newest or 0, int(together or 0)


def _as_time(value: datetime | str | None) -> datetime | None:
    """A time as the driver gives it: SQLite's is in UTC without saying so."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value
