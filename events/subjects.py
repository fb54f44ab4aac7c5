"""What events are about, as those may see it who are told.

The app that owns a kind of thing registers here who may see it and how it looks; events alone
know only a type and a key.

An audience is a word: "public", "members" (people with an account), "user:5" (that person), or
one that an app adds, such as "staff". A person belongs to some, a thing is visible to some; what
they share decides.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from django.db import models

PUBLIC, MEMBERS = "public", "members"

Key = tuple[str, str]  # type and id, as an event has them


class ClockEvent(NamedTuple):
    """Something that the clock does without anybody acting: `subject` goes live, say."""

    kind: str
    subject: models.Model
    at: datetime


class Subject(Protocol):
    """What an app says of one type of thing; each method costs a fixed number of queries."""

    def audiences(self, ids: set[str]) -> dict[Key, set[str]]:
        """Who may see these now, and who sees what is shown inside of them (a post's tags)."""

    def objects(self, ids: set[str]) -> dict[str, dict[str, Any]]:
        """How they look, as the API shows them in a list. Visible ones only are asked for."""

    def clock_events(self, after: datetime, until: datetime) -> Iterator[ClockEvent]:
        """What the clock did in that time (`after` excluded, `until` included)."""


_subjects: dict[str, Subject] = {}
# Called with a signed-in user; each gives further audiences the person belongs to.
audience_hooks: list[Callable[[models.Model], set[str]]] = []


def register(subject_type: str, subject: Subject) -> None:
    """Let `subject` speak for things of `subject_type`, such as "blog.post"."""
    _subjects[subject_type] = subject


def types() -> list[str]:
    """All types somebody speaks for: what is in the feed."""
    return list(_subjects)


def subject_of(subject_type: str) -> Subject | None:
    return _subjects.get(subject_type)


def audiences_of(user: Any) -> set[str]:
    """The audiences this person belongs to."""
    if not user.is_authenticated:
        return {PUBLIC}
    audiences = {PUBLIC, MEMBERS, f"user:{user.pk}"}
    for hook in audience_hooks:
        audiences |= hook(user)
    return audiences


def visible_to(keys: Iterable[Key]) -> dict[Key, set[str]]:
    """Who may see each of these things now, and what is shown inside of them."""
    found: dict[Key, set[str]] = {}
    for subject_type, ids in by_type(keys).items():
        for key, audiences in _subjects[subject_type].audiences(ids).items():
            found.setdefault(key, set()).update(audiences)
    return found


def objects_of(keys: Iterable[Key]) -> dict[Key, dict[str, Any]]:
    """How each of these things looks; none for what is gone."""
    return {
        (subject_type, key): row
        for subject_type, ids in by_type(keys).items()
        for key, row in _subjects[subject_type].objects(ids).items()
    }


def by_type(keys: Iterable[Key]) -> dict[str, set[str]]:
    """The keys of those types that somebody speaks for."""
    found: dict[str, set[str]] = {}
    for subject_type, subject_id in keys:
        if subject_type in _subjects:
            found.setdefault(subject_type, set()).add(subject_id)
    return found
