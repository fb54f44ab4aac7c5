"""Front matter values in the many shapes people give them, made into one shape each."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Any
from zoneinfo import ZoneInfo

MAX_LIST = 100  # tags, authors, old addresses of one file; SAFETY's cap on tags

_ISO_LIKE = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"
    r"(?:[T\s]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*([AaPp][Mm])?)?"
    r"\s*(?:(Z|UTC|GMT)|([+-])(\d{2}):?(\d{2})?)?"
)
_ENGLISH_DATES = ("%B %d, %Y", "%b %d, %Y", "%d %B %Y", "%d %b %Y")
_NAME_BREAK = re.compile(r"\s*,\s+and\s+|\s+and\s+|\s+&\s+|\s*,\s*")
_SOFT_BREAK = re.compile(r"\s+and\s+|\s+&\s+")
_PARTICLES = {"al", "bin", "da", "de", "del", "den", "der", "di", "du", "la", "le", "van", "von"}
_TRUE, _FALSE = {"true", "yes", "on", "1"}, {"false", "no", "off", "0"}


def as_text(value: Any) -> str:
    """One line of text from a scalar: spaces at the ends and line breaks gone. "" for the rest."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | date):
        return ""
    return " ".join(str(value).split())


def as_bool(value: Any) -> bool | None:
    """True or False as typed, in words too; None when it says neither."""
    if isinstance(value, bool):
        return value
    word = as_text(value).lower()
    return True if word in _TRUE else False if word in _FALSE else None


def as_int(value: Any) -> int | None:
    """A whole number between 0 and 32,767 (a small integer column), else None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and value.strip().isdecimal():
        value = int(value.strip()[:6])
    return value if isinstance(value, int) and 0 <= value <= 32_767 else None


def as_list(value: Any, *, words: bool = False) -> list[str]:
    """Texts from a list (nested ones flattened), a comma-separated string or a single value.

    `words`: a string without commas is cut at spaces, as Jekyll does. A table in a list counts
    by its `name`. Without repetitions, at most MAX_LIST.
    """
    return list(dict.fromkeys(_flatten(value, words, depth=0)))[:MAX_LIST]


def _flatten(value: Any, words: bool, depth: int) -> Iterable[str]:
    if isinstance(value, dict):
        value = next((value[key] for key in ("name", "title", "slug") if key in value), None)
    if isinstance(value, list):
        for item in value[:MAX_LIST] if depth < 3 else ():
            # Only the outermost string is a list in disguise: ["Doe, Jane"] is one person.
            yield from _flatten(item, False, depth + 1)
        return
    text = as_text(value)
    if depth == 0 and "," in text:
        yield from (part.strip() for part in text.split(",") if part.strip())
    elif depth == 0 and words:
        yield from text.split()
    elif text:
        yield text


def as_people(value: Any) -> list[str]:
    """The names in an author key: a string, a list, tables with a `name`.

    "A One and B Two" and "A One, B Two, and C Three" are several people; "Jane Roe, Director of
    Things" is one: a part that is no name keeps the whole together.
    """
    items = value if isinstance(value, list) else [value]
    people: list[str] = []
    for item in items[:MAX_LIST]:
        if isinstance(item, dict):
            item = item.get("name") or item.get("title")
        text = as_text(item)
        parts = _NAME_BREAK.split(text)
        if len(parts) > 1 and not all(map(_looks_like_a_name, parts)):
            parts = _SOFT_BREAK.split(text)
            if not all(map(_looks_like_a_name, parts)):
                parts = [text]
        people.extend(part for part in parts if part)
    return list(dict.fromkeys(people))[:MAX_LIST]


def _looks_like_a_name(part: str) -> bool:
    words = part.split()
    if len(words) == 1:  # a handle such as davidtwco or @mark-i-m
        return part.startswith("@") or part == part.lower()
    if words[0] == "The" or len(words) > 4:
        return False
    return all(not word[0].islower() or word in _PARTICLES or "'" in word[:3] for word in words)


def as_moment(value: Any, zone: ZoneInfo) -> datetime:
    """A date or time as an aware UTC datetime; one without an offset is a time in `zone`.

    Takes TOML dates and texts: ISO 8601 with the liberties people take (single digits, a slash, a
    space before the offset, full-width colons), RFC 2822 and "May 1, 2020". A date alone is
    midnight. Raises ValueError with a sentence.
    """
    if isinstance(value, datetime):
        moment = value
    elif isinstance(value, date):
        moment = datetime.combine(value, time())
    else:
        moment = _moment_from_text(as_text(value))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{value} is no usable date.") from error


def _moment_from_text(text: str) -> datetime:
    plain = unicodedata.normalize("NFKC", text)
    match = _ISO_LIKE.fullmatch(plain)
    try:
        if match:
            return _moment_from_match(match)
        for form in _ENGLISH_DATES:
            try:
                return datetime.strptime(plain, form)
            except ValueError:
                continue
        return parsedate_to_datetime(plain)
    except (ValueError, TypeError, IndexError, OverflowError) as error:
        raise ValueError(f"“{text[:60]}” is no date.") from error


def _moment_from_match(match: re.Match[str]) -> datetime:
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    if match[7]:
        hour = hour % 12 + (12 if match[7].lower() == "pm" else 0)
    moment = datetime(year, month, day, hour, minute, second)
    if match[8]:
        return moment.replace(tzinfo=UTC)
    if match[9]:
        offset = timedelta(hours=int(match[10]), minutes=int(match[11] or 0))
        return moment.replace(tzinfo=timezone(-offset if match[9] == "-" else offset))
    return moment
