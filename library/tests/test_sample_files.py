"""Each file of the samples: an upright picture that tells no place, or a clear refusal."""

import io
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from PIL import Image as Pillow
from PIL import ImageChops, ImageStat

from library import storage
from library.models import Image
from library.services import store_image
from library.tasks import make_renditions

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "data" / "images"
FILES = sorted(path for path in SAMPLES.rglob("*") if path.is_file())
# Refused, with these words; all others are kept.
REFUSED = {
    "broken.png": "not a picture we can use",
    "decompression_bomb.gif": "too many pixels",
    "hopper.ico": "not a picture we can use",
    "samplefilehub.heif": "not a picture we can use",
    "truncated_image.png": "damaged",
    "truncated_jpeg.jpg": "damaged",
    "zero_width.gif": "not a picture we can use",
    "Jobagent.tiff": "not a picture we can use",
}
# Bytes by which the formats announce what must not leave.
SECRETS = (b"Exif\0\0", b"eXIf", b"EXIF", b"http://ns.adobe.com/xap", b"tEXt", b"iTXt", b"XMP ")

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not FILES, reason="the sample files are not beside the project"),
]


def pixels(name: str) -> Pillow.Image:
    return Pillow.open(io.BytesIO(storage.read(name)))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_sample_becomes_a_clean_picture_or_a_clear_refusal(path):
    if path.name in REFUSED:
        with pytest.raises(ValidationError, match=REFUSED[path.name]):
            store_image(path.read_bytes(), path.name)
        assert not Image.objects.exists()
        return
    image = store_image(path.read_bytes(), path.name)
    names = [image.file.name]
    if image.width <= 500 or path.parent.name == "gps":  # Larger ones take long, and show the same.
        make_renditions(image.pk)
        image.refresh_from_db()
        assert image.renditions_error == ""
        names += [
            image.rendition_name(width, extension)
            for extension, widths in image.renditions.items()
            for width in widths
        ]
    for name in names:
        data = storage.read(name)
        if image.media_type == "image/svg+xml":
            assert b"<script" not in data
            continue
        if image.media_type != "image/gif":  # its pixels may spell anything
            assert not [mark for mark in SECRETS if mark in data[:4_096]]
        with pixels(name) as shown:
            assert not dict(shown.getexif())
            assert not shown.getexif().get_ifd(0x8825)
            if name == image.file.name:
                assert shown.size == (image.width, image.height)


def test_an_avif_that_is_turned_by_its_container_is_upright():
    path = SAMPLES / "avif" / "kimono.rotate90.avif"
    image = store_image(path.read_bytes(), path.name)
    assert (image.width, image.height) == (722, 1024)


@pytest.mark.parametrize("orientation", range(2, 9))
def test_all_orientations_of_a_camera_look_the_same(orientation):
    folder = SAMPLES / "exif-orientation"
    upright, turned = (
        store_image((folder / name).read_bytes(), name)
        for name in ("landscape_1.jpg", f"landscape_{orientation}.jpg")
    )
    with pixels(upright.file.name) as expected, pixels(turned.file.name) as shown:
        assert shown.size == expected.size == (600, 450)
        small = [image.convert("L").resize((30, 22)) for image in (expected, shown)]
    difference = ImageStat.Stat(ImageChops.difference(*small)).mean[0]
    assert difference < 8  # of 255; another turn of this landscape gives more than 30
