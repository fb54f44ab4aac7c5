"""What the database believes about its tables."""

from django.db import connection


def refresh_statistics() -> None:
    """Have the database count anew, after many rows came at once.

    Until then it plans as for the tables it knew, and a search may run into the time limit.
    PostgreSQL would do it by itself, but only some minutes later.
    """
    statement = "ANALYZE" if connection.vendor == "postgresql" else "PRAGMA optimize"
    with connection.cursor() as cursor:
        cursor.execute(statement)
