"""Converting videos: work on rows, which remember how far it is."""

import logging
import time
from pathlib import Path

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from events.services import record
from lib import scratch, video
from library import storage
from library.models import Video
from library.models.videos import FOLDER, MAX_TRIES
from library.video_swap import take_place

logger = logging.getLogger(__name__)

SAY_SECONDS = 2.0  # between two notes of how far it is
POSTER_PERCENT = 2


class GoneError(Exception):
    """The video was deleted, or another worker has it now."""


class Progress:
    """Notes on the row of one video how far it is, which also keeps the claim."""

    def __init__(self, video_id: int, claimed_at) -> None:
        self._row = Video.objects.filter(pk=video_id)
        self._claimed_at = claimed_at
        self._said = 0.0

    def say(self, percent: float) -> None:
        """Raises GoneError when there is nothing left to work for."""
        if time.monotonic() < self._said + SAY_SECONDS:
            return
        self._said = time.monotonic()
        now = timezone.now()
        mine = self._row.filter(claimed_at=self._claimed_at)
        if not mine.update(progress=min(int(percent), 99), claimed_at=now):
            raise GoneError
        self._claimed_at = now


@shared_task
def convert_video(video_id: int) -> None:
    """Make the files that readers get, unless they are made, in work or given up.

    What an attempt that was cut off has made is not made again.
    """
    if not Video.objects.claim(video_id):
        return
    stored = Video.objects.get(pk=video_id)
    row = Video.objects.filter(pk=video_id)
    try:
        # Of the same name at each attempt: what a killed one left is taken away by the next.
        with scratch.folder(f"video-{stored.digest}") as folder:
            files = _make(stored, folder)
    except GoneError:
        _clear_up(stored)
    except (video.Broken, video.TooLong) as error:
        # Another attempt would end the same way.
        logger.warning("Video %s cannot be converted: %s", video_id, error)
        row.update(error=str(error)[:300], tries=MAX_TRIES)
    except (video.VideoError, OSError) as error:
        # Not raised: the row says what happened, and the sweep tries again after the lease.
        logger.warning("Video %s was not converted: %s", video_id, error)
        row.update(error=str(error)[:300])
    except SoftTimeLimitExceeded:
        row.update(error="It took longer than a task may.")
        raise
    else:
        _finish(stored, files)


@shared_task
def sweep_videos() -> None:
    """Convert one that the queue lost or a killed worker left, the oldest first."""
    waiting = Video.objects.waiting().order_by("id").values_list("id", flat=True).first()
    if waiting is not None:
        convert_video(waiting)


def _make(stored: Video, folder: Path) -> dict[str, int]:
    """The sizes in bytes of all files, by extension, now that they are in the storage."""
    limit = settings.VIDEO_MAX_MINUTES * 60
    progress = Progress(stored.pk, stored.claimed_at)
    source = folder / "source"
    storage.fetch(stored.original, source)
    facts = video.probe(source, max_seconds=limit)
    sizes = {}

    def keep(extension: str, path: Path) -> None:
        storage.write_file(stored.file_name(extension), path)
        sizes[extension] = path.stat().st_size
        path.unlink()

    if not default_storage.exists(stored.file_name("jpg")):
        video.make_poster(source, folder / "poster.jpg", facts)
        keep("jpg", folder / "poster.jpg")
    share = (100 - POSTER_PERCENT) / len(video.RECIPES)
    for place, recipe in enumerate(video.RECIPES):
        name = stored.file_name(recipe.extension)
        if default_storage.exists(name):  # Stored whole, or not at all.
            sizes[recipe.extension] = default_storage.size(name)
            continue
        start = POSTER_PERCENT + place * share
        target = folder / f"made.{recipe.extension}"
        try:
            video.convert(
                source,
                target,
                recipe,
                facts,
                max_seconds=limit,
                on_progress=lambda done, start=start: progress.say(start + done * share),
            )
        except video.TooLong:
            if place == 0:
                raise
            logger.warning("Video %s is there without %s.", stored.pk, recipe.extension)
            continue  # The first one plays everywhere.
        keep(recipe.extension, target)
    return sizes


@transaction.atomic
def _finish(stored: Video, files: dict[str, int]) -> None:
    made = {"made_at": timezone.now(), "progress": 100, "error": "", "files": files}
    original = stored.original
    if not Video.objects.filter(pk=stored.pk).update(original="", **made):
        _clear_up(stored)
        return
    stored.refresh_from_db()
    if not take_place(stored):
        record("video.ready", stored)
    transaction.on_commit(lambda: default_storage.delete(original), robust=True)


def _clear_up(stored: Video) -> None:
    """Deleted while we worked: nothing of it stays."""
    if not Video.objects.filter(digest=stored.digest).exists():
        storage.delete_folder(stored.digest, FOLDER)
        default_storage.delete(stored.original)
