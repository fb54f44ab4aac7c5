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
from django.db import connection, connections
from django.utils import timezone

from blog.working import publish_due
from lib.statements import rows_of

# Two transactions may commit in another order than they drew their event's number. The newest
# hundred together tell of a late one too, as long as fewer than that overtook it.
RECENT_EVENTS = 100

_NEWEST = f"SELECT id FROM events_event ORDER BY id DESC LIMIT {RECENT_EVENTS}"  # noqa: S608 (names of our own)
_EVENTS = f"(SELECT MAX(id) FROM events_event), (SELECT SUM(id) FROM ({_NEWEST}) newest)"  # noqa: S608 (names of our own)
_LIVE = "status = 'published' AND trashed_at IS NULL AND published_at"
_TIMES = ", ".join(
    f"(SELECT {pick}({column}) FROM {table} WHERE {condition} {side} %s)"  # noqa: S608 (names of our own)
    for pick, side in (("MAX", "<="), ("MIN", ">"))
    for table in ("blog_post", "blog_page")
    for column, condition in (("published_at", _LIVE), ("unpublish_at", "unpublish_at"))
)
_LAST_EVENT = "(SELECT created_at FROM events_event ORDER BY id DESC LIMIT 1)"
# Changes to what is live record no event before they are published: their times are asked anew.
_DUE = "SELECT MIN(publish_at) FROM blog_workingrevision WHERE publish_at IS NOT NULL"
# One look at the index for both.
_QUICK = f"SELECT MAX(id), SUM(id), ({_DUE}) FROM ({_NEWEST}) newest"  # noqa: S608 (names of our own)
# The same as one text, to be read beside rows; see `expected_state`.
_DUE_IN_SECONDS = f"SELECT EXTRACT(EPOCH FROM ({_DUE}))"  # noqa: S608 (names of our own)
_TEXT = f"CONCAT(COALESCE(MAX(id), 0), ' ', COALESCE(SUM(id), 0), ' ', ({_DUE_IN_SECONDS}))"
WITNESS = f"(SELECT {_TEXT} FROM ({_NEWEST}) newest)"  # noqa: S608 (names of our own)
_WHOLE = f"SELECT {_EVENTS}, ({_DUE}), {_LAST_EVENT}, {_TIMES}"


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
    """The state of all content now; one query, two when something changed.

    Changes whose time has come are published first: no answer is made from what was before.
    """
    state, due_at = _look()
    if due_at is not None and due_at <= timezone.now() and publish_due():
        state, due_at = _look()
    return state


def _look() -> tuple[ContentState, datetime | None]:
    """The state, and when the next changes to something live are to be published."""
    global _seen
    seen, now = _seen, timezone.now()  # another thread may put a newer one there
    if seen is not None and (seen.next_change is None or now < seen.next_change):
        is_last, due_at = _newest(seen.events)
        if is_last:
            return seen, due_at
    with connection.cursor() as cursor:
        cursor.execute(_WHOLE, [connection.ops.adapt_datetimefield_value(now)] * 8)
        newest, together, *times = cursor.fetchone()
    due_at, last_event, *times = map(_as_time, times)
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
    return state, due_at


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
    """Whether `witness`, the text of WITNESS, says that `state` was the state, and that no
    changes wait whose time has come."""
    events, _space, due_at = (witness or "").rpartition(" ")
    if due_at and float(due_at) <= timezone.now().timestamp():
        return False
    return events == f"{state.events[0]} {state.events[1]}"


def _newest(events: tuple[int, int]) -> tuple[bool, datetime | None]:
    """Whether nothing happened after `events`, and when the next changes are to be published."""
    version = _version_of_file()
    found = getattr(_local, "found", None)
    if version is not None and found is not None and found[:2] == (version, events):
        return True, found[2]
    *newest, due_at = rows_of(_QUICK)[0]
    is_last, due_at = _as_events(*newest) == events, _as_time(due_at)
    _local.found = (version, events, due_at) if is_last else None
    return is_last, due_at


def _version_of_file() -> tuple | None:
    """On SQLite something that differs when anybody, or we, wrote to the file; it takes a tenth
    of the time of a query. None where there is no such thing, or while we are about to write."""
    wrapper = connections["default"]  # looked up once: it takes longer than what it is asked
    if wrapper.vendor != "sqlite" or wrapper.in_atomic_block or not wrapper.connection:
        return None
    raw = wrapper.connection
    return id(raw), raw.execute("PRAGMA data_version").fetchone()[0], raw.total_changes


def _as_events(newest: int | None, together: Decimal | int | None) -> tuple[int, int]:
    return newest or 0, int(together or 0)


def _as_time(value: datetime | str | None) -> datetime | None:
    """A time as the driver gives it: SQLite's is in UTC without saying so."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value
