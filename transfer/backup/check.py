"""Reading a backup from its first byte to its last, and finding it whole or not."""

from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Protocol

from transfer.backup import media
from transfer.backup.archive import (
    CHUNK_NAME,
    MEDIA,
    SUMMARY,
    ArchiveReader,
    BackupError,
    Member,
    media_name,
)
from transfer.backup.contents import Contents, RowHash, Table
from transfer.backup.write import FORMAT, Progress, Summary


class Sink(Protocol):
    """What takes the content of a backup while it is read."""

    def begin(self, contents: Contents) -> None: ...

    def file(self, name: str, member: Member) -> None: ...

    def rows(self, table: Table, rows: list[list[Any]]) -> None: ...


class Nowhere:
    """Takes everything and keeps nothing."""

    def begin(self, contents: Contents) -> None: ...

    def file(self, name: str, member: Member) -> None:
        for _ in member.pieces():
            pass

    def rows(self, table: Table, rows: list[list[Any]]) -> None: ...


def check_backup(path: Path, progress: Progress | None = None) -> Summary:
    """Read all of a backup; give what is in it. Raises BackupError when it is not whole."""
    with opened(path) as file:
        return read_backup(file, Nowhere(), progress)


def opened(path: Path) -> IO[bytes]:
    """The file of a backup. Raises BackupError when it cannot be opened."""
    try:
        return open(path, "rb")
    except OSError as error:
        raise BackupError(f"{path} cannot be read: {error.strerror}.") from error


def read_backup(file: IO[bytes], sink: Sink, progress: Progress | None = None) -> Summary:
    """Pass everything in a backup to `sink`, in order.

    Only at the end is it known to be whole: until then a sink must be able to forget. Raises
    BackupError.
    """
    return _Reading(file, sink, progress or (lambda what, done: None)).summary()


class _Reading:
    def __init__(self, file: IO[bytes], sink: Sink, tell: Progress):
        self._archive = ArchiveReader(file)
        self._sink = sink
        self._tell = tell
        self._totals: dict[str, RowHash] = {}
        self._numbers: dict[str, int] = {}
        self._files = media.MediaHash()
        self._summary: dict[str, Any] = {}

    def summary(self) -> Summary:
        members = iter(self._archive)
        header = next(members).description()
        contents = _contents(header)
        self._totals = {label: RowHash(table) for label, table in contents.tables.items()}
        self._sink.begin(contents)
        self._take(members)
        told = self._summary
        found = {label: total.result() for label, total in self._totals.items()}
        if told.get("tables") != found or told.get("media") != self._files.result():
            raise BackupError("It is damaged: what is in it is not what it says.")
        sequences = told.get("sequences")
        if not isinstance(sequences, dict) or not all(
            type(last) is int and 0 <= last < 2**63 for last in sequences.values()
        ):
            raise BackupError("It is damaged: the counters in it make no sense.")
        return Summary(
            sha256=self._archive.sha256,
            bytes=self._archive.position,
            header=header,
            tables=found,
            media=told["media"],
            sequences=sequences,
        )

    def _take(self, members: Iterator[Member]) -> None:
        for member in members:
            if self._summary:
                raise BackupError("It goes on where it should end.")
            if member.name == SUMMARY:
                self._summary = member.description()
            elif member.name.startswith(MEDIA):
                name = media_name(member.name)
                self._sink.file(name, member)
                self._files.add(name, member.size, member.digest())
                self._tell("files", self._files.files)
            else:
                self._take_rows(member)

    def _take_rows(self, member: Member) -> None:
        match = CHUNK_NAME.fullmatch(member.name)
        total = self._totals.get(match[1]) if match else None
        if total is None:
            raise BackupError(f"It holds something that belongs in no backup: {member.name!r}.")
        expected = self._numbers.get(match[1], 0) + 1
        if int(match[2]) != expected:
            raise BackupError(f"Its parts are not in order: {member.name!r}.")
        self._numbers[match[1]] = expected
        rows = []
        for line in member.lines():
            rows.append(total.table.values(line))
            total.add(line)
        self._sink.rows(total.table, rows)
        self._tell(match[1], total.rows)


def _contents(header: dict[str, Any]) -> Contents:
    if header.get("format") != FORMAT:
        raise BackupError("It was written in a form that this version does not know.")
    migrations = header.get("migrations")
    if not isinstance(migrations, list) or not all(
        isinstance(node, list) and len(node) == 2 and all(isinstance(part, str) for part in node)
        for node in migrations
    ):
        raise BackupError("Its description is not what a backup's is.")
    contents = Contents(tuple(node) for node in migrations)
    if header.get("tables") != contents.describe():
        raise BackupError("Its tables are not those of the version it says it comes from.")
    return contents
