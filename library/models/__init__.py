"""What people upload."""

from .collections import Collection
from .former import FormerFile
from .images import (
    CLAIM_LEASE,
    FOLDER,
    MAX_TRIES,
    MEDIA_TYPES,
    MIN_BYTES_FOR_RENDITIONS,
    Image,
    ImageUse,
)
from .uses import Place
from .videos import CaptionTrack, Video, VideoUse

__all__ = [
    "CLAIM_LEASE",
    "FOLDER",
    "MAX_TRIES",
    "MEDIA_TYPES",
    "MIN_BYTES_FOR_RENDITIONS",
    "CaptionTrack",
    "Collection",
    "FormerFile",
    "Image",
    "ImageUse",
    "Place",
    "Video",
    "VideoUse",
]
