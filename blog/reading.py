"""What surrounds a post for its reader: its neighbours, its series, its months."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, F, Q
from django.db.models.functions import TruncMonth

from blog.models import Post, PostQuerySet

# Corrections soon after publication are not worth a note.
UPDATE_NOTED_AFTER = timedelta(days=1)
MAX_SERIES_PARTS = 100  # shown beside a post; the page of the series has them all
LINE_FIELDS = ("title", "slug", "language", "published_at")


class Neighbours(NamedTuple):
    newer: Post | None
    older: Post | None


class Month(NamedTuple):
    first_day: datetime  # midnight in the site's zone
    post_count: int


class TocEntry(NamedTuple):
    heading: dict  # level, id, text
    parts: list[dict]


def neighbours(post: Post, user) -> Neighbours:
    """The posts before and after `post` among those listed for `user`; two index queries."""
    if post.published_at is None:
        return Neighbours(None, None)
    at, pk = post.published_at, post.pk
    posts = Post.objects.listed_for(user).only(*LINE_FIELDS)
    # The first condition alone can use the index; the second breaks ties.
    older = posts.filter(published_at__lte=at).filter(Q(published_at__lt=at) | Q(pk__lt=pk))
    newer = posts.filter(published_at__gte=at).filter(Q(published_at__gt=at) | Q(pk__gt=pk))
    return Neighbours(
        newer=newer.order_by("published_at", "pk").first(), older=older.newest_first().first()
    )


def in_reading_order(posts: PostQuerySet) -> PostQuerySet:
    """The parts of a series: by number, then by date."""
    return posts.order_by(F("series_part").asc(nulls_last=True), "published_at", "pk")


def series_parts(post: Post, user) -> list[Post]:
    """The parts of the series of `post` that are listed for `user`; empty when it has none."""
    if post.series_id is None:
        return []
    parts = Post.objects.listed_for(user).filter(series=post.series_id)
    return list(in_reading_order(parts).only(*LINE_FIELDS, "series_part")[:MAX_SERIES_PARTS])


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
