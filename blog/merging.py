"""Two people save the same thing: what does not overlap becomes one, the rest is asked.

Both sides are compared with the revision that the later one started from. A text is merged by
lines and words, tags one by one; any other field goes to the side that changed it.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db import models
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from blog import policy
from blog.history import LINKS, people
from blog.models import Content, Revision, Tag, WorkingSave
from blog.services import StaleVersion
from lib.merge3 import Conflict, merge_texts

TEXTS = ("body", "excerpt", "corrections")
TIMES = ("published_at", "unpublish_at")
# A state changes by its own functions, and never by a merge.
STATE = ("status", "trashed_at")


class Overlap(NamedTuple):
    """A field that both sides changed, each in its own way; for a text the stretches of it."""

    field: str
    base: Any
    mine: Any
    theirs: Any
    parts: list[Conflict]


class Merge(NamedTuple):
    """The merged fields (where both sides changed one: mine) and what was undecided."""

    values: dict[str, Any]
    overlaps: list[Overlap]


class MergeConflict(StaleVersion):
    """Both sides changed the same, or its state is another one: a person has to look.

    `theirs` is the other side. The next attempt goes on `from_version` of the row, and from the
    save `from_number` of the changes beside it (0: there are none).
    """

    def __init__(
        self,
        merge: Merge,
        base: Revision | WorkingSave,
        *,
        theirs: dict[str, Any],
        from_version: int,
        from_number: int = 0,
        state_changed: bool = False,
    ) -> None:
        super().__init__(_("Somebody else has saved this since you opened it."))
        self.merge, self.base, self.state_changed = merge, base, state_changed
        self.theirs = theirs
        self.from_version, self.from_number = from_version, from_number


def merge_into(stored: Content, mine: dict[str, Any], started_from: int) -> Merge:
    """The fields `mine` (as in a snapshot) of who started from an older version, merged with
    what is stored now.

    Raises MergeConflict when that needs a decision, StaleVersion when nobody knows the version.
    """
    base = stored.revisions.filter(number=started_from).first()
    if base is None:
        raise StaleVersion(_("Somebody else has saved this since you opened it."))
    theirs = stored.snapshot()
    merge = merge_snapshots(base.snapshot, mine, theirs)
    state_changed = any(base.snapshot[name] != theirs[name] for name in STATE)
    if merge.overlaps or state_changed:
        sides = {"theirs": theirs, "from_version": stored.version}
        raise MergeConflict(merge, base, **sides, state_changed=state_changed)
    return merge


def merge_snapshots(base: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any]) -> Merge:
    """`mine`, which may be some fields only, and `theirs`, both made from `base`, in one."""
    values, overlaps = {}, []
    for field in mine.keys() - set(STATE):
        was, yours, other = (side.get(field) for side in (base, mine, theirs))
        parts: list[Conflict] = []
        if _same(field, yours, was):
            values[field] = other
        elif _same(field, yours, other) or _same(field, other, was):
            values[field] = yours
        elif field == "tags":
            removed = (set(was or ()) - set(yours)) | (set(was or ()) - set(other))
            values[field] = sorted((set(yours) | set(other)) - removed)
        elif field in TEXTS:
            merged = merge_texts(was or "", yours, other)
            values[field], parts = merged.with_mine, merged.conflicts
            if parts:
                overlaps.append(Overlap(field, was, yours, other, parts))
        else:
            values[field] = yours
            overlaps.append(Overlap(field, was, yours, other, parts))
    order = list(theirs)
    overlaps.sort(key=lambda overlap: order.index(overlap.field))
    return Merge(values, overlaps)


def sent_values(content: Content, links: dict[str, Any]) -> dict[str, Any]:
    """The snapshot of a filled-in `content` and the `links` that go with it. A byline that was
    not sent is not in it."""
    values = content.snapshot()
    if "tags" in links:
        values["tags"] = sorted(tag.pk for tag in links["tags"])
    values.pop("authors", None)
    if links.get("authors"):
        values["authors"] = [user.pk for user in links["authors"]]
    return values


def as_snapshot(given: dict[str, Any]) -> dict[str, Any]:
    """Python values of fields, by name, as a snapshot has them."""
    values = {}
    for name, value in given.items():
        if f"{name}_id" in LINKS:
            values[f"{name}_id"] = value.pk if value is not None else None
        elif name == "tags":
            values[name] = sorted(tag.pk for tag in value)
        elif name == "authors":
            values[name] = [user.pk for user in value]
        elif isinstance(value, datetime):
            values[name] = value.astimezone(UTC).isoformat()
        else:
            values[name] = value
    return values


def from_snapshot(values: dict[str, Any], *, by: User | None) -> dict[str, Any]:
    """The same way back. Who may not name authors leaves the byline as it is; with `by=None`
    somebody has asked already."""
    given: dict[str, Any] = {}
    for field, value in values.items():
        if field == "tags":
            given[field] = list(Tag.objects.filter(pk__in=value))
        elif field == "authors":
            if (by is None or policy.may_name_authors(by)) and (found := people(value)):
                given[field] = found
        elif field in LINKS and not _exists(LINKS[field], value):
            given[field] = None
        elif field in TIMES and isinstance(value, str):
            given[field] = parse_datetime(value)
        else:
            given[field] = value
    return given


def editors_between(content: Content, first: int, last: int) -> Iterable[str]:
    """The names of who saved after version `first`, up to `last`."""
    saved = content.revisions.filter(number__gt=first, number__lte=last, editor__isnull=False)
    names = (revision.editor.name for revision in saved.select_related("editor").defer("snapshot"))
    return list(dict.fromkeys(names))


def _exists(model: type[models.Model], key: int | None) -> bool:
    return key is not None and model.objects.filter(pk=key).exists()


def _same(field: str, one: Any, other: Any) -> bool:
    if field in TIMES and one and other:
        return parse_datetime(one) == parse_datetime(other)
    return one == other
