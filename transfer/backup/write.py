"""Making a backup while the site goes on."""

import fcntl
import glob
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import connection, connections
from django.utils import timezone

from transfer.backup import media
from transfer.backup.archive import HEADER, MEDIA, ArchiveWriter, BackupError
from transfer.backup.contents import Contents, RowHash, Table, applied_migrations
from transfer.backup.sequences import read_sequences
from transfer.backup.snapshot import snapshot

FORMAT = 1
CHUNK_BYTES = 1_000_000  # of rows, before they are packed
ROWS_AT_ONCE = 50  # a text may be a megabyte, and its HTML more
# The settings that say how the site was set up. Nothing that is or may hold a secret.
TOLD_SETTINGS = [
    *("SITE_URL", "LANGUAGE_CODE", "SITE_TIME_ZONE", "DEFAULT_FROM_EMAIL", "MEDIA_URL"),
    *("ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS"),
    *("SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_HSTS_PRELOAD"),
]
Progress = Callable[[str, int], None]


@dataclass
class Summary:
    """What is in a backup."""

    sha256: str = ""
    bytes: int = 0
    header: dict[str, Any] = field(default_factory=dict)
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    media: dict[str, Any] = field(default_factory=dict)
    sequences: dict[str, int] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return sum(table["rows"] for table in self.tables.values())

    def __str__(self) -> str:
        return (
            f"{self.rows:,} rows of {len(self.tables)} tables and {self.media['files']:,} files, "
            f"{self.bytes:,} bytes, SHA-256 {self.sha256}"
        )


def write_backup(out: IO[bytes], progress: Progress | None = None) -> Summary:
    """Write database, uploads and settings to `out`, which need not be able to seek.

    The rows are those of one moment. Uploads are read before and after it, so that each file that
    a row names is there. Raises BackupError or OSError.
    """
    tell = progress or (lambda what, done: None)
    migrations = applied_migrations(connection)
    contents = Contents(migrations)
    archive = ArchiveWriter(out)
    header = {
        "format": FORMAT,
        "created_at": timezone.now().isoformat(),
        "database": connection.vendor,
        "settings": {name: getattr(settings, name) for name in TOLD_SETTINGS},
        "migrations": contents.migrations,
        "tables": contents.describe(),
    }
    archive.add_bytes(HEADER, json.dumps(header, indent=1, default=str).encode())
    files = _Files(archive, tell)
    files.add_new()
    with snapshot() as using:
        if applied_migrations(connections[using]) != migrations:
            raise BackupError("A migration ran meanwhile. Begin again when it is done.")
        tables = {
            label: _write_table(archive, table, using, tell)
            for label, table in contents.tables.items()
        }
        sequences = read_sequences(connections[using], contents)
    files.add_new()
    told = {"tables": tables, "media": files.total.result(), "sequences": sequences}
    digest = archive.finish(told)
    return Summary(
        sha256=digest,
        bytes=archive.bytes,
        header=header,
        tables=tables,
        media=told["media"],
        sequences=sequences,
        left_out=files.left_out + files.links(),
    )


def _write_table(
    archive: ArchiveWriter, table: Table, using: str, tell: Progress
) -> dict[str, Any]:
    total = RowHash(table)
    lines: list[bytes] = []
    size = number = 0
    for row in table.rows(using).iterator(chunk_size=ROWS_AT_ONCE):
        line = table.line(row)
        total.add(line)
        if size + len(line) > CHUNK_BYTES and lines:
            number += 1
            archive.add_rows(table.label, number, lines)
            tell(table.label, total.rows)
            lines, size = [], 0
        lines.append(line + b"\n")
        size += len(line) + 1
    if lines:
        archive.add_rows(table.label, number + 1, lines)
    tell(table.label, total.rows)
    return total.result()


class _Files:
    """The uploads that are in the archive so far."""

    def __init__(self, archive: ArchiveWriter, tell: Progress):
        self.total = media.MediaHash()
        self.left_out: list[str] = []
        self._archive = archive
        self._tell = tell
        self._seen: set[bytes] = set()  # short hashes of names: there may be 100,000s

    def add_new(self) -> None:
        """Add what is in the storage and not in the archive."""
        for name in media.file_names():
            key = hashlib.blake2b(os.fsencode(name), digest_size=12).digest()
            if key in self._seen:
                continue
            self._seen.add(key)
            if not media.is_portable(name):
                self.left_out.append(f"{name!a} (its name)")
                continue
            with media.opened(name) as found:
                if found is None:
                    continue
                file, size, changed = found
                digest = self._archive.add(MEDIA + name, size, file, changed)
            self.total.add(name, size, digest)
            self._tell("files", self.total.files)

    def links(self) -> list[str]:
        return [f"{name!a} (a link to a folder)" for name in media.left_out_links()]


@contextmanager
def whole_file(target: Path) -> Iterator[IO[bytes]]:
    """A file to write that becomes `target` in one step when the block ends well.

    Only its owner may read it. Otherwise nothing is left, and what was at `target` stays.
    """
    prefix = f".{target.name}.part-"
    for left in target.parent.glob(f"{glob.escape(prefix)}*"):
        _remove_if_abandoned(left)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=prefix)
    with os.fdopen(handle, "wb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file
            file.flush()
            os.fsync(file.fileno())
            os.replace(name, target)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(name)
            raise
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # Or a power cut could take the new name back.
    finally:
        os.close(folder)


def _remove_if_abandoned(part: Path) -> None:
    """Remove what a killed backup left; one at work holds a lock on its file."""
    with suppress(OSError), open(part, "rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        part.unlink()
