"""Trying a restore for real, every week: a backup nobody ever restored is a hope.

The commands themselves run, in processes of their own, on an empty site in a temporary folder:
SQLite, no broker, no network. What was restored is backed up again, and both must be the same.
"""

import os
import secrets
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from transfer.backup.archive import BackupError
from transfer.backup.check import check_backup
from transfer.backup.write import Summary, write_backup
from transfer.models import BackupRun

FRESH = timedelta(days=8)  # a backup this young is tried; with none, one is made for it
TIME_LIMIT = 50 * 60  # seconds
# What could lead the restored copy to anything of the real site.
EMPTIED = (
    *("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL", "EMAIL_URL", "SENTRY_DSN"),
    *("OTEL_EXPORTER_OTLP_ENDPOINT", "PROMETHEUS_MULTIPROC_DIR", "DRAIN_FILE", "MEDIA_BUCKET"),
)


def run_drill(slot: datetime | None = None) -> BackupRun:
    """Restore the newest backup, or a new one, beside the site; keep how that went.

    Raises BackupError when it went wrong.
    """
    run = BackupRun.objects.create(kind=BackupRun.Kind.DRILL)
    try:
        with tempfile.TemporaryDirectory(dir=settings.DATA_DIR, prefix="drill-") as folder:
            path, summary = _backup_to_try(Path(folder))
            run.path = str(path)
            _try_restore(path, summary, Path(folder) / "site")
    except (BackupError, OSError, subprocess.SubprocessError) as error:
        run.end(error)
        raise BackupError(f"The restore drill failed: {error}") from error
    run.end(
        sha256=summary.sha256,
        size=summary.bytes,
        rows=summary.rows,
        files=summary.media["files"],
    )
    return run


def _backup_to_try(folder: Path) -> tuple[Path, Summary]:
    newest = BackupRun.objects.latest_of(BackupRun.Kind.BACKUP, good=True)
    if newest and newest.ended_at > timezone.now() - FRESH and Path(newest.path).is_file():
        return Path(newest.path), check_backup(Path(newest.path))
    path = folder / "backup.tar"
    with open(path, "xb") as out:
        return path, write_backup(out)


def _try_restore(path: Path, summary: Summary, site: Path) -> None:
    """Restore `path` into the folder `site` and compare. Raises BackupError."""
    site.mkdir()
    again = site / "again.tar"
    _manage(site, "restore", str(path), "--keep-work", "--verbosity", "0")
    _manage(site, "backup", str(again), "--verbosity", "0")
    second = check_backup(again)
    if second.header["migrations"] != summary.header["migrations"]:
        return  # Of an older version: the restore compared before it migrated on.
    if (second.tables, second.media) != (summary.tables, summary.media):
        differing = [
            label for label, table in summary.tables.items() if second.tables.get(label) != table
        ]
        raise BackupError(f"What was restored differs in {', '.join(differing) or 'its files'}.")


def _manage(site: Path, *arguments: str) -> None:
    """Run a management command on the copy. Raises BackupError with what it said."""
    environment = {
        **os.environ,
        **dict.fromkeys(EMPTIED, ""),
        "DATA_DIR": str(site),
        "MEDIA_ROOT": str(site / "media"),
        "PRIVATE_ROOT": str(site / "private"),
        "EMAIL_URL": "dummymail://",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    done = subprocess.run(  # noqa: S603  Our own command, our own arguments.
        [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=TIME_LIMIT,
        check=False,
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        raise BackupError(lines[-1] if lines else f"{arguments[0]} ended with {done.returncode}")
