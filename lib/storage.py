"""Files in the default storage, whichever that is, written so that nobody reads half of one."""

import os
import shutil
import tempfile
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, default_storage


def write(name: str, data: bytes) -> None:
    """Store `data` under exactly `name`; whatever was there is replaced in one step.

    Nobody ever reads half a file, which a browser would then keep for a year. Raises OSError.
    """
    if not isinstance(default_storage, FileSystemStorage):
        default_storage.delete(name)  # Or it would choose another name.
        default_storage.save(name, ContentFile(data))
        return
    path = Path(default_storage.path(name))
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(temporary, settings.FILE_UPLOAD_PERMISSIONS or 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_file(name: str, source: Path) -> None:
    """As `write`, of a file that may be too big for memory. Raises OSError."""
    if not isinstance(default_storage, FileSystemStorage):
        default_storage.delete(name)
        with source.open("rb") as file:
            default_storage.save(name, File(file))
        return
    path = Path(default_storage.path(name))
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    os.close(handle)
    try:
        shutil.copyfile(source, temporary)
        os.chmod(temporary, settings.FILE_UPLOAD_PERMISSIONS or 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def fetch(name: str, target: Path) -> None:
    """Copy what is stored under `name` to `target` on this machine. Raises OSError."""
    with default_storage.open(name) as file, target.open("wb") as copy:
        shutil.copyfileobj(file, copy)


def copy(name: str, target: str) -> None:
    """Store under `target`, too, what is stored under `name`, however big. Raises OSError."""
    if isinstance(default_storage, FileSystemStorage):
        path = Path(default_storage.path(target))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        try:
            os.link(default_storage.path(name), path)  # nothing is read: files are never changed
        except FileNotFoundError:
            raise
        except OSError:  # this disk has no links
            write_file(target, Path(default_storage.path(name)))
        return
    default_storage.delete(target)
    with default_storage.open(name) as file:
        default_storage.save(target, file)


def read(name: str) -> bytes:
    """The bytes stored under `name`. Raises OSError."""
    with default_storage.open(name) as file:
        return file.read()


def delete_folder(folder: str) -> None:
    """Remove `folder` and the files in it. Safe to call twice."""
    try:
        _, names = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in names:
        default_storage.delete(f"{folder}/{name}")
    default_storage.delete(folder)
