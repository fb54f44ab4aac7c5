"""Files that no row speaks of: an upload that was rolled back, a deletion that was cut short."""

from datetime import datetime, timedelta

from django.core.files.storage import default_storage
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events import schedule
from library import storage
from library.models import FOLDER, Image

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


def delete_orphans() -> int:
    """Delete the folders that belong to no image and have not been written to for MIN_AGE.

    Answers how many. Safe beside uploads: one of the same picture renews its file first.
    """
    try:
        digests, _files = default_storage.listdir(FOLDER)
    except FileNotFoundError:
        return 0
    deleted = 0
    for start in range(0, len(digests), BATCH):
        batch = digests[start : start + BATCH]
        known = set(Image.objects.filter(digest__in=batch).values_list("digest", flat=True))
        for digest in batch:
            if digest not in known and _is_old(f"{FOLDER}/{digest}"):
                storage.delete_folder(digest)
                deleted += 1
    return deleted


def _is_old(folder: str) -> bool:
    """Whether all files in `folder` are; what changes while we look is not."""
    try:
        _folders, names = default_storage.listdir(folder)
        times = [default_storage.get_modified_time(f"{folder}/{name}") for name in names]
    except FileNotFoundError:
        return False
    return all(time < timezone.now() - MIN_AGE for time in times)
