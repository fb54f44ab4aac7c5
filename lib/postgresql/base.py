"""The backend itself; `ENGINE` is `lib.postgresql`."""

import select

from django.db.backends.postgresql import base
from psycopg.pq import ConnStatus


class DatabaseWrapper(base.DatabaseWrapper):
    """Looks at a kept connection without asking the server.

    Django asks `SELECT 1` before the first query of each request: a round trip for nothing while
    the server is well. A server that went away has closed the connection, which the operating
    system knows: an idle connection has then something to read. Only in that case, which may
    also be a mere notice, is the server asked.
    """

    def is_usable(self) -> bool:
        if self.connection is None:
            return False
        wire = self.connection.pgconn
        if wire.status != ConnStatus.OK:
            return False
        poll = select.poll()
        poll.register(wire.socket, select.POLLIN | select.POLLPRI)
        return not poll.poll(0) or super().is_usable()
