"""The library in the admin."""

from . import collections as collections
from . import images as images
from . import videos as videos
