"""The best posts for a query, as PostgreSQL finds them quickly among many.

Its planner does not know what makes this slow. A tsvector lies outside of its row, so that a look
at one costs as much as a hundred rows: the index must tell which rows match, never the rows. And of
a word that most posts have only the newest are wanted: reading posts from the newest on until
enough match ends soon, while putting all matches in order does not.

So the words are hidden from the planner behind a subquery, which makes it use the index whatever it
believes of them; and what the index has of rare words is fetched first.
"""

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, F, Func, Q
from django.db.models.expressions import RawSQL

from blog.models import PostQuerySet
from blog.search.query import Query
from lib.statements import rows_of

# Entries of the index that are fetched. Of more, the newest posts are read until enough match.
FEW = 2_000
# A phrase is looked for in the newest posts that have its words: the index knows of no order.
MAX_PHRASES_READ = 2_500
# Text, -, summary, title: what PostgreSQL calls D, C, B, A.
WEIGHTS = "{0.1, 0.2, 0.4, 1.0}"

ENTRIES = "SELECT post_id FROM blog_searchpart WHERE {column} @@ (SELECT %s::tsquery)"
_FEW = f"SELECT ARRAY({ENTRIES} LIMIT {FEW + 1})"
_FEW_OF_BOTH = f"{_FEW.format(column='document')}, ({_FEW.format(column='title')})"
_HAS_PHRASE = (
    "WHERE EXISTS (SELECT 1 FROM blog_searchpart part WHERE part.post_id = found.id"
    " AND part.document @@ %s::tsquery)"
)
# Posts with the words in the title, then the newest others, up to the limit; by what they say.
_RANKED = """
WITH titled (id, at) AS MATERIALIZED ({titled}),
found (id, at) AS ({anywhere}),
others (id, at) AS (SELECT id, at FROM found {in_order} LIMIT %s),
weighed (id, at) AS (
    SELECT id, at FROM titled
    UNION ALL (
        SELECT id, at FROM others WHERE id NOT IN (SELECT id FROM titled)
        LIMIT %s - (SELECT COUNT(*) FROM titled)
    )
)
SELECT id FROM weighed ORDER BY (
    SELECT MAX(
        TS_RANK('{weights}', part.document, %s::tsquery, 1)
        + (part.title @@ %s::tsquery)::int + (part.title @@ %s::tsquery)::int
    )
    FROM blog_searchpart part WHERE part.post_id = weighed.id
) DESC, at DESC, id DESC
"""


class _IsAmong(Func):
    """Whether the index has a post for some words: looked up in a table of all that it has, made
    once. (The planner would take a mere IN for a join, and fetch the posts one by one.)"""

    template = f"(%(expressions)s IN ({ENTRIES.format(column='%(column)s')})) IS TRUE"
    output_field = BooleanField()

    def __init__(self, column: str, tsquery: str) -> None:
        super().__init__(F("pk"), column=column)
        self.tsquery = tsquery

    def as_sql(self, compiler, connection, **context):
        template = self.template.replace("%s", "%%s")
        sql, params = super().as_sql(compiler, connection, template=template, **context)
        return sql, (*params, self.tsquery)


def matches(query: Query) -> Q:
    """The posts that have what `query` asks for, in any order."""
    return Q(_IsAmong("document", query.as_tsquery()))


def ranked(posts: PostQuerySet, query: Query, limit: int) -> list[int]:
    """The keys of the best of `posts`, best first; of equals the newest. At most two queries."""
    exact, words = query.as_tsquery(), query.as_tsquery(ordered=False)
    in_text, in_title = rows_of(_FEW_OF_BOTH, [words, exact])[0]
    if not in_text:
        return []
    newest = posts.newest_first().values_list("pk", "published_at")
    titled = newest.filter(_among(in_title, "title", exact))[:limit]
    anywhere = newest.filter(_among(in_text, "document", words))
    anywhere = anywhere[: MAX_PHRASES_READ if query.has_phrase else limit]
    try:
        titled_sql, titled_params = titled.query.sql_with_params()
        anywhere_sql, anywhere_params = anywhere.query.sql_with_params()
    except EmptyResultSet:  # of `posts`: a year that is no year
        return []
    sql = _RANKED.format(
        titled=titled_sql,
        anywhere=anywhere_sql,
        in_order=_HAS_PHRASE if query.has_phrase else "",
        weights=WEIGHTS,
    )
    phrase = [exact] if query.has_phrase else []
    titles = [title.as_tsquery() for title in query.titles()]
    params = [*titled_params, *anywhere_params, *phrase, limit, limit, exact, *titles]
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [pk for (pk,) in cursor.fetchall()]


def _among(keys: list[int], column: str, tsquery: str) -> Q:
    """The posts of the entries whose `column` matches, of which the first have these keys."""
    if len(keys) > FEW:
        return Q(_IsAmong(column, tsquery))
    return Q(pk__in=RawSQL("SELECT UNNEST(%s::bigint[])", [keys]))
