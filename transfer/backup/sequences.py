"""The counters behind automatic keys: a key that was ever given is not given again."""

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from transfer.backup.contents import Contents


def _counted(contents: Contents) -> dict[str, models.Field]:
    """The automatic key of each table that has one."""
    keys = {label: table.model._meta.pk for label, table in contents.tables.items()}
    return {label: key for label, key in keys.items() if isinstance(key, models.AutoField)}


def read_sequences(connection: BaseDatabaseWrapper, contents: Contents) -> dict[str, int]:
    """The last key that was given, by table; 0 when none was."""
    found = {}
    with connection.cursor() as cursor:
        for label, key in _counted(contents).items():
            table = key.model._meta.db_table
            if connection.vendor == "sqlite":
                cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
            else:
                where = [_quoted(table), key.column]
                cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", where)
                name = cursor.fetchone()[0]
                cursor.execute(f"SELECT last_value FROM {name} WHERE is_called")  # noqa: S608 (names of our own)
            row = cursor.fetchone()
            # PostgreSQL counts no key that was given by hand.
            found[label] = max(row[0] if row else 0, _highest(key, connection.alias))
    return found


def set_sequences(
    connection: BaseDatabaseWrapper, contents: Contents, stored: dict[str, Any]
) -> None:
    """Go on counting where the backup's site was, and never below a key that is there."""
    with connection.cursor() as cursor:
        for label, key in _counted(contents).items():
            table = key.model._meta.db_table
            last = max(stored.get(label, 0), _highest(key, connection.alias))
            if connection.vendor == "sqlite":
                cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
                if last:
                    cursor.execute("INSERT INTO sqlite_sequence VALUES (%s, %s)", [table, last])
            else:
                cursor.execute(
                    "SELECT setval(pg_get_serial_sequence(%s, %s), %s, %s)",
                    [_quoted(table), key.column, max(last, 1), bool(last)],
                )


def _highest(key: models.Field, using: str) -> int:
    rows = models.QuerySet(key.model, using=using)
    return rows.aggregate(highest=models.Max("pk"))["highest"] or 0


def _quoted(table: str) -> str:
    return f'"{table}"'
