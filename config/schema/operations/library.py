"""Images, videos, and the collections they are sorted into."""

from typing import Any

from config.schema.operations.describing import Operation
from library.api import ImageInput, ImageSerializer, ReplaceInput, UploadInput
from library.collection_api import CollectionInput, SortInput
from library.media_api import UsesSerializer
from library.video_api import (
    CaptionUpload,
    VideoInput,
    VideoReplaceInput,
    VideoSerializer,
    VideoUpload,
)

SORTING: dict[str, Any] = {
    "request": SortInput,
    "more": (409, 412),
    "example": {"images": [1, 2], "videos": [3]},
    "headers": ("ETag",),
}
OPERATIONS: dict[str, dict[str, Operation]] = {
    "MediaViewSet": {
        "list": Operation("list_images", "media", "All images, newest first.", many=True),
        "retrieve": Operation(
            "get_image", "media", "One image, with renditions.", headers=("ETag",)
        ),
        "create": Operation(
            "upload_image",
            "media",
            request=UploadInput,
            answer=ImageSerializer,
            status=201,
            more=(409,),
            headers=("ETag", "Location"),
        ),
        "partial_update": Operation(
            "describe_image",
            "media",
            request=ImageInput,
            more=(409, 412),
            example={"alt": "A pot of ink", "collections": [2]},
            headers=("ETag",),
        ),
        "replace": Operation(
            "replace_image", "media", request=ReplaceInput, more=(409, 412), headers=("ETag",)
        ),
        "uses": Operation("list_image_uses", "media", answer=UsesSerializer),
        "destroy": Operation("delete_image", "media", answer=None, status=204, more=(409, 412)),
    },
    "VideoViewSet": {
        "list": Operation("list_videos", "media", "All videos, newest first.", many=True),
        "retrieve": Operation("get_video", "media", "One video: how far it is.", headers=("ETag",)),
        "create": Operation(
            "upload_video",
            "media",
            request=VideoUpload,
            answer=VideoSerializer,
            status=201,
            more=(409,),
            headers=("ETag", "Location"),
        ),
        "partial_update": Operation(
            "describe_video",
            "media",
            request=VideoInput,
            more=(409, 412),
            example={"alt": "Waves on the pier", "collections": [2]},
            headers=("ETag",),
        ),
        "replace": Operation(
            "replace_video", "media", request=VideoReplaceInput, more=(409, 412), headers=("ETag",)
        ),
        "captions": Operation(
            "caption_video", "media", request=CaptionUpload, more=(409, 412), headers=("ETag",)
        ),
        "uses": Operation("list_video_uses", "media", answer=UsesSerializer),
        "destroy": Operation("delete_video", "media", answer=None, status=204, more=(409, 412)),
    },
    "CollectionViewSet": {
        "list": Operation("list_collections", "media", many=True),
        "retrieve": Operation("get_collection", "media", headers=("ETag",)),
        "create": Operation(
            "create_collection",
            "media",
            request=CollectionInput,
            status=201,
            more=(409,),
            example={"name": "Harbours"},
            headers=("ETag", "Location"),
        ),
        "partial_update": Operation(
            "rename_collection",
            "media",
            request=CollectionInput,
            more=(409, 412),
            example={"name": "Harbours"},
            headers=("ETag",),
        ),
        "put_in": Operation("put_into_collection", "media", **SORTING),
        "take_away": Operation("take_out_of_collection", "media", **SORTING),
        "destroy": Operation(
            "delete_collection", "media", answer=None, status=204, more=(409, 412)
        ),
    },
}
