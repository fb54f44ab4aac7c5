"""What an export of one's own data holds of the library."""

from pathlib import PurePosixPath

from django.conf import settings

from accounts import export
from accounts.models import User
from lib import storage
from library.models import Image, Video

COLUMNS = (
    *("id", "name", "file", "media_type", "width", "height", "size", "alt", "decorative"),
    *("caption", "credit", "focal_x", "focal_y", "created_at"),
)
VIDEO_COLUMNS = (
    *("id", "name", "width", "height", "seconds", "size", "alt", "caption", "credit"),
    "created_at",
)


def register() -> None:
    """Called when the app is there."""
    export.register("images", write_images)
    export.register("videos", write_videos)


def write_videos(user: User, archive: export.Archive) -> None:
    """What is said of the videos this person uploaded. They are too big to be in here: each can
    be fetched at its address."""
    own = Video.objects.filter(uploaded_by=user)
    rows = export.rows_of(own, *VIDEO_COLUMNS)
    addresses = {video.pk: settings.SITE_URL + video.url for video in own}
    archive.add_json("videos", [row | {"address": addresses[row["id"]]} for row in rows])


def write_images(user: User, archive: export.Archive) -> None:
    """The pictures this person uploaded, as they are served, and what is said of them."""
    own = Image.objects.filter(uploaded_by=user)
    archive.add_json("images", export.rows_of(own, *COLUMNS))
    for image in own.order_by("pk").only("digest", "file").iterator(100):
        path = PurePosixPath(image.file.name)
        try:
            data = storage.read(image.file.name)
        except FileNotFoundError:
            continue  # deleted by hand; the row says that there was one
        archive.add_file(f"images/{image.digest[:12]}-{path.name}", data)
