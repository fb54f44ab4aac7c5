"""The backend itself; `ENGINE` is `lib.postgresql`."""

import select
from collections.abc import Sequence
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg import errors, sql
from psycopg.pq import ConnStatus, TransactionStatus
from psycopg.types.datetime import TimestamptzLoader


class PreparedCursor(base.ServerBindingCursor):
    """Binds values in the server, so that what is asked often is parsed and planned once."""

    def __init__(self, connection: psycopg.Connection) -> None:
        super().__init__(connection)
        # Django's own puts its time zone in by Python, for each value. Ours is UTC anyway.
        self.adapters.register_loader("timestamptz", TimestamptzLoader)


class DatabaseWrapper(base.DatabaseWrapper):
    """Looks at a kept connection without asking the server, and prepares what is asked often.

    Django asks `SELECT 1` before the first query of each request: a round trip for nothing while
    the server is well. A server that went away has closed the connection, which the operating
    system knows: an idle connection has then something to read. Only in that case, which may
    also be a mere notice, is the server asked.
    """

    _asking: PreparedCursor | None = None

    def is_usable(self) -> bool:
        if self.connection is None:
            return False
        wire = self.connection.pgconn
        if wire.status != ConnStatus.OK:
            return False
        poll = select.poll()
        poll.register(wire.socket, select.POLLIN | select.POLLPRI)
        return not poll.poll(0) or super().is_usable()

    def rows_of(self, statement: str, params: Sequence[Any] = ()) -> list[tuple]:
        """All rows of `statement`; prepared in the server once it was asked a few times.

        For statements of which there are few, and whose plan does not depend on the values:
        constants that an index is chosen by are written into it.
        """
        self.ensure_connection()
        if self._asking is None or self._asking.connection is not self.connection:
            self._asking = PreparedCursor(self.connection)
        asked = self._prepare_cursor(self._asking)
        try:
            asked.execute(statement, params)
        except Exception as error:
            if not self._is_outdated(error):
                raise
            # A migration gave a column another type since the statement was prepared.
            self.connection.execute("DEALLOCATE ALL")
            asked.execute(statement, params)
        return asked.fetchall()

    def with_constants(self, statement: str, params: Sequence[Any], given: set[int]) -> str:
        """`statement` with all `params` written into it but those whose places are `given`."""
        first, *parts = statement.split("%s")
        written = [first]
        for place, (value, part) in enumerate(zip(params, parts, strict=True)):
            constant = "" if place in given else sql.Literal(value).as_string(self.connection)
            written += ["%s" if place in given else constant.replace("%", "%%"), part]
        return "".join(written)

    def _is_outdated(self, error: Exception) -> bool:
        wire = self.connection and self.connection.pgconn
        return (
            isinstance(error.__cause__, errors.FeatureNotSupported)
            and wire.transaction_status == TransactionStatus.IDLE
        )
