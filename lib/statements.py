"""Statements that are asked again and again, as quickly as the database in use can answer them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, connections


def rows_of(statement: str, params: Sequence[Any] = (), using: str = "default") -> list[tuple]:
    """All rows of `statement`; prepared in the server where it is one (`lib.postgresql`)."""
    wrapper = connections[using]
    if ask := getattr(wrapper, "rows_of", None):
        return ask(statement, params)
    with wrapper.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall()


def with_constants(
    statement: str, params: Sequence[Any], given: set[int], using: str = "default"
) -> tuple[str, list[Any]]:
    """`statement` and `params` for `rows_of`. What is not at the places `given` never changes:
    written into the statement, it lets a server choose the right index once for all."""
    write = getattr(connections[using], "with_constants", None)
    if write is None:
        return statement, list(params)
    return write(statement, params, given), [params[place] for place in sorted(given)]


@contextmanager
def without_time_limit() -> Iterator[None]:
    """The default connection may take its time, as no page may: for work on whole tables."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
    try:
        yield
    finally:
        if connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("RESET statement_timeout")
