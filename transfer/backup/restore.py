"""Filling an empty site from a backup: everything or nothing."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.cache import cache
from django.core.management import call_command
from django.db import DatabaseError, connection, models, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from blog.search.index import index_missing
from blog.search.suggest import refresh_words
from lib.statements import without_time_limit
from lib.statistics import refresh_statistics
from transfer.backup import media
from transfer.backup.archive import BackupError, Member
from transfer.backup.check import Nowhere, check_backup, opened, read_backup
from transfer.backup.contents import Contents, RowHash, Table, applied_migrations
from transfer.backup.sequences import set_sequences
from transfer.backup.write import ROWS_AT_ONCE, Progress, Summary

# What migrations and their signals make: a site that has nothing else is empty.
MADE_BY_MIGRATIONS = {
    *("contenttypes.contenttype", "auth.permission", "auth.group", "auth.group_permissions"),
    "blog.site",
}
# The columns of `events.models.Work`, by which its tables are known at any state of migrations.
WORK_COLUMNS = {"state", "due_at", "done_at", "claimed_until", "error"}
INDEXED_AT_ONCE = 5_000  # Finding those without an entry reads past all that have one.
PARKED_REASON = "Restored from a backup: it may have been done since that was made."


class SiteNotEmpty(BackupError):
    """There is something that a restore would overwrite."""


def restore_backup(
    path: Path, progress: Progress | None = None, *, keep_work: bool = False
) -> Summary:
    """Make this empty site what the backup at `path` holds.

    The file is read to its end first: a damaged, foreign or hostile one changes nothing. Rows and
    uploads then come in one transaction. Mails and other work that waited then may have been done
    since: they are given up, for a person to decide, unless `keep_work`. Raises BackupError, or
    SiteNotEmpty.
    """
    summary = check_backup(path, progress)
    check_is_empty()
    media.check_space(summary.media["bytes"])
    with opened(path) as file, without_time_limit():
        contents = Contents(tuple(node) for node in summary.header["migrations"])
        migrate_to(contents)
        with media.Putting() as files:
            with transaction.atomic():
                _lock_tables(contents)
                check_is_empty()
                _clear(contents)
                again = read_backup(file, _Filling(files), progress)
                if again.sha256 != summary.sha256:
                    raise BackupError("The file was changed while it was read.")
                set_sequences(connection, contents, summary.sequences)
                connection.check_constraints()
                _compare(contents, summary)
                if not keep_work:
                    _park_work(contents)
                files.place()
            files.keep()
        # On from the state of the backup to the one of this code.
        call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    cache.clear()
    _index_posts(progress)
    refresh_statistics()
    return summary


def check_is_empty() -> None:
    """Raise SiteNotEmpty when there is more in the database than migrations make."""
    applied = applied_migrations(connection)
    if not applied:
        return
    full = [
        label
        for label, table in Contents(applied).tables.items()
        if label not in MADE_BY_MIGRATIONS and models.QuerySet(table.model).exists()
    ]
    if full:
        raise SiteNotEmpty(
            f"This site is not empty: it has rows in {', '.join(full[:5])}"
            f"{' and more' if len(full) > 5 else ''}. A backup is restored into an empty one: "
            "set another DATA_DIR, or DATABASE_URL and MEDIA_ROOT."
        )


def migrate_to(contents: Contents) -> None:
    """Bring the tables to the state they had when the backup was made, from whichever they are.

    Only for an empty site: to go back drops columns and tables.
    """
    wanted = set(contents.migrations)
    while True:
        executor = MigrationExecutor(connection)
        applied = set(executor.loader.applied_migrations) & set(executor.loader.graph.nodes)
        too_new = sorted(applied - wanted)
        if not too_new:
            break
        # One app at a time: others go back with it, and forward again below.
        app = too_new[0][0]
        kept = [node for node in contents.leaves_of(app) if node in applied]
        executor.migrate(kept or [(app, None)])
    executor.migrate(contents.leaves)


class _Filling(Nowhere):
    """Puts rows into their tables, and files beside their place."""

    def __init__(self, files: media.Putting):
        self._files = files

    def file(self, name: str, member: Member) -> None:
        self._files.add(name, member)

    def rows(self, table: Table, rows: list[list[Any]]) -> None:
        quote = connection.ops.quote_name
        columns = ", ".join(quote(column.name) for column in table.columns)
        places = ", ".join(["%s"] * len(table.columns))
        name = quote(table.model._meta.db_table)
        statement = f"INSERT INTO {name} ({columns}) VALUES ({places})"  # noqa: S608 (names of our own)
        try:
            adapted = [
                [
                    column.adapt(value, connection)
                    for column, value in zip(table.columns, row, strict=True)
                ]
                for row in rows
            ]
            with connection.cursor() as cursor:
                cursor.executemany(statement, adapted)
        except (DatabaseError, ValueError, TypeError) as error:
            raise BackupError(f"A row of {table.label} does not fit here: {error}") from error


def _tables(contents: Contents) -> Iterable[str]:
    return [
        connection.ops.quote_name(table.model._meta.db_table) for table in contents.tables.values()
    ]


def _lock_tables(contents: Contents) -> None:
    """Keep writers out until the end. SQLite's transaction does that by itself."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {', '.join(_tables(contents))} IN EXCLUSIVE MODE")


def _clear(contents: Contents) -> None:
    """Remove what the migrations made; the backup has its own."""
    with connection.cursor() as cursor:
        for table in _tables(contents):
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608 (names of our own)


def _index_posts(progress: Progress | None) -> None:
    """Make the search index anew, which is in no backup."""
    done = 0
    while count := index_missing(INDEXED_AT_ONCE):
        done += count
        if progress:
            progress("search index", done)
    refresh_words()


def _park_work(contents: Contents) -> None:
    for table in contents.tables.values():
        if {field.attname for field in table.model._meta.fields} >= WORK_COLUMNS:
            waiting = models.QuerySet(table.model).filter(state="waiting")
            waiting.update(
                state="parked", done_at=timezone.now(), claimed_until=None, error=PARKED_REASON
            )


def _compare(contents: Contents, summary: Summary) -> None:
    """Read every row back. Raises BackupError when one is not as it was."""
    for label, found in hash_rows(contents).items():
        if found != summary.tables[label]:
            raise BackupError(f"{label} did not come back as it was.")


def hash_rows(contents: Contents) -> dict[str, dict[str, Any]]:
    """The number of rows and their hash, by table, as they are in the database now."""
    found = {}
    for label, table in contents.tables.items():
        total = RowHash(table)
        for row in table.rows("default").iterator(chunk_size=ROWS_AT_ONCE):
            total.add(table.line(row))
        found[label] = total.result()
    return found
