"""Queries whose SQL is made once in a process, for the lists that are asked for all the time.

Making the SQL of a list takes the ORM three times as long as PostgreSQL takes to answer it.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import lru_cache

from django.db import connections
from django.db.models import QuerySet
from django.utils import timezone

# Stands for "now" while the SQL is made; no row has this time.
_MARK = datetime(1, 2, 3, 4, 5, 6, 789, tzinfo=UTC)
# Makes the rows of a list, in order, as they are at a moment; a function of a module.
Source = Callable[[datetime], QuerySet]


class PreparedList:
    """The rows of `source` now. Takes the place of a queryset where a page of columns is read:
    `count()`, a slice, `values_list()`."""

    def __init__(self, source: Source, page: slice = slice(None)) -> None:
        self.source, self.page = source, page

    def count(self) -> int:
        return self.source(timezone.now()).count()

    def __getitem__(self, page: slice) -> "PreparedList":
        return PreparedList(self.source, page)

    def values_list(self, *columns: str) -> Iterator[tuple]:
        query = _made(self.source, columns, self.page.start, self.page.stop)
        return query.run(timezone.now())


class _Query:
    def __init__(self, queryset: QuerySet) -> None:
        self.using = queryset.db
        self.compiler = queryset.query.get_compiler(self.using)
        self.sql, params = self.compiler.as_sql()
        self.params = list(params)
        mark = connections[self.using].ops.adapt_datetimefield_value(_MARK)
        self.moments = [place for place, value in enumerate(params) if value == mark]
        self.converters = self.compiler.get_converters(
            [column[0] for column in self.compiler.select]
        )

    def run(self, now: datetime) -> Iterator[tuple]:
        connection = connections[self.using]
        moment = connection.ops.adapt_datetimefield_value(now)
        params = self.params.copy()
        for place in self.moments:
            params[place] = moment
        with connection.cursor() as cursor:
            cursor.execute(self.sql, params)
            rows = cursor.fetchall()
        if not self.converters:
            return iter(rows)
        return map(tuple, self.compiler.apply_converters(rows, self.converters))


@lru_cache(maxsize=256)  # pages of lists; the ones that are asked for stay
def _made(source: Source, columns: tuple[str, ...], start: int | None, stop: int | None) -> _Query:
    return _Query(source(_MARK)[start:stop].values_list(*columns))
