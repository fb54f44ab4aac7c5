"""Which texts have changed, so that what was made of one outlives the changes of others.

The state of all content (blog.state) says that something changed. The events say what: those of
a post or a page concern what is shown of it alone; any other may concern every text, such as that
of a category, a person, an image or the site.
"""

from dataclasses import dataclass, field
from itertools import count
from typing import NamedTuple

from blog.models import Content, Page, Post
from blog.state import RECENT_EVENTS, ContentState
from lib.statements import rows_of

TEXTS = {model._meta.label_lower: model for model in (Post, Page)}
MAX_CHANGED = 1_000  # texts that are told apart; beyond, all are taken to have changed

_NEWEST = (
    "SELECT id, subject_type, subject_id FROM events_event"  # noqa: S608 (names of our own)
    f" ORDER BY id DESC LIMIT {RECENT_EVENTS}"
)
_number = count(1)


class Version(NamedTuple):
    """Of a text, in this process. Two equal ones: nothing was told meanwhile that could change
    what is shown of the text alone. What others say of it, and where it is listed, may differ."""

    model: type[Content]
    key: int
    shared: int
    own: int


@dataclass(frozen=True)
class Versions:
    """Of all texts, in the state of content in which these were the newest `events`."""

    events: tuple[int, int]
    seen: frozenset[int] = frozenset()
    shared: int = 0
    changed: dict[tuple[type[Content], int], int] = field(default_factory=dict)

    def of(self, model: type[Content], key: int) -> Version:
        return Version(model, key, self.shared, self.changed.get((model, key), 0))


_last: Versions | None = None


def versions_in(state: ContentState) -> Versions:
    """The versions in `state`, which was read a moment ago; one query when it is a new one.

    To be asked before what is shown is read, as the state itself: then nothing older than its
    version is ever kept under it.
    """
    global _last
    last = _last  # another thread may put a newer one there
    if last is None or last.events != state.events:
        _last = last = _after(last, state)
    return last


def _after(last: Versions | None, state: ContentState) -> Versions:
    rows = rows_of(_NEWEST)
    seen = frozenset(number for number, _, _ in rows)
    # Without the last one that was seen there may have been others between.
    if last is None or not last.seen or max(last.seen) not in seen:
        return Versions(state.events, seen, next(_number))
    shared, changed = last.shared, dict(last.changed)
    for number, subject_type, subject_id in rows:
        if number in last.seen:
            continue
        model = TEXTS.get(subject_type)
        if model is None or len(changed) >= MAX_CHANGED:
            return Versions(state.events, seen, next(_number))
        changed[model, int(subject_id)] = next(_number)
    return Versions(state.events, seen, shared, changed)
