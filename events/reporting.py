"""What the daily report tells: each app registers the lines that it can count.

    reporting.register(Line("posts", _("Posts published"), count_posts, list_posts))

in `AppConfig.ready()`. The app `insights` makes the report of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise

Detail = tuple[str, str]  # what, and the path on the site that shows it ("" for none)
MAX_DETAILS = 20  # of one line


@dataclass(frozen=True)
class Line:
    """One number of a report, of the time from `since` until before `until`."""

    key: str  # kept in the reports for ever
    label: str | Promise
    count: Callable[[datetime, datetime], int]
    # Up to MAX_DETAILS of what was counted.
    details: Callable[[datetime, datetime], list[Detail]] | None = None
    # Something that a person must look at, unless it is 0.
    is_failure: bool = False


_lines: dict[str, Line] = {}


def register(line: Line) -> None:
    """Add a line to all reports to come. Registering a key again replaces it."""
    _lines[line.key] = line


def unregister(key: str) -> None:
    """Forget a line; for tests."""
    _lines.pop(key, None)


def lines() -> list[Line]:
    """All lines: what happened, then what failed; each in the order it was registered."""
    return sorted(_lines.values(), key=lambda line: line.is_failure)


def label_of(key: str) -> str | Promise:
    """The label of a line; the key itself when no app has it any more."""
    return _lines[key].label if key in _lines else key
