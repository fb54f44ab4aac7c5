"""What the database believes about its tables."""

from django.db import connection

from lib.statements import without_time_limit


def refresh_statistics() -> None:
    """Have the database count anew, after many rows came at once.

    Until then it plans as for the tables it knew, and a search may run into the time limit.
    PostgreSQL would do it by itself, but only some minutes later; SQLite never does (its PRAGMA
    optimize looks only at tables that the same connection has asked before). There 40 ms for
    40,000 posts, as it reads no more than the indexes; on PostgreSQL a few seconds for 100,000.
    """
    # What PostgreSQL was told of new words waits in a list beside the index, and every search reads
    # all of it; VACUUM puts it into the index. It cannot be part of a transaction.
    tidies = connection.vendor == "postgresql" and not connection.in_atomic_block
    with without_time_limit(), connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if tidies else "ANALYZE")
