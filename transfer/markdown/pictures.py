"""The pictures of a source: into the library once, and where they are from then on."""

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from django.core.exceptions import ValidationError

from accounts.models import User
from lib import images
from library.models import Image
from library.services import store_image

THREADS = 2  # Pillow leaves Python's lock to others while it decodes and encodes


class _Read(NamedTuple):
    """A picture file as it was read: its bytes and, unless it was refused, cleaned."""

    data: bytes
    cleaned: images.Cleaned | None
    refusal: images.ImageError | OSError | None


class Pictures:
    """Stores each file once; a dry run only looks whether it could be stored.

    Pictures are cleaned by threads, some posts ahead of the one that is being stored; the
    database is touched by the caller's thread alone.
    """

    def __init__(self, *, dry_run: bool, by: User | None) -> None:
        self._dry_run, self._by = dry_run, by
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="pictures")
        self._coming: dict[Path, Future[_Read]] = {}
        self._known: dict[Path, tuple[Image | None, str]] = {}

    def __enter__(self) -> "Pictures":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def expect(self, files: Iterable[Path]) -> None:
        """Begin to clean `files`: they will be asked for soon."""
        for file in files:
            if file not in self._known and file not in self._coming:
                self._coming[file] = self._pool.submit(_read, file)

    def url(self, file: Path) -> tuple[str | None, str]:
        """The address of `file` in the library, or None and the reason why it is not there."""
        image, refusal = self._get(file)
        if refusal:
            return None, refusal
        # A dry run has no image; nothing asks what is at this address.
        return (image.url if image else f"/media/images/{'0' * 64}/{file.name}"), ""

    def image(self, file: Path, *, alt: str = "") -> Image | None:
        """The image made of `file`; None when it was refused, or in a dry run."""
        return self._get(file, alt)[0]

    def _get(self, file: Path, alt: str = "") -> tuple[Image | None, str]:
        if file not in self._known:
            self.expect([file])
            self._known[file] = self._store(file, self._coming.pop(file).result(), alt)
        return self._known[file]

    def _store(self, file: Path, read: _Read, alt: str) -> tuple[Image | None, str]:
        if read.refusal:
            return None, str(read.refusal)
        if self._dry_run:
            return None, ""
        try:
            image = store_image(
                read.data, file.name, by=self._by, alt=alt[:500], cleaned=read.cleaned
            )
        except ValidationError as error:
            return None, " ".join(error.messages)
        return image, ""


def _read(file: Path) -> _Read:
    """Read and clean one file; runs in a thread, so it knows no database."""
    try:
        data = file.read_bytes()
        return _Read(data, images.clean(data, file.name), None)
    except (images.ImageError, OSError) as error:
        return _Read(b"", None, error)
