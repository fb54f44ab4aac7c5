import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from lib.tests import make_images as make
from library import videos
from library.models import Video
from library.services import store_image


@pytest.fixture
def make_image(db):
    """`make_image(data=..., name=..., **fields)`: a stored photograph, renditions not made."""

    def build(data=None, name="Old Bridge.JPG", **fields):
        return store_image(data or make.photo(), name, **fields)

    return build


@pytest.fixture
def make_video(db):
    """`make_video(**columns)`: a row as an upload makes it; no ffmpeg has looked at it."""

    def build(data=b"film", **columns):
        digest = videos.content_hash(SimpleUploadedFile("x", data))
        original = f"originals/{digest}"
        default_storage.save(original, SimpleUploadedFile("x", data))
        values = {
            "digest": digest,
            "stem": "sea",
            "original": original,
            "name": "Sea.mov",
            "container": "mov",
            "width": 64,
            "height": 48,
            "seconds": 0.4,
            "size": len(data),
            **columns,
        }
        return Video.objects.create(**values)

    return build
