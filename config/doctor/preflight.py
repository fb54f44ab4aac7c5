"""`manage.py doctor --upgrade`: what to know before the new version's migrations run."""

import re
import shutil
import sys
from collections.abc import Iterator
from datetime import timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from django.conf import settings
from django.db import connection, models
from django.db.migrations import Migration, operations
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from config.doctor.examinations import existing
from config.doctor.findings import Examination, Finding, Level
from transfer.models import BackupRun

OLDEST_PYTHON, NEWEST_PYTHON = (3, 11), (3, 13)
BACKUP_AGE = timedelta(days=1)
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)", re.MULTILINE)


def of_python() -> Iterator[Finding]:
    here = sys.version_info[:2]
    said = f"Python {here[0]}.{here[1]}"
    if OLDEST_PYTHON <= here <= NEWEST_PYTHON:
        yield Finding("python", Level.OK, f"{said} is supported.")
    else:
        yield Finding("python", Level.FAILED, f"{said} is not supported.", "Use 3.11 to 3.13.")


def of_packages() -> Iterator[Finding]:
    """What is installed against what this version locks."""
    lock = (settings.BASE_DIR / "requirements.txt").read_text()
    differing = []
    for name, wanted in PIN.findall(lock):
        try:
            installed = version(name)
        except PackageNotFoundError:
            installed = "missing"
        if installed != wanted:
            differing.append(f"{name} {installed}, not {wanted}")
    if differing:
        said = "; ".join(differing[:5]) + ("…" if len(differing) > 5 else "")
        advice = "pip install --require-hashes -r requirements.txt"
        yield Finding("packages", Level.FAILED, said, advice)
    else:
        yield Finding("packages", Level.OK, "They are those that this version was tested with.")


def of_backup_age() -> Iterator[Finding]:
    backup = BackupRun.objects.latest_of(BackupRun.Kind.BACKUP, good=True)
    if backup and timezone.now() - backup.ended_at <= BACKUP_AGE:
        yield Finding("backup", Level.OK, f"There is one of {backup.ended_at:%Y-%m-%d %H:%M} UTC.")
    else:
        yield Finding(
            "backup",
            Level.FAILED,
            "There is none of the last 24 hours.",
            "manage.py backup FILE works before the migrations, too.",
        )


def of_space() -> Iterator[Finding]:
    """A migration may write a table anew: as much again as the database has."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            size = cursor.fetchone()[0]
        text = f"The database has {size // 1_000_000:,} MB."
        advice = "Its server must have that much free; it cannot be seen from here."
        yield Finding("space", Level.SKIPPED, text, advice)
        return
    path = Path(connection.settings_dict["NAME"])
    size = path.stat().st_size if path.exists() else 0
    free = shutil.disk_usage(existing(path.parent)).free
    text = f"The database has {size // 1_000_000:,} MB, {free // 1_000_000:,} MB are free."
    if free < 2 * size:
        yield Finding("space", Level.FAILED, text, "Make room for twice its size.")
    else:
        yield Finding("space", Level.OK, text)


def of_pending() -> Iterator[Finding]:
    """Each migration to come, and what it holds up meanwhile."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    for migration, _backwards in plan:
        effects = sorted(set(_effects(migration)))
        level = Level.WARNING if effects else Level.OK
        advice = "Stop the site for it, or choose a quiet hour." if effects else ""
        said = "; ".join(effects) or "adds only"
        yield Finding("pending", level, f"{migration}: {said}", advice)
    if not plan:
        yield Finding("pending", Level.OK, "No migration is to come.")


def _effects(migration: Migration) -> Iterator[str]:
    """What each operation does to tables that have rows; nothing for what only adds."""
    made: set[str] = set()
    for operation in migration.operations:
        model = str(getattr(operation, "model_name", "")).lower()
        if isinstance(operation, operations.CreateModel):
            made.add(operation.name.lower())
        elif model in made:
            continue  # Its table is new and empty.
        elif isinstance(operation, operations.AddIndex):
            if migration.atomic:
                yield f"nobody writes to {model} while an index is made"
        elif isinstance(operation, operations.AddConstraint):
            yield f"nobody writes to {model} while its rows are checked"
        elif isinstance(operation, operations.AlterField):
            yield f"{model} may be written anew"
        elif isinstance(operation, operations.AddField):
            if not operation.field.null and isinstance(operation.field, models.ForeignKey):
                yield f"{model} is checked row by row"
        elif isinstance(
            operation, operations.RemoveField | operations.DeleteModel | operations.RenameField
        ):
            yield f"takes something away: the old version fails until it is stopped ({model})"
        elif isinstance(operation, operations.RunPython | operations.RunSQL):
            yield "runs code over rows"


PREFLIGHT: dict[str, Examination] = {
    "python": of_python,
    "packages": of_packages,
    "backup": of_backup_age,
    "space": of_space,
    "pending": of_pending,
}
