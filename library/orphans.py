"""Files that no row speaks of: an upload that was rolled back, a deletion that was cut short."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.core.files.storage import default_storage
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events import schedule
from library import storage
from library.models import FOLDER, Image, Video
from library.models.videos import FOLDER as VIDEO_FOLDER
from library.models.videos import ORIGINALS
from library.replacing import forget_former_files
from library.replacing_videos import forget_former_videos

# An upload in work has its file before its row, and no transaction takes that long.
MIN_AGE = timedelta(days=1)
BATCH = 500  # folders in one query


def register_jobs() -> None:
    """Called when the app is there."""
    schedule.register(
        "library_orphans", _("Files without an image"), schedule.daily_at(4, 30), _delete_orphans
    )


def _delete_orphans(slot: datetime) -> None:
    delete_orphans()
    forget_former_files()
    forget_former_videos()


def delete_orphans() -> int:
    """Delete what belongs to no image and no video and has not been written to for MIN_AGE.

    Answers how many. Safe beside uploads: one of the same file renews it first.
    """
    deleted = 0
    for folder, model in ((FOLDER, Image), (VIDEO_FOLDER, Video)):
        for digest in _unknown(_names(folder)[0], model):
            if _is_old(f"{folder}/{digest}"):
                storage.delete_folder(digest, folder)
                deleted += 1
    # Of each video that is still to be converted, the upload, called by its hash.
    for digest in _unknown(_names(ORIGINALS)[1], Video):
        if _is_old(ORIGINALS, digest):
            default_storage.delete(f"{ORIGINALS}/{digest}")
            deleted += 1
    return deleted


def _names(folder: str) -> tuple[list[str], list[str]]:
    """The folders and the files in `folder`."""
    try:
        return default_storage.listdir(folder)
    except FileNotFoundError:
        return [], []


def _unknown(digests: list[str], model: type[Image | Video]) -> Iterator[str]:
    for start in range(0, len(digests), BATCH):
        batch = digests[start : start + BATCH]
        known = set(model.objects.filter(digest__in=batch).values_list("digest", flat=True))
        yield from (digest for digest in batch if digest not in known)


def _is_old(folder: str, *names: str) -> bool:
    """Whether `names` in `folder` are, all when none is given; what changes while we look is
    not."""
    try:
        names = names or tuple(default_storage.listdir(folder)[1])
        times = [default_storage.get_modified_time(f"{folder}/{name}") for name in names]
    except FileNotFoundError:
        return False
    return all(time < timezone.now() - MIN_AGE for time in times)
