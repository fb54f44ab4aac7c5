"""What the doctor looks at. Each examination yields findings; none changes anything."""

import shutil
import sqlite3
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks, mail
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from config import health, work
from config.doctor.findings import Examination, Finding, Level
from events import schedule
from events.models import Event
from lib import video
from transfer.models import BackupRun

OK, WARNING, FAILED, SKIPPED = Level.OK, Level.WARNING, Level.FAILED, Level.SKIPPED
MIN_POSTGRESQL = 14
MIN_SQLITE = (3, 31)
MAX_CLOCK_DIFFERENCE = timedelta(seconds=2)
BACKUP_AGE = timedelta(days=8)
MAIL_TIMEOUT = 5  # seconds
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
# Of Django's own advice: what is said here in plainer words, and what is for the operator to choose
# (.env.example says when).
SAID_OTHERWISE = {"security.W005", "security.W009", "security.W018", "security.W021"}
TO_NOBODY = ("console", "dummy", "locmem", "filebased")  # kinds of mail backends


def of_settings() -> Iterator[Finding]:
    site = urlsplit(settings.SITE_URL)
    is_public = site.hostname not in LOOPBACK
    if settings.DEBUG and is_public:
        yield Finding(
            "settings",
            FAILED,
            "DEBUG is on: an error shows settings and source.",
            "Set DEBUG=false.",
        )
    if is_public and site.scheme != "https":
        yield Finding(
            "settings",
            WARNING,
            f"SITE_URL is {settings.SITE_URL}: passwords travel in the clear.",
            "Put HTTPS in front (deploy/nginx.conf) and set SITE_URL=https://…",
        )
    said = checks.run_checks(include_deployment_checks=is_public and site.scheme == "https")
    for message in said:
        if message.level < checks.WARNING or message.is_silenced() or message.id in SAID_OTHERWISE:
            continue
        level = FAILED if message.is_serious() else WARNING
        yield Finding("settings", level, f"{message.msg} ({message.id})", message.hint or "")
    if not said:
        yield Finding("settings", OK, "Nothing is missing or at odds.")


def of_secrets() -> Iterator[Finding]:
    """Files with secrets that others on this machine can read."""
    exposed = [
        path
        for path in (settings.DATA_DIR / "secret_key", settings.BASE_DIR / ".env")
        if path.exists() and path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH)
    ]
    for path in exposed:
        yield Finding("secrets", WARNING, f"Others can read {path}.", f"chmod 600 {path}")
    if not exposed:
        yield Finding("secrets", OK, "Only their owner can read the files with secrets.")


def of_database() -> Iterator[Finding]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except OperationalError as error:
        said = str(error).strip().splitlines()[0]
        yield Finding(
            "database",
            FAILED,
            f"It cannot be used: {said}",
            "Start it, or mend DATABASE_URL. What is kept in it could not be looked at.",
        )
        return
    if connection.vendor == "postgresql":
        version = connection.pg_version // 10_000
        is_old, said = version < MIN_POSTGRESQL, f"PostgreSQL {version}"
    else:
        is_old, said = sqlite3.sqlite_version_info < MIN_SQLITE, f"SQLite {sqlite3.sqlite_version}"
    if is_old:
        yield Finding("database", FAILED, f"{said} is too old.", "Upgrade it, then try again.")
    else:
        yield Finding("database", OK, f"{said} answers.")


def of_migrations() -> Iterator[Finding]:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not plan:
        yield Finding("migrations", OK, "All are applied.")
        return
    yield Finding(
        "migrations",
        FAILED,
        f"{len(plan)} are not applied, first {plan[0][0]}.",
        "Make a backup, then: manage.py migrate",
    )


def of_cache() -> Iterator[Finding]:
    reason = health.check_cache()
    where = "Redis" if settings.REDIS_URL else "the cache table"
    if not reason:
        yield Finding("cache", OK, f"{where} keeps what it is given.")
    elif settings.REDIS_URL:
        yield Finding(
            "cache",
            FAILED,
            f"{reason} The site works without it, slower.",
            "Start Redis, or mend REDIS_URL.",
        )
    else:
        yield Finding("cache", FAILED, reason, "manage.py createcachetable")


def of_storage() -> Iterator[Finding]:
    reason = health.check_storage()
    if reason:
        yield Finding("storage", FAILED, reason, f"Mend or empty {settings.MEDIA_ROOT}.")
    else:
        yield Finding("storage", OK, "Uploads can be stored.")


def of_videos() -> Iterator[Finding]:
    if video.is_available():
        yield Finding("videos", OK, "ffmpeg is here: videos are taken and converted.")
    else:
        yield Finding(
            "videos",
            WARNING,
            "ffmpeg is not installed: uploads of videos are refused.",
            "Install it (apt-get install ffmpeg) wherever web or worker run, or do without.",
        )


def of_disks() -> Iterator[Finding]:
    seen: set[int] = set()
    for folder in (settings.DATA_DIR, settings.MEDIA_ROOT, settings.PRIVATE_ROOT):
        path = existing(Path(folder))
        device = path.stat().st_dev
        if device in seen:
            continue
        seen.add(device)
        usage = shutil.disk_usage(path)
        share = usage.free / usage.total if usage.total else 0  # /proc and its like have no size
        said = (
            f"{path}: {usage.free // 1_000_000:,} MB of {usage.total // 1_000_000:,} MB are free."
        )
        if usage.free < settings.STORAGE_MIN_FREE:
            yield Finding("disk", FAILED, said, "Make room, or writing will fail.")
        elif share < 0.1:
            yield Finding("disk", WARNING, said, "Make room before it is full.")
        else:
            yield Finding("disk", OK, said)


