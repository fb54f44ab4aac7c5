"""What a reader is told of a post, and the months of the archive."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count
from django.db.models.functions import TruncMonth

from blog.models import Post, PostQuerySet

# Corrections soon after publication are not worth a note.
UPDATE_NOTED_AFTER = timedelta(days=1)
LINE_FIELDS = ("title", "slug", "language", "published_at")


class Month(NamedTuple):
    first_day: datetime  # midnight in the site's zone
    post_count: int


class TocEntry(NamedTuple):
    heading: dict  # level, id, text
    parts: list[dict]


def was_updated(post: Post) -> bool:
    """Whether a reader should be told that the text changed since its publication."""
    return (
        post.published_at is not None and post.updated_at > post.published_at + UPDATE_NOTED_AFTER
    )


def table_of_contents(headings: list[dict]) -> list[TocEntry]:
    """The two upper levels of `headings` as a tree; empty when there are too few to need one."""
    levels = sorted({heading["level"] for heading in headings})[:2]
    shown = [heading for heading in headings if heading["level"] in levels]
    if len(shown) < 3:
        return []
    entries: list[TocEntry] = []
    for heading in shown:
        if heading["level"] == levels[0] or not entries:
            entries.append(TocEntry(heading, []))
        else:
            entries[-1].parts.append(heading)
    return entries


def months(posts: PostQuerySet) -> list[Month]:
    """How many of `posts` each month has, in the site's time zone, newest first. One query."""
    rows = (
        posts.order_by()
        .values(month=TruncMonth("published_at", tzinfo=ZoneInfo(settings.SITE_TIME_ZONE)))
        .annotate(post_count=Count("pk"))
        .order_by("-month")
    )
    return [Month(row["month"], row["post_count"]) for row in rows]


def in_period(posts: PostQuerySet, year: int, month: int | None = None) -> PostQuerySet:
    """Those of `posts` published in a year or month of the site's time zone.

    Raises ValueError for a month or year that no calendar has.
    """
    zone = ZoneInfo(settings.SITE_TIME_ZONE)
    begin = datetime(year, month or 1, 1, tzinfo=zone)
    if month is None or month == 12:
        end = datetime(year + 1, 1, 1, tzinfo=zone)
    else:
        end = datetime(year, month + 1, 1, tzinfo=zone)
    return posts.filter(
        published_at__gte=begin.astimezone(UTC), published_at__lt=end.astimezone(UTC)
    )
