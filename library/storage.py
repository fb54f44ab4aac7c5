"""Where the storage keeps the files of an image."""

from lib import storage
from lib.storage import read as read
from lib.storage import write as write
from library.models import FOLDER


def delete_folder(digest: str) -> None:
    """Remove the image with this content hash and all its renditions. Safe to call twice."""
    storage.delete_folder(f"{FOLDER}/{digest}")
