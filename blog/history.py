"""Former texts: what changed from one save to another, and the way back."""

import difflib
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from blog import policy
from blog.models import Category, Content, Post, Revision, Series, Tag
from blog.services import save_content
from library.models import Image

# A restored text is not published, taken down or thrown away by being restored.
STATE_FIELDS = {"status", "published_at", "unpublish_at", "trashed_at"}
LINKS = {"cover_id": Image, "category_id": Category, "series_id": Series}
# difflib compares each line with each: above, the changed part is shown as replaced.
MAX_COMPARED_LINES = 1_500


class Change(NamedTuple):
    """One field that differs between two revisions; `lines` for a text of several lines."""

    field: str
    before: Any
    after: Any
    lines: list[str] | None


def changes(before: Revision, after: Revision) -> list[Change]:
    """The fields that differ, in the order of the snapshot, long texts as a unified diff."""
    found = []
    for field in dict.fromkeys((*after.snapshot, *before.snapshot)):
        old, new = before.snapshot.get(field), after.snapshot.get(field)
        if old == new:
            continue
        if isinstance(old, str) and isinstance(new, str) and ("\n" in old or "\n" in new):
            found.append(Change(field, None, None, diff(old, new)))
        else:
            found.append(Change(field, old, new, None))
    return found


def diff(before: str, after: str) -> list[str]:
    """A unified diff of two texts, without its head. Bounded work whatever the texts."""
    old, new = before.split("\n"), after.split("\n")
    start = _common(old, new)
    end = _common(old[start:][::-1], new[start:][::-1])
    changed = max(len(old), len(new)) - start - end
    if changed > MAX_COMPARED_LINES:
        kept = len(old) - end, len(new) - end
        head = f"@@ -{start + 1},{kept[0] - start} +{start + 1},{kept[1] - start} @@"
        removed = [f"-{line}" for line in old[start : kept[0]]]
        return [head, *removed, *(f"+{line}" for line in new[start : kept[1]])]
    # Only what differs, and three lines around it.
    first = max(0, start - 3)
    last = max(0, end - 3)
    old, new = old[first : len(old) - last], new[first : len(new) - last]
    lines = list(difflib.unified_diff(old, new, lineterm=""))[2:]
    return [_moved(line, first) if line.startswith("@@") else line for line in lines]


@transaction.atomic
def restore_revision(content: Content, revision: Revision, *, by: User) -> Content:
    """Give `content` the text, title, terms and byline that it had in `revision`.

    Its state and times stay as they are. What it was linked with and is gone stays away. Who may
    not name authors leaves the byline as it is.
    Raises ValidationError when it cannot be stored, its address given to something else say.
    """
    content = type(content).objects.select_for_update().get(pk=content.pk)
    policy.require(policy.may_edit(by, content))
    if revision.subject != content:
        raise ValidationError(_("This is a revision of something else."))
    links: dict[str, Any] = {}
    for field, value in revision.snapshot.items():
        if field in STATE_FIELDS:
            continue
        if field == "tags":
            links["tags"] = list(Tag.objects.filter(pk__in=value))
        elif field == "authors":
            links["authors"] = _people(value) if policy.may_name_authors(by) else None
        elif field in LINKS and not LINKS[field].objects.filter(pk=value).exists():
            setattr(content, field, None)
        else:
            setattr(content, field, value)
    if not isinstance(content, Post):
        links = {}
    reason = _("restored revision %(number)d") % {"number": revision.number}
    return save_content(content, by=by, reason=str(reason), **links)


def revisions_of(content: Content) -> models.QuerySet:
    """The history of `content`, newest first, without the texts."""
    return content.revisions.select_related("editor").defer("snapshot").order_by("-number")


def _people(keys: list[int]) -> list[User] | None:
    """The people in this order; None when none of them is left."""
    found = User.objects.in_bulk(keys)
    return [found[key] for key in keys if key in found] or None


def _common(one: list[str], other: list[str]) -> int:
    """How many lines both begin with."""
    for number, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return number
    return min(len(one), len(other))


def _moved(head: str, by: int) -> str:
    """The head of a hunk, with its line numbers counted in the whole text."""
    _at, old, new, _end = head.split(" ")
    return f"@@ -{_shift(old[1:], by)} +{_shift(new[1:], by)} @@"


def _shift(place: str, by: int) -> str:
    line, comma, count = place.partition(",")
    return f"{int(line) + by}{comma}{count}"
