"""Queries whose SQL is made once in a process, for the lists that are asked for all the time.

Making the SQL of a list takes the ORM three times as long as PostgreSQL takes to answer it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from django.db import connections
from django.db.models import QuerySet, TextField
from django.db.models.expressions import RawSQL
from django.utils import timezone

from lib.statements import rows_of, with_constants

# Stand for "now", and for what one row is found by, while the SQL is made; no row has these.
_NOW = datetime(1, 2, 3, 4, 5, 6, 789, tzinfo=UTC)
_VALUES: dict[type, int | str] = {int: -(2**62) - 1, str: "\ue000 no slug \ue000"}
# Makes the rows of a list, in order, as they are at a moment; a function of a module.
Source = Callable[[datetime], QuerySet]


@dataclass
class Beside:
    """What else is to be read with the rows: expressions of SQL, each giving one text.

    `values` are those of the first row, once it was read; None when there was no row.
    """

    expressions: tuple[str, ...] = ()
    values: tuple[str | None, ...] | None = None


class PreparedList:
    """The rows of `source` now. Takes the place of a queryset where columns are read: `count()`,
    `filter()` by key or slug, `where()`, a slice, `values_list()`. Rows have what is read `beside`
    at their end."""

    def __init__(
        self,
        source: Source,
        page: slice = slice(None),
        by: str = "",
        value: str | int = "",
        beside: Beside | None = None,
    ) -> None:
        self.source, self.page, self.by, self.value = source, page, by, value
        self.beside = beside or Beside()

    def count(self) -> int:
        return self.source(timezone.now()).count()

    def filter(self, *, pk: str | int | None = None, slug: str = "") -> "PreparedList":
        return self.where("pk", int(pk)) if pk is not None else self.where("slug", slug)

    def where(self, name: str, value: str | int) -> "PreparedList":
        """Those that have `value` as what the ORM finds under `name`."""
        return PreparedList(self.source, self.page, name, value, self.beside)

    def order_by(self) -> "PreparedList":
        return self

    def __getitem__(self, page: slice) -> "PreparedList":
        return PreparedList(self.source, page, self.by, self.value, self.beside)

    def values_list(self, *columns: str) -> Iterable[tuple]:
        more = self.beside.expressions
        start, stop, kind = self.page.start, self.page.stop, type(self.value)
        query = _made(self.source, columns, start, stop, self.by, kind, more)
        rows = query.run(timezone.now(), self.value)
        if more:
            rows = list(rows)
            self.beside.values = rows[0][-len(more) :] if rows else None
        return rows


class _Query:
    def __init__(self, queryset: QuerySet, by: str, kind: type) -> None:
        self.using = queryset.db
        self.compiler = queryset.query.get_compiler(self.using)
        statement, params = self.compiler.as_sql()
        now = connections[self.using].ops.adapt_datetimefield_value(_NOW)
        value = _VALUES[kind] if by else now
        given = {place for place, param in enumerate(params) if param in (now, value)}
        self.statement, self.params = with_constants(statement, params, given, self.using)
        self.moments = [place for place, param in enumerate(self.params) if param == now]
        self.values = [place for place, param in enumerate(self.params) if by and param == value]
        columns = [column[0] for column in self.compiler.select]
        self.converters = self.compiler.get_converters(columns)

    def run(self, now: datetime, value: str | int) -> Iterable[tuple]:
        connection = connections[self.using]
        moment = connection.ops.adapt_datetimefield_value(now)
        params = self.params.copy()
        for place in self.moments:
            params[place] = moment
        for place in self.values:
            params[place] = value
        rows = rows_of(self.statement, params, self.using)
        if not self.converters:
            return rows
        return map(tuple, self.compiler.apply_converters(rows, self.converters))


@lru_cache(maxsize=256)  # pages of lists; the ones that are asked for stay
def _made(
    source: Source,
    columns: tuple[str, ...],
    start: int | None,
    stop: int | None,
    by: str,
    kind: type,
    beside: tuple[str, ...],
) -> _Query:
    queryset = source(_NOW)
    if by:
        queryset = queryset.filter(**{by: _VALUES[kind]})
    more = {
        f"beside_{number}": RawSQL(sql, (), TextField())  # noqa: S611 (statements of our own)
        for number, sql in enumerate(beside)
    }
    return _Query(queryset.annotate(**more)[start:stop].values_list(*columns, *more), by, kind)
