"""The pictures of a source: into the library once, and where they are from then on."""

import hashlib
from pathlib import Path

from django.core.exceptions import ValidationError
from library.services import store_image

from accounts.models import User
from lib import images
from library.models import Image
from transfer.markdown.source import Source


class Pictures:
    """Stores each file once; a dry run only looks whether it could be stored."""

    def __init__(self, source: Source, *, dry_run: bool, by: User | None) -> None:
        self._source, self._dry_run, self._by = source, dry_run, by
        self._known: dict[Path, tuple[Image | None, str, str]] = {}

    @property
    def used(self) -> set[str]:
        """The content hashes of the files that were usable: copies count once."""
        return {key for image, key, refusal in self._known.values() if not refusal}

    def url(self, file: Path) -> tuple[str | None, str]:
        """The address of `file` in the library, or None and the reason why it is not there."""
        image, key, refusal = self._get(file)
        if refusal:
            return None, refusal
        return (image.url if image else f"/media/images/{key}/{file.name}"), ""

    def image(self, file: Path, *, alt: str = "") -> Image | None:
        """The image made of `file`; None when it was refused, or in a dry run."""
        return self._get(file, alt)[0]

    def _get(self, file: Path, alt: str = "") -> tuple[Image | None, str, str]:
        if file not in self._known:
            self._known[file] = self._store(file, alt)
        return self._known[file]

    def _store(self, file: Path, alt: str) -> tuple[Image | None, str, str]:
        try:
            data = file.read_bytes()
        except OSError as error:
            return None, "", error.strerror or "unreadable"
        key = hashlib.sha256(data).hexdigest()
        try:
            if self._dry_run:
                images.clean(data, file.name)
                return None, key, ""
            return store_image(data, file.name, by=self._by, alt=alt[:500]), key, ""
        except images.ImageError as error:
            return None, "", str(error)
        except ValidationError as error:
            return None, "", " ".join(error.messages)
