"""The uploads: read out of the default storage, and put back all or none."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, Storage, default_storage

from transfer.backup.archive import COPY_BYTES, MEDIA, RESTORING, BackupError, Member, media_name

UNFINISHED = (".new-", RESTORING)  # what writers name a file that is not whole yet
# Below the media folder, and not the site's: people's own exports end after some days.
LEFT_OUT_FOLDERS = {"exports"}
# What a full disk must still have when a restore is done, in bytes.
SPARE_BYTES = 50_000_000


class MediaHash:
    """How many files there are, their bytes, and one SHA-256 that no order changes."""

    def __init__(self) -> None:
        self.files = 0
        self.bytes = 0
        self._sum = 0

    def add(self, name: str, size: int, digest: str) -> None:
        self.files += 1
        self.bytes += size
        one = hashlib.sha256(f"{name}\0{digest}".encode()).digest()
        self._sum = (self._sum + int.from_bytes(one)) % 2**256

    def result(self) -> dict[str, int | str]:
        return {"files": self.files, "bytes": self.bytes, "sha256": f"{self._sum:064x}"}


def file_names(storage: Storage = default_storage) -> Iterator[str]:
    """The names of all files in the storage, in order. Nothing that is still being written."""
    if isinstance(storage, FileSystemStorage):
        yield from _walk_folder(Path(storage.location), "")
    else:
        yield from _walk_storage(storage, "")


def left_out_links(storage: Storage = default_storage) -> list[str]:
    """Links to folders, which the walk does not follow: they may lead round in a circle."""
    if not isinstance(storage, FileSystemStorage):
        return []
    root = Path(storage.location)
    return [
        str(Path(folder, name).relative_to(root))
        for folder, names, _ in os.walk(root)
        for name in names
        if Path(folder, name).is_symlink()
    ]


def _walk_folder(root: Path, prefix: str) -> Iterator[str]:
    try:
        with os.scandir(root / prefix) as found:
            entries = sorted((entry.name, entry.is_dir(follow_symlinks=False)) for entry in found)
    except FileNotFoundError:
        return
    for name, is_folder in entries:
        if name.startswith(UNFINISHED) or (not prefix and name in LEFT_OUT_FOLDERS):
            continue
        if is_folder:
            yield from _walk_folder(root, f"{prefix}{name}/")
        elif (root / prefix / name).is_file():
            yield f"{prefix}{name}"


def _walk_storage(storage: Storage, prefix: str) -> Iterator[str]:
    folders, files = storage.listdir(prefix)
    yield from (f"{prefix}{name}" for name in sorted(files) if name)
    for folder in sorted(folders):
        if prefix or folder not in LEFT_OUT_FOLDERS:
            yield from _walk_storage(storage, f"{prefix}{folder}/")


@contextmanager
def opened(name: str) -> Iterator[tuple[IO[bytes], int, float] | None]:
    """A file of the storage with its size and time; None when it was deleted meanwhile."""
    try:
        file = default_storage.open(name)
    except FileNotFoundError:
        yield None
        return
    with file:
        if isinstance(default_storage, FileSystemStorage):
            facts = os.fstat(file.fileno())
            yield file, facts.st_size, facts.st_mtime
        else:
            when = default_storage.get_modified_time(name)
            yield file, file.size, when.timestamp()


def is_portable(name: str) -> bool:
    """Whether a backup can hold a file of this name and a restore put it back."""
    try:
        name.encode()
        return media_name(MEDIA + name) == name
    except (UnicodeEncodeError, BackupError):
        return False


def hash_files() -> MediaHash:
    """Read everything in the storage."""
    total = MediaHash()
    for name in file_names():
        with opened(name) as found:
            if found is None:
                continue
            file, size, _ = found
            digest = hashlib.sha256()
            while data := file.read(COPY_BYTES):
                digest.update(data)
            total.add(name, size, digest.hexdigest())
    return total


class Putting:
    """Files on their way back. In a folder they wait beside their place until `place()`.

    Use it in a `with`: what was not kept is removed at the end.
    """

    def __init__(self) -> None:
        self._placed: list[str] = []
        self._kept = False
        self._waiting: Path | None = None

    def __enter__(self) -> "Putting":
        if isinstance(default_storage, FileSystemStorage):
            root = Path(default_storage.location)
            root.mkdir(parents=True, exist_ok=True)
            for left in root.glob(f"{RESTORING}*"):
                shutil.rmtree(left)  # by a restore that was killed
            self._waiting = Path(tempfile.mkdtemp(dir=root, prefix=RESTORING))
        return self

    def __exit__(self, *error) -> None:
        if not self._kept:
            for name in self._placed:
                default_storage.delete(name)
        if self._waiting:
            shutil.rmtree(self._waiting, ignore_errors=True)

    def add(self, name: str, member: Member) -> None:
        """Take one file. Raises BackupError when another with this name is there."""
        if default_storage.exists(name):
            self._compare(name, member)
        elif self._waiting:
            path = self._waiting / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with open(path, "xb") as file:
                for piece in member.pieces():
                    file.write(piece)
            os.chmod(path, settings.FILE_UPLOAD_PERMISSIONS or 0o644)
        else:
            with tempfile.TemporaryFile() as file:
                for piece in member.pieces():
                    file.write(piece)
                file.seek(0)
                self._placed.append(default_storage.save(name, File(file)))

    def place(self) -> None:
        """Move everything to its place."""
        if not self._waiting:
            return
        root = Path(default_storage.location)
        for name in _walk_folder(self._waiting, ""):
            target = root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(self._waiting / name, target)
            self._placed.append(name)

    def keep(self) -> None:
        """From now on they stay."""
        self._kept = True

    def _compare(self, name: str, member: Member) -> None:
        there, ours = hashlib.sha256(), hashlib.sha256()
        with default_storage.open(name) as file:
            while data := file.read(COPY_BYTES):
                there.update(data)
        for piece in member.pieces():
            ours.update(piece)
        if there.digest() != ours.digest():
            raise BackupError(f"The media folder has another file named {name}. Use an empty one.")


def check_space(needed: int) -> None:
    """Raise BackupError when the media folder's disk has less than `needed` bytes to spare."""
    if not isinstance(default_storage, FileSystemStorage):
        return
    folder = Path(default_storage.location)
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if free < needed + SPARE_BYTES:
        raise BackupError(
            f"{folder} has {free // 1_000_000:,} MB free, {needed // 1_000_000:,} MB are needed."
        )
