"""The file of a backup: a plain tar whose last member holds the SHA-256 of all bytes before it.

Any tar program lists and unpacks it. Ours trusts nothing in it: a name outside the known shape, a
link, a header that asks for much memory, or a byte after the end is refused.
"""

import hashlib
import io
import json
import re
import tarfile
import zlib
from collections.abc import Iterator
from typing import IO, Any

HEADER = "inkstone-backup.json"
SUMMARY = "summary.json"
CHECKSUM = "checksum.json"
TABLES, MEDIA = "tables/", "media/"
BLOCK = tarfile.BLOCKSIZE
MAX_DESCRIPTION_BYTES = 8_000_000  # of the header, and of the summary
MAX_CHUNK_BYTES = 64 * 1024 * 1024  # of rows, unpacked; also the longest row
MAX_PAX_BYTES = 65_536  # of a member's extended header: a long name and a size
MAX_NAME_LENGTH = 500  # characters
COPY_BYTES = 256 * 1024
CHUNK_NAME = re.compile(r"tables/([a-z0-9_]{1,60}\.[a-z0-9_]{1,80})/(\d{6})\.jsonl\.gz")
PAX_RECORD = re.compile(rb"(\d{1,5}) ([a-z]{1,20})=")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
RESTORING = ".restore-"  # folders of a restore at work, and what one that was killed left


class BackupError(Exception):
    """What is wrong with a backup or with the place for it, in words for the operator."""


class ArchiveWriter:
    """Writes the members of a backup one after the other; memory stays flat."""

    def __init__(self, file: IO[bytes]):
        self._file = file
        self._sha256 = hashlib.sha256()
        self.bytes = 0

    def add(self, name: str, size: int, file: IO[bytes], mtime: float = 0) -> str:
        """Add `size` bytes of `file` and give their SHA-256. Raises BackupError for fewer."""
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = size, 0o600, int(mtime)
        self._write(info.tobuf(tarfile.PAX_FORMAT, "utf-8", "strict"))
        left, digest = size, hashlib.sha256()
        while left:
            data = file.read(min(left, COPY_BYTES))
            if not data:
                raise BackupError(f"{name} became shorter while it was copied.")
            self._write(data)
            digest.update(data)
            left -= len(data)
        self._write(b"\0" * (-size % BLOCK))
        return digest.hexdigest()

    def add_bytes(self, name: str, data: bytes) -> None:
        self.add(name, len(data), io.BytesIO(data))

    def add_rows(self, table: str, number: int, lines: list[bytes]) -> None:
        data = b"".join(lines)
        if len(data) > MAX_CHUNK_BYTES:
            raise BackupError(f"A row of {table} is larger than {MAX_CHUNK_BYTES:,} bytes.")
        packer = zlib.compressobj(6, zlib.DEFLATED, 31)  # 31: with a gzip header
        packed = packer.compress(data) + packer.flush()
        self.add_bytes(f"{TABLES}{table}/{number:06}.jsonl.gz", packed)

    def finish(self, summary: dict[str, Any]) -> str:
        """Write what was written, and its hash. Gives the SHA-256."""
        self.add_bytes(SUMMARY, json.dumps(summary, indent=1).encode())
        digest = self._sha256.hexdigest()
        sums = {"sha256": digest, "bytes": self.bytes}
        self.add_bytes(CHECKSUM, json.dumps(sums).encode())
        self._write(b"\0" * 2 * BLOCK)
        return digest

    def _write(self, data: bytes) -> None:
        self._file.write(data)
        self._sha256.update(data)
        self.bytes += len(data)


class Member:
    """One file in a backup, read once, in pieces."""

    def __init__(self, name: str, size: int, archive: "ArchiveReader"):
        self.name = name
        self.size = size  # bytes
        self.left = size
        self._archive = archive
        self._sha256 = hashlib.sha256()

    def pieces(self) -> Iterator[bytes]:
        while self.left:
            data = self._archive.read(min(self.left, COPY_BYTES))
            self.left -= len(data)
            self._sha256.update(data)
            yield data

    def digest(self) -> str:
        """The SHA-256 of all of it."""
        for _ in self.pieces():
            pass
        return self._sha256.hexdigest()

    def data(self, limit: int) -> bytes:
        """All of it. Raises BackupError when that is more than `limit` bytes."""
        if self.size > limit:
            raise BackupError(f"{self.name!r} in it is larger than in any backup.")
        return b"".join(self.pieces())

    def lines(self) -> list[bytes]:
        """The rows of a chunk, unpacked. Raises BackupError when that is too much."""
        unpacker = zlib.decompressobj(31)
        try:
            data = unpacker.decompress(self.data(MAX_CHUNK_BYTES), MAX_CHUNK_BYTES)
        except zlib.error as error:
            raise BackupError(f"{self.name!r} in it cannot be unpacked.") from error
        if not unpacker.eof or unpacker.unused_data:
            raise BackupError(f"{self.name!r} in it unpacks to more than any backup's.")
        return data.split(b"\n")[:-1]

    def description(self) -> dict[str, Any]:
        """The JSON object it is. Raises BackupError."""
        try:
            found = json.loads(self.data(MAX_DESCRIPTION_BYTES))
        except (ValueError, RecursionError) as error:
            raise BackupError("Its description cannot be read.") from error
        if not isinstance(found, dict):
            raise BackupError("Its description is not what a backup's is.")
        return found


