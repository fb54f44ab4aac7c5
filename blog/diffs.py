"""What differs between two states of a post or page, for programs and for people."""

import difflib
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.core.exceptions import FieldDoesNotExist
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import User
from blog.models import Category, Content, Series, Tag
from lib.differences import Kind, Piece, word_diff
from library.models import Image

# Fields of a snapshot that hold keys, and of what.
KEYS_OF = {
    "cover_id": Image,
    "category_id": Category,
    "series_id": Series,
    "tags": Tag,
    "authors": User,
}
CHOICES = ("status", "visibility")
TIMES = ("published_at", "unpublish_at", "trashed_at")
# difflib compares each line with each: above, the changed part is shown as replaced.
MAX_COMPARED_LINES = 1_500
CONTEXT = 3  # unchanged lines shown before and after a change


class Change(NamedTuple):
    """One field that differs: by its two values, or for a text by lines and by words."""

    field: str
    before: Any
    after: Any
    lines: list[str] | None = None
    words: list[Piece] | None = None


class ReadableChange(NamedTuple):
    """A change as a page shows it: its name, and the difference as HTML."""

    label: str
    html: SafeString


def changes(before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    """The fields in which two snapshots differ, in their order; texts of several lines as diffs."""
    found = []
    for field in dict.fromkeys((*after, *before)):
        old, new = before.get(field), after.get(field)
        if old == new:
            continue
        if isinstance(old, str) and isinstance(new, str) and ("\n" in old or "\n" in new):
            found.append(Change(field, None, None, diff(old, new), word_diff(old, new)))
        else:
            found.append(Change(field, old, new))
    return found


def readable_changes(
    before: dict[str, Any], after: dict[str, Any], model: type[Content]
) -> list[ReadableChange]:
    """The same for people: fields and things by their names, texts with what went and came."""
    found = changes(before, after)
    names = _names(found)
    return [ReadableChange(label_of(model, c.field), _shown(model, c, names)) for c in found]


def label_of(model: type[Content], field: str) -> str:
    """What people call `field` of a snapshot."""
    try:
        return str(model._meta.get_field(field.removesuffix("_id")).verbose_name)
    except FieldDoesNotExist:
        return field


def value_of(model: type[Content], field: str, value: Any) -> str:
    """The `value` of a snapshot's `field` in words; nothing for None."""
    return _value(model, field, value, _names([Change(field, value, None)]))


def html_of(pieces: Iterable[Piece], *, whole: bool = False) -> SafeString:
    """A text with what went in `<del>` and what came in `<ins>`, named for who only hears it.

    Long stretches without a change are left out unless `whole`.
    """
    pieces = list(pieces)
    last = len(pieces) - 1
    return format_html_join(
        "", "{}", ((_piece(p, i == 0, i == last, whole),) for i, p in enumerate(pieces))
    )


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


# --- for people -------------------------------------------------------------------------


def _shown(model: type[Content], change: Change, names: dict) -> SafeString:
    if change.words is not None:
        return html_of(change.words)
    old, new = change.before, change.after
    if isinstance(old, str) and isinstance(new, str) and change.field not in (*TIMES, *CHOICES):
        return html_of(word_diff(old, new), whole=True)
    old, new = (_value(model, change.field, value, names) for value in (old, new))
    pieces = [Piece(Kind.REMOVED, old)] if old else []
    return html_of([*pieces, Piece(Kind.SAME, " → "), Piece(Kind.ADDED, new or "–")], whole=True)


def _value(model: type[Content], field: str, value: Any, names: dict) -> str:
    if value is None or value == []:
        return ""
    if field in KEYS_OF:
        keys = value if isinstance(value, list) else [value]
        gone = _("(deleted)")
        return ", ".join(names.get((KEYS_OF[field], key), gone) for key in keys)
    if field in CHOICES:
        return str(dict(model._meta.get_field(field).flatchoices).get(value, value))
    if field in TIMES and (moment := parse_datetime(value)):
        return date_format(timezone.localtime(moment), "DATETIME_FORMAT")
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return str(value)


def _names(found: list[Change]) -> dict[tuple[type, int], str]:
    """What the keys in `found` stand for; a query for each kind of thing."""
    keys: dict[type, set[int]] = {}
    for change in found:
        if change.field in KEYS_OF:
            for value in (change.before, change.after):
                listed = value if isinstance(value, list) else [value]
                keys.setdefault(KEYS_OF[change.field], set()).update(
                    key for key in listed if key is not None
                )
    return {
        (model, thing.pk): str(thing)
        for model, wanted in keys.items()
        for thing in model.objects.filter(pk__in=wanted)
    }


def _piece(piece: Piece, is_first: bool, is_last: bool, whole: bool) -> SafeString:
    if piece.kind == Kind.SAME:
        if whole:
            return format_html("{}", piece.text)
        return _unchanged(piece.text, is_first, is_last)
    # A change of nothing but line breaks would not be seen.
    text = piece.text if piece.text.strip() else piece.text.replace("\n", "¶\n")
    if piece.kind == Kind.REMOVED:
        return format_html(
            '<del><span class="visually-hidden">[{} </span>{}<span class="visually-hidden">]'
            "</span></del>",
            _("removed:"),
            text,
        )
    return format_html(
        '<ins><span class="visually-hidden">[{} </span>{}<span class="visually-hidden">]'
        "</span></ins>",
        _("added:"),
        text,
    )


def _unchanged(text: str, is_first: bool, is_last: bool) -> SafeString:
    """An unchanged stretch, without its middle where that is long."""
    lines = text.split("\n")
    head, tail = (0 if is_first else CONTEXT), (0 if is_last else CONTEXT)
    left_out = len(lines) - head - tail
    if left_out <= CONTEXT:
        return format_html("{}", text)
    note = _("… %d lines that are the same …") % left_out
    start = "\n".join(lines[:head]) + "\n" if head else ""
    end = "\n" + "\n".join(lines[-tail:]) if tail else ""
    return format_html('{}<span class="diff-gap">{}</span>{}', start, note, end)


# --- for programs -----------------------------------------------------------------------


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
