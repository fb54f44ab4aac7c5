"""Reading the event feed: what changed since a cursor, for one reader.

An entry says how something looks now, or that it is gone; what happened in between does not
matter to a mirror, so of several events of one thing a page tells the last. A reader is told of
nothing they could not see: what was never shown to their audiences is not even told as gone.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

from events import subjects
from events.models import Event, Exposure, Feed
from events.placing import catch_up
from events.subjects import Key

MAX_CATCH_UP = 2_000  # events that one reader places before being answered


class BadCursor(ValueError):
    """This was never a cursor of ours."""


class CursorGone(Exception):
    """The reader must begin anew, without what it has."""


@dataclass(frozen=True)
class Page:
    entries: list[dict[str, Any]]
    cursor: str  # to ask with for what comes after
    has_more: bool


def read(user: Any, *, after: str = "", limit: int = 50) -> Page:
    """The changes after the cursor `after` (from the beginning when ""), of up to `limit` events.

    Raises BadCursor for what is none, CursorGone when what came after it cannot be told any more:
    the feed was made anew, the reader may see other things than before, or it stayed away for
    longer than tombstones are kept.
    """
    audiences = subjects.audiences_of(user)
    feed = catch_up(MAX_CATCH_UP)
    position = _position(after, feed, audiences) if after else 0
    rows = Event.objects.filter(
        position__gt=position, position__lte=feed.last_position, subject_type__in=subjects.types()
    ).order_by("position")
    events = list(rows.only("position", "subject_type", "subject_id", "created_at")[: limit + 1])
    has_more, events = len(events) > limit, events[:limit]
    end = events[-1].position if has_more else feed.last_position
    return Page(_entries(events, audiences), _cursor(end, feed, audiences), has_more)


def _entries(events: list[Event], audiences: set[str]) -> list[dict[str, Any]]:
    last = {(event.subject_type, event.subject_id): event for event in events}
    told = _told(last, audiences)
    # Only what was shown before counts as visible: what became so this very moment has its own
    # event, which a tombstone can follow.
    seen_by = subjects.visible_to(told)
    visible = {key for key in told if seen_by.get(key, set()) & audiences}
    looks = subjects.objects_of(visible)
    return [
        {
            "type": key[0].rpartition(".")[2],
            "id": key[1],
            "change": "upsert" if key in looks else "delete",
            "time": event.created_at,
            "object": looks.get(key),
        }
        for key, event in sorted(last.items(), key=lambda item: item[1].position)
        if key in told
    ]


def _told(keys: dict[Key, Event], audiences: set[str]) -> set[Key]:
    """Which of these were ever shown to one of the audiences."""
    shown = Exposure.objects.filter(
        subject_type__in={key[0] for key in keys},
        subject_id__in={key[1] for key in keys},
        audience__in=audiences,
    )
    return set(shown.values_list("subject_type", "subject_id")) & keys.keys()


# --- cursors ----------------------------------------------------------------------------


def _cursor(position: int, feed: Feed, audiences: set[str]) -> str:
    return f"{feed.epoch}-{_digest(audiences)}-{position}"


def _digest(audiences: set[str]) -> str:
    return hashlib.sha256(" ".join(sorted(audiences)).encode()).hexdigest()[:8]


def _position(cursor: str, feed: Feed, audiences: set[str]) -> int:
    epoch, _, rest = cursor.partition("-")
    digest, _, number = rest.partition("-")
    if not (epoch and digest and number.isascii() and number.isdigit() and len(number) <= 18):
        raise BadCursor("This is no cursor of this feed.")
    position = int(number)
    if epoch != feed.epoch or digest != _digest(audiences) or position > feed.last_position:
        raise CursorGone
    if 0 < position < feed.horizon:
        raise CursorGone
    return position