class ArchiveReader:
    """Reads the members of a backup in order, each once, and checks the hash on the way.

    Raises BackupError for a file that is damaged, cut short or made to do harm.
    """

    def __init__(self, file: IO[bytes]):
        file.seek(0)
        self._file = file
        self._sha256 = hashlib.sha256()
        self.position = 0
        self.sha256 = ""

    def __iter__(self) -> Iterator[Member]:
        """Header first, then media and rows, then the summary. The checksum is not given."""
        is_first = True
        while True:
            before, digest = self.position, self._sha256.hexdigest()
            member = self._next()
            if is_first != (member.name == HEADER):
                raise BackupError("This is no backup of Inkstone.")
            is_first = False
            if member.name == CHECKSUM:
                break
            yield member
            self._skip(member)
        sums = member.description()
        self.sha256 = digest
        if sums != {"sha256": digest, "bytes": before}:
            raise BackupError("It is damaged: its content does not have the hash it should.")
        self._skip(member)
        if self.read(2 * BLOCK).strip(b"\0") or self._file.read(1):
            raise BackupError("Something was put behind its end.")

    def read(self, size: int) -> bytes:
        """Exactly `size` bytes. Raises BackupError when there are fewer."""
        data = self._file.read(size)
        if len(data) < size:
            raise BackupError("It is incomplete: its end is missing.")
        self._sha256.update(data)
        self.position += size
        return data

    def _skip(self, member: Member) -> None:
        member.digest()
        self._padding(member.size)

    def _padding(self, size: int) -> None:
        if self.read(-size % BLOCK).strip(b"\0"):
            raise BackupError("It is damaged: something stands where nothing should.")

    def _next(self) -> Member:
        info = self._header()
        name, size = info.name, info.size
        if info.type == tarfile.XHDTYPE:
            if not 0 < size <= MAX_PAX_BYTES:
                raise BackupError("One of its headers is larger than in any backup.")
            records = _pax_records(self.read(size))
            self._padding(size)
            info = self._header()
            name = records.get("path", info.name)
            length = records.get("size", str(info.size))
            if not (length.isascii() and length.isdigit()):
                raise BackupError("One of its headers makes no sense.")
            size = int(length)
        if info.type != tarfile.REGTYPE or size < 0:
            raise BackupError(f"It holds something that is no plain file: {name!r}.")
        return Member(name, size, self)

    def _header(self) -> tarfile.TarInfo:
        block = self.read(BLOCK)
        if not block.strip(b"\0"):
            raise BackupError("It is incomplete: its checksum is missing.")
        try:
            return tarfile.TarInfo.frombuf(block, "utf-8", "strict")
        except (tarfile.TarError, ValueError) as error:
            raise BackupError("This is no backup, or it is damaged.") from error


def _pax_records(data: bytes) -> dict[str, str]:
    """What an extended header says: records of the form "<length> <key>=<value>\\n"."""
    records: dict[str, str] = {}
    position = 0
    while position < len(data):
        match = PAX_RECORD.match(data, position)
        end = position + int(match[1]) if match else 0
        if not match or end <= match.end() or data[end - 1 : end] != b"\n":
            raise BackupError("One of its headers makes no sense.")
        try:
            records[match[2].decode()] = data[match.end() : end - 1].decode()
        except UnicodeDecodeError as error:
            raise BackupError("One of its headers makes no sense.") from error
        position = end
    return records


def media_name(member_name: str) -> str:
    """The name in the storage of a media member. Raises BackupError when it leads elsewhere."""
    name = member_name.removeprefix(MEDIA)
    parts = name.split("/")
    if (
        not member_name.startswith(MEDIA)
        or len(name) > MAX_NAME_LENGTH
        or "\\" in name
        or CONTROL.search(name)
        or any(part in ("", ".", "..") for part in parts)
        or parts[0].startswith(RESTORING)
    ):
        raise BackupError(f"It holds a file whose name leads elsewhere: {member_name!r}.")
    return name
