"""One unchanging view of the database while the site is written to."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction

SNAPSHOT = "snapshot"


@contextmanager
def snapshot() -> Iterator[str]:
    """The alias of a connection that sees the database as it is now, until the end of the block.

    It holds nobody up: a read transaction of SQLite's WAL, REPEATABLE READ on PostgreSQL. Inside
    a transaction of the caller it is that one.
    """
    if connection.in_atomic_block:
        yield DEFAULT_DB_ALIAS
        return
    database = copy.deepcopy(connections.databases[DEFAULT_DB_ALIAS])
    options = database.setdefault("OPTIONS", {})
    if connection.vendor == "sqlite":
        # Ours are IMMEDIATE elsewhere: such a one would stop all writers.
        options["transaction_mode"] = "DEFERRED"
    else:
        from psycopg import IsolationLevel  # The driver is not needed with SQLite.

        options.pop("pool", None)
        options["isolation_level"] = IsolationLevel.REPEATABLE_READ
        # Reading a big table takes longer than any page may.
        options["options"] = "-c statement_timeout=0 -c default_transaction_read_only=on"
    connections.databases[SNAPSHOT] = database
    try:
        with transaction.atomic(using=SNAPSHOT):
            yield SNAPSHOT
    finally:
        connections[SNAPSHOT].close()
        del connections[SNAPSHOT]
        del connections.databases[SNAPSHOT]
