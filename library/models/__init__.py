"""What people upload."""

from .collections import Collection
from .former import FormerFile
from .former_videos import FormerVideo, VideoReplacement
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
    "FormerVideo",
    "Image",
    "ImageUse",
    "Place",
    "Video",
    "VideoReplacement",
    "VideoUse",
]
