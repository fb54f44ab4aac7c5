"""What else a reader of a post may want: its neighbours, its series, posts like it; one query.

A post is like another when they share tags, the category or words of the title. What the series
box and the links to the neighbours show already is left out. Candidates are the newest few under
each tag and in the category, so that a tag of fifty thousand posts costs no more than a small one.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import F, Q
from django.db.models.expressions import RawSQL
from django.urls import reverse
from django.utils import timezone

from blog.models import Post, PostQuerySet

MAX_SERIES_PARTS = 100  # shown beside a post; the page of the series has them all
MAX_RELATED = 3
# How many posts are looked at: the newest under each of the first tags, and in the category.
CANDIDATES = 12
TAGS_LOOKED_AT = 8
# What sharing counts. A tag under which there is little says more than one under which all is.
RARE_TAG, COMMON_TAG, CATEGORY, WORD = 4, 2, 2, 1
MAX_WORDS = 2  # that count: titles of a kind repeat themselves
_WORD = re.compile(r"[^\W\d_]{4,}|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2}")
_COLUMNS = ("id", "title", "slug", "language", "published_at", "category_id", "series_part")

# Stand for what differs from post to post while a statement is made; no row has these.
_NOW = datetime(1, 2, 3, 4, 5, 6, 789, tzinfo=UTC)
_FIRST = -(2**62)
_STANDS_FOR = SimpleNamespace(
    published_at=datetime(1, 2, 3, 4, 5, 6, 987, tzinfo=UTC),
    language="zxx-x-stands-for",
    pk=_FIRST,
    series_id=_FIRST + 1,
    category_id=_FIRST + 2,
)
_TAGS = tuple(_FIRST + 3 + place for place in range(TAGS_LOOKED_AT))


class Other(NamedTuple):
    """Another post, as far as a link to it needs; a model for each would take most of the time."""

    pk: int
    title: str
    slug: str
    language: str
    published_at: Any  # as the driver gives it; good for sorting
    category_id: int | None
    series_part: int | None

    def get_absolute_url(self) -> str:
        return reverse("blog:post_detail", args=[self.slug])


class Related(NamedTuple):
    """A post like the one that is read, and what they share, in words."""

    post: Other
    reasons: list[str]


@dataclass
class Around:
    post: Post
    newer: Other | None = None
    older: Other | None = None
    series_parts: list[Other] = field(default_factory=list)
    related: list[Related] = field(default_factory=list)


class _Candidate(NamedTuple):
    post: Other
    tags: set[int]


def around(post: Post, user) -> Around:
    """What is listed for `user` around `post`, whose tags have been fetched."""
    tags = {tag.pk: tag.name for tag in list(post.tags.all())[:TAGS_LOOKED_AT]}
    found = Around(post)
    candidates: dict[int, _Candidate] = {}
    for kind, tag, *values in _rows(post, user, list(tags)):
        other = Other._make(values)
        if kind == "newer":
            found.newer = other
        elif kind == "older":
            found.older = other
        elif kind == "series":
            found.series_parts.append(other)
        else:
            candidate = candidates.setdefault(other.pk, _Candidate(other, set()))
            if tag:
                candidate.tags.add(tag)
    # A union promises no order.
    found.series_parts.sort(key=_reading_order)
    shown = {other.pk for other in (found.newer, found.older, *found.series_parts) if other}
    likely = [one for key, one in candidates.items() if key not in shown | {post.pk}]
    found.related = _best(post, likely, tags)
    return found


def neighbours(post: Post, user, now: datetime) -> dict[str, PostQuerySet]:
    """The post before and the one after `post` that are listed for `user`, in its language: who
    reads on would not choose another. Each follows the index."""
    at, pk = post.published_at, post.pk
    alike = Post.objects.filter(language=post.language)
    # The first conditions of all are those that SQLite enters the index by; the last breaks ties.
    older = alike.filter(published_at__lte=at).listed_for(user, now)
    newer = alike.filter(published_at__gte=at).listed_for(user, now)
    older = older.filter(Q(published_at__lt=at) | Q(pk__lt=pk)).newest_first()
    newer = newer.filter(Q(published_at__gt=at) | Q(pk__gt=pk)).order_by("published_at", "pk")
    return {"newer": newer[:1], "older": older[:1]}


def in_reading_order(posts: PostQuerySet) -> PostQuerySet:
    """The parts of a series: by number, then by date."""
    return posts.order_by(F("series_part").asc(nulls_last=True), "published_at", "pk")


def _reading_order(post: Other) -> tuple:
    return post.series_part is None, post.series_part or 0, post.published_at, post.pk


def _rows(post: Post, user, tags: list[int]) -> list[tuple[Any, ...]]:
    """(kind, tag or 0, *_COLUMNS) of everything, by one statement."""
    adapted = connection.ops.adapt_datetimefield_value
    given = {
        _NOW: adapted(timezone.now()),
        _STANDS_FOR.published_at: adapted(post.published_at) if post.published_at else None,
        _STANDS_FOR.language: post.language,
        _STANDS_FOR.pk: post.pk,
        _STANDS_FOR.series_id: post.series_id,
        _STANDS_FOR.category_id: post.category_id,
        **dict(zip(_TAGS, tags, strict=False)),
    }
    statement, params = _made(
        post.published_at is not None,
        post.series_id is not None,
        post.category_id is not None,
        len(tags),
        user.is_authenticated,
    )
    if not statement:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            statement, [given[value] if is_given else value for is_given, value in params]
        )
        return cursor.fetchall()


@lru_cache(maxsize=128)
def _made(
    has_date: bool, has_series: bool, has_category: bool, tags: int, is_authenticated: bool
) -> tuple[str, list[tuple[bool, Any]]]:
    """The statement for all posts of a kind: making it takes longer than answering it. Of each
    parameter whether it stands for something of the post, and what it is.

    Each part has an order and a limit of its own, which SQLite takes only from a query inside.
    """
    post = Post(
        pk=_STANDS_FOR.pk,
        published_at=_STANDS_FOR.published_at if has_date else None,
        language=_STANDS_FOR.language,
        series_id=_STANDS_FOR.series_id if has_series else None,
        category_id=_STANDS_FOR.category_id if has_category else None,
    )
    reader = SimpleNamespace(is_authenticated=is_authenticated)
    listed = Post.objects.listed_for(reader, at=_NOW)
    parts = {}
    if post.published_at is not None:
        parts |= neighbours(post, reader, _NOW)
    if post.series_id is not None:
        in_series = listed.filter(series=post.series_id)
        parts["series"] = in_reading_order(in_series)[:MAX_SERIES_PARTS]
    if post.category_id is not None:
        in_category = listed.filter(category=post.category_id)
        parts["category"] = in_category.newest_first()[:CANDIDATES]
    statements = [_statement(posts, kind) for kind, posts in parts.items()]
    if tags:
        statements.append(_under_tags(listed, list(_TAGS[:tags])))
    adapted = connection.ops.adapt_datetimefield_value
    stand_for = {adapted(_NOW): _NOW, adapted(_STANDS_FOR.published_at): _STANDS_FOR.published_at}
    numbers = (_STANDS_FOR.pk, _STANDS_FOR.series_id, _STANDS_FOR.category_id, *_TAGS)
    stand_for |= {value: value for value in (_STANDS_FOR.language, *numbers)}
    params = [
        (param in stand_for, stand_for.get(param, param))
        for _, given in statements
        for param in given
    ]
    return " UNION ALL ".join(sql for sql, _ in statements), params


def _statement(posts: PostQuerySet, kind: str) -> tuple[str, list[Any]]:
    sql, params = posts.values_list(*_COLUMNS).query.sql_with_params()
    # All that is put into statements here was written by Django.
    return f"SELECT %s AS kind, 0 AS tag, part.* FROM ({sql}) part", [kind, *params]  # noqa: S608 (names of our own)


def _under_tags(listed: PostQuerySet, tags: list[int]) -> tuple[str, list[Any]]:
    """The newest posts under each of `tags`, once for every one of the tags they have."""
    link = Post.tags.through
    newest, params = [], []
    for tag in tags:
        rows = link.objects.filter(tag=tag).order_by("-pk").values_list("post_id")[:CANDIDATES]
        sql, given = rows.query.sql_with_params()
        newest.append(f"SELECT * FROM ({sql}) newest")  # noqa: S608 (names of our own)
        params += given
    candidates = RawSQL(" UNION ".join(newest), params)  # noqa: S611 (names of our own)
    sql, given = listed.filter(pk__in=candidates).values_list(*_COLUMNS).query.sql_with_params()
    wanted = ", ".join(["%s"] * len(tags))
    joined = f"JOIN {link._meta.db_table} link ON link.post_id = part.id"
    statement = f"SELECT %s, link.tag_id, part.* FROM ({sql}) part {joined}"  # noqa: S608 (names of our own)
    return f"{statement} WHERE link.tag_id IN ({wanted})", ["tag", *given, *tags]


def _best(post: Post, candidates: Iterable[_Candidate], tags: dict[int, str]) -> list[Related]:
    """The most alike, the newest first among equals."""
    candidates = list(candidates)
    under = Counter(tag for candidate in candidates for tag in candidate.tags)
    words = _words(post.title)

    def weight(tag: int) -> int:
        return COMMON_TAG if under[tag] >= CANDIDATES - 1 else RARE_TAG

    def points(candidate: _Candidate) -> int:
        shared = sum(map(weight, candidate.tags))
        same_category = candidate.post.category_id == post.category_id is not None
        alike = min(len(words & _words(candidate.post.title)), MAX_WORDS)
        return shared + CATEGORY * same_category + WORD * alike

    def rank(candidate: _Candidate) -> tuple:
        return points(candidate), candidate.post.published_at, candidate.post.pk

    related = []
    for one in sorted(candidates, key=rank, reverse=True)[:MAX_RELATED]:
        reasons = [name for key, name in tags.items() if key in one.tags]
        # Who shares no tag is here by the category.
        related.append(Related(one.post, reasons or [post.category.name]))
    return related


def _words(title: str) -> set[str]:
    return set(_WORD.findall(title.casefold()))
