"""The library in the admin."""

from . import images as images
from . import videos as videos
