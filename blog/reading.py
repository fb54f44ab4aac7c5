"""What a reader is told of a post, and the months of the archive."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.db.models import Subquery

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
    """How many of `posts` each month has, in the site's time zone, newest first. Two queries.

    The counts are read from ranges of an index: SQLite knows no time zones, and finding the month
    of each of 100,000 posts takes it ten times as long.
    """
    moments = posts.order_by("published_at").values("published_at")
    newest = Subquery(moments.reverse()[:1])
    ends = moments.annotate(newest=newest).values_list("published_at", "newest").first()
    if ends is None:
        return []
    oldest, newest_at = ends
    zone = ZoneInfo(settings.SITE_TIME_ZONE)
    begin = oldest.astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    firsts = [begin]
    while firsts[-1] <= newest_at:
        firsts.append(_month_after(firsts[-1]))
    counts = [*zip(firsts, _counts_between(posts, firsts), strict=False)]
    return [Month(first, count) for first, count in reversed(counts) if count]


def _counts_between(posts: PostQuerySet, moments: list[datetime]) -> list[int]:
    """How many of `posts` were published from each of `moments` (in order) to the next."""
    adapt = connection.ops.adapt_datetimefield_value
    ends = [adapt(moment.astimezone(UTC)) for moment in moments]
    published, params = posts.order_by().values("published_at").query.sql_with_params()
    rows = ", ".join(["(%s, %s, %s)"] * (len(ends) - 1))
    before_end = "post.published_at < stretch.ends_at"
    if connection.vendor == "sqlite":
        # Or it takes "not after now" for the end of each stretch, and reads most posts many times.
        before_end = f"LIKELIHOOD({before_end}, 0.001)"
    # Names and values of our own.
    sql = f"""
    WITH stretch (number, starts_at, ends_at) AS (VALUES {rows})
    SELECT stretch.number, COUNT(*) FROM stretch JOIN ({published}) post
    ON post.published_at >= stretch.starts_at AND {before_end}
    GROUP BY stretch.number
    """  # noqa: S608 (names of our own)
    given = [value for number, pair in enumerate(pairwise(ends)) for value in (number, *pair)]
    with connection.cursor() as cursor:
        cursor.execute(sql, [*given, *params])
        counts = dict(cursor.fetchall())
    return [counts.get(number, 0) for number in range(len(ends) - 1)]


def _month_after(first: datetime) -> datetime:
    if first.month == 12:
        return first.replace(year=first.year + 1, month=1)
    return first.replace(month=first.month + 1)


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