def existing(folder: Path) -> Path:
    """The folder, or the nearest above it that is there."""
    while not folder.exists():
        folder = folder.parent
    return folder


def of_mail() -> Iterator[Finding]:
    kind = settings.EMAIL_BACKEND.split(".")[-2]
    if kind in TO_NOBODY:
        yield Finding(
            "mail",
            WARNING,
            f"Mails reach nobody ({kind}): no confirmation, no reset of a password.",
            "Set EMAIL_URL=smtp+tls://user:password@mail.example.org:587",
        )
        return
    server = mail.get_connection(fail_silently=False)
    where = f"{getattr(server, 'host', kind)}:{getattr(server, 'port', '')}".rstrip(":")
    if hasattr(server, "timeout"):
        server.timeout = MAIL_TIMEOUT
    try:
        server.open()
        server.close()
    except OSError as error:  # what smtplib raises is one, too
        yield Finding(
            "mail",
            FAILED,
            f"{where} cannot be used: {type(error).__name__}: {error}",
            "Mend EMAIL_URL. Mails wait and are tried again.",
        )
    else:
        yield Finding("mail", OK, f"{where} takes mail.")


def of_workers() -> Iterator[Finding]:
    if health.check_cache():
        yield Finding("workers", SKIPPED, "What was heard of them is in the cache, see there.")
        return
    beat = work.last_beat()
    reason = work.check_beat()
    if beat is None:
        yield Finding(
            "workers",
            FAILED,
            "No worker was heard of: nothing is sent, cleaned up or reported.",
            "Start worker and beat: make run does, so does docker compose up; see "
            "docs/operations.md.",
        )
    elif reason:
        yield Finding("workers", FAILED, reason, "Look at the logs of worker and beat.")
    else:
        yield Finding("workers", OK, "A worker takes what beat sends.")
    lag = work.check_queue_lag()
    if lag:
        yield Finding("workers", FAILED, lag, "Start more workers, or look what holds them up.")


def of_work() -> Iterator[Finding]:
    reason = work.check_overdue()
    if reason:
        yield Finding("work", FAILED, reason, "Look at Work in the admin.")
    parked = {str(label): count.parked for label, count in work.counts().values() if count.parked}
    for label, number in parked.items():
        yield Finding(
            "work", WARNING, f"Given up: {number} {label}.", "Look at the reasons in the admin."
        )
    if not reason and not parked:
        yield Finding("work", OK, "Nothing is late, nothing was given up.")


def of_schedule() -> Iterator[Finding]:
    late = schedule.overdue()
    for each in late:
        yield Finding(
            "schedule",
            FAILED,
            f"{each.job.name}, planned for {each.slot:%Y-%m-%d %H:%M} UTC: {each.reason}",
            "It is tried again by itself while worker and beat run.",
        )
    if not late:
        yield Finding("schedule", OK, "Every job ran when it should.")


def of_clock() -> Iterator[Finding]:
    now = timezone.now()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            difference = abs(cursor.fetchone()[0] - now)
        said = f"This machine and the database differ by {difference.total_seconds():.1f} s."
    else:
        newest = Event.objects.order_by("-id").values_list("created_at", flat=True).first()
        difference = max((newest or now) - now, timedelta())
        said = (
            f"The newest event is {difference.total_seconds():.0f} s ahead of the clock."
            if difference
            else "Nothing happened in the future."
        )
    if difference > MAX_CLOCK_DIFFERENCE:
        yield Finding("clock", FAILED, said, "Turn on NTP: the clock decides what is published.")
    else:
        yield Finding("clock", OK, said)


def of_backups() -> Iterator[Finding]:
    make = "manage.py backup FILE, every day, and keep it elsewhere."
    backup = BackupRun.objects.latest_of(BackupRun.Kind.BACKUP, good=True)
    if backup is None:
        yield Finding("backup", WARNING, "None was made from this machine.", make)
    elif timezone.now() - backup.ended_at > BACKUP_AGE:
        days = (timezone.now() - backup.ended_at).days
        yield Finding("backup", WARNING, f"The last one is {days} days old.", make)
    else:
        yield Finding("backup", OK, f"The last one is of {backup.ended_at:%Y-%m-%d %H:%M} UTC.")
    drill = BackupRun.objects.latest_of(BackupRun.Kind.DRILL)
    if drill is None:
        yield Finding("restore drill", SKIPPED, "None was due yet; it is made every Sunday.")
    elif drill.is_good:
        yield Finding("restore drill", OK, f"That of {drill.ended_at:%Y-%m-%d} brought all back.")
    else:
        yield Finding("restore drill", FAILED, drill.error, "Backups cannot be relied on now.")


# These look at rows: without a database they would say so once more, each after a time limit.
NEED_DATABASE = ("migrations", "work", "schedule", "clock", "backup")

EXAMINATIONS: dict[str, Examination] = {
    "settings": of_settings,
    "secrets": of_secrets,
    "database": of_database,
    "migrations": of_migrations,
    "cache": of_cache,
    "storage": of_storage,
    "videos": of_videos,
    "disk": of_disks,
    "mail": of_mail,
    "workers": of_workers,
    "work": of_work,
    "schedule": of_schedule,
    "clock": of_clock,
    "backup": of_backups,
}
