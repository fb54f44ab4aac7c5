"""Asking the search index: which posts, and which first."""

from collections.abc import Sequence
from functools import cached_property

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL

from blog.models import PostQuerySet
from blog.search import postgresql
from blog.search.query import Query, loosened, parse

# Ranking reads every match; of a word that half of all posts have, only these are weighed: the
# newest, and the newest with the words in the title.
MAX_RESULTS = 1_000
MAX_SCORES = 20_000  # rows of the index whose score SQLite works out

_WEIGHTS_FTS5 = "10.0, 4.0, 1.0"
_TITLE_FTS5 = 1_000  # more than BM25 gives


class Results(Sequence):
    """Ranked posts: their keys at once, the posts themselves by the slice.

    `loose` says that no post had all of the words, so these have some.
    """

    def __init__(self, posts: PostQuerySet, ids: list[int], query: Query) -> None:
        self.posts, self.ids, self.query = posts, ids, query
        self.loose = query.loose

    def __len__(self) -> int:
        return len(self.ids)

    def count(self, *args) -> int:
        return len(self.ids)

    def __getitem__(self, place):
        if isinstance(place, slice):
            ids = self.ids[place]
            found = {post.pk: post for post in self.posts.filter(pk__in=ids).order_by()}
            # One may have been taken down between the two questions.
            return [found[pk] for pk in ids if pk in found]
        return self.posts.get(pk=self.ids[place])

    @cached_property
    def is_capped(self) -> bool:
        """Whether there are more than are weighed."""
        return len(self.ids) >= MAX_RESULTS


def search_posts(posts: PostQuerySet, text: str) -> Results:
    """Those of `posts` that have every word of `text`, best first; failing that, any of them.

    The caller passes what the reader may see. Nothing to look up finds nothing. Costs one query
    (two on SQLite), one or two more when nothing has all the words, and one for each slice read.
    """
    query = parse(text)
    ids = _ranked(posts, query) if query else []
    if query and not ids:
        wider = loosened(query)
        if len(wider.terms) > 1:
            ids = _ranked(posts, wider)
            query = wider if ids else query
    return Results(posts, ids, query)


def matching(posts: PostQuerySet, text: str) -> PostQuerySet:
    """Those of `posts` that have every word of `text`, in the order `posts` has. No limit."""
    query = parse(text)
    return posts.filter(_matches(query)) if query else posts.none()


def _matches(query: Query, *, in_title: bool = False) -> Q:
    if connection.vendor == "postgresql":
        return postgresql.matches(query)
    sql = (
        "SELECT part.post_id FROM blog_search_index"
        " JOIN blog_searchpart part ON part.id = blog_search_index.rowid"
        " WHERE blog_search_index MATCH %s"
    )
    return Q(pk__in=RawSQL(sql, [query.as_fts5("title" if in_title else "")]))  # noqa: S611 (names of our own)


def _ranked(posts: PostQuerySet, query: Query) -> list[int]:
    """The keys of the best of `posts`, best first; of equals the newest."""
    if connection.vendor == "postgresql":
        return postgresql.ranked(posts, query, MAX_RESULTS)
    newest = posts.newest_first().values_list("pk", flat=True)
    keys = list(newest.filter(_matches(query))[:MAX_RESULTS])
    if len(keys) == MAX_RESULTS:
        in_title = newest.filter(_matches(query, in_title=True))[:MAX_RESULTS]
        keys += set(in_title).difference(keys)
    scores = _scores_sqlite(query)
    return sorted(keys, key=lambda pk: scores.get(pk, 0.0))[:MAX_RESULTS]


def _scores_sqlite(query: Query) -> dict[int, float]:
    """BM25 of the newest matches by the key of their post; the lower the better."""
    in_title = "(part.id IN (SELECT rowid FROM blog_search_index WHERE blog_search_index MATCH %s))"
    sql = (
        f"SELECT part.post_id, bm25(blog_search_index, {_WEIGHTS_FTS5})"  # noqa: S608 (names of our own)
        f" - {_TITLE_FTS5} * ({in_title} + {in_title}) FROM blog_search_index"
        " JOIN blog_searchpart part ON part.id = blog_search_index.rowid"
        " WHERE blog_search_index MATCH %s ORDER BY blog_search_index.rowid DESC LIMIT %s"
    )
    scores: dict[int, float] = {}
    titles = [title.as_fts5("title") for title in query.titles()]
    with connection.cursor() as cursor:
        cursor.execute(sql, [*titles, query.as_fts5(), MAX_SCORES])
        for pk, score in cursor.fetchall():
            scores[pk] = min(score, scores.get(pk, 0.0))
    return scores
