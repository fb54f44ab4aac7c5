"""Work on images that nobody waits for."""

import logging
import time

from celery import shared_task
from django.utils import timezone

from lib.images import ImageError, renditions
from library import storage
from library.models import Image

logger = logging.getLogger(__name__)

SWEEP_SECONDS = 45  # Less than the minute after which beat sends the next.


@shared_task
def make_renditions(image_id: int) -> None:
    """Make the copies of one image, unless they are made, in work or given up.

    Until then, and for ever when it fails, readers get the image itself.
    """
    if not Image.objects.claim(image_id):
        return
    image = Image.objects.get(pk=image_id)
    row = Image.objects.filter(pk=image_id)
    try:
        for made in renditions(storage.read(image.file.name), image.renditions["avif"]):
            storage.write(image.rendition_name(made.width, made.extension), made.data)
    except (ImageError, OSError) as error:
        # Not raised: the row says what happened, and the sweep tries again after the lease.
        logger.warning("No renditions of image %s: %s", image_id, error)
        row.update(renditions_error=str(error)[:300])
        return
    # Not when it was replaced meanwhile: these are copies of what it was.
    kept = row.filter(digest=image.digest).update(renditions_at=timezone.now(), renditions_error="")
    if not kept and not Image.objects.filter(digest=image.digest).exists():
        storage.delete_folder(image.digest)  # Deleted while we worked.


@shared_task
def sweep_renditions() -> None:
    """Do what the queue lost or a killed worker left, oldest first, for SWEEP_SECONDS.

    It does the work itself: to queue it would grow a queue that is merely long.
    """
    end = time.monotonic() + SWEEP_SECONDS
    for image_id in Image.objects.waiting().order_by("id").values_list("id", flat=True)[:500]:
        if time.monotonic() > end:
            return
        make_renditions(image_id)
