"""Where the storage keeps the files of an image."""

from lib import storage
from lib.storage import fetch as fetch
from lib.storage import read as read
from lib.storage import write as write
from lib.storage import write_file as write_file
from library.models import FOLDER


def delete_folder(digest: str, folder: str = FOLDER) -> None:
    """Remove the image with this content hash and all its renditions. Safe to call twice."""
    storage.delete_folder(f"{folder}/{digest}")
