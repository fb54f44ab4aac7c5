import contextlib
import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from lib import images
from lib.tests import make_images as make
from tests.shared import SHARED_DATA, needs_shared_data

SHARED_IMAGES = sorted((SHARED_DATA / "images").glob("*/*"))
UNUSABLE = {
    *("broken.png", "decompression_bomb.gif", "hopper.ico", "Jobagent.tiff", "samplefilehub.heif"),
    *("truncated_image.png", "truncated_jpeg.jpg", "zero_width.gif"),
}


def near(pixel, wanted, tolerance=12) -> bool:
    return all(abs(a - b) <= tolerance for a, b in zip(pixel, wanted, strict=True))


@needs_shared_data
@pytest.mark.parametrize("file", SHARED_IMAGES, ids=lambda file: file.name)
def test_every_shared_file_is_cleaned_or_clearly_refused(file):
    data = file.read_bytes()
    if file.name in UNUSABLE:
        with pytest.raises(images.ImageError, match=r"\w"):
            images.clean(data, file.name)
        return
    cleaned = images.clean(data, file.name)
    if cleaned.extension == "svg":
        return
    result = make.decoded(cleaned.data)
    assert result.size == (cleaned.width, cleaned.height)
    assert not result.getexif()
    assert {"exif", "xmp", "icc_profile", "comment", "photoshop"}.isdisjoint(result.info)


@needs_shared_data
def test_photographs_of_one_scene_look_the_same_whatever_their_orientation():
    files = [file for file in SHARED_IMAGES if file.name.startswith("landscape_")]
    thumbs = []
    for file in files:
        cleaned = images.clean(file.read_bytes())
        assert (cleaned.width, cleaned.height) == (600, 450)
        thumbs.append(make.decoded(cleaned.data).convert("L").resize((8, 6)).tobytes())
    for thumb in thumbs[1:]:
        assert max(abs(a - b) for a, b in zip(thumbs[0], thumb, strict=True)) < 40


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_photograph_comes_out_upright(orientation):
    data = make.turned_jpeg(orientation)
    facts = images.inspect(data)
    assert (facts.width, facts.height) == (60, 40)
    result = make.decoded(images.clean(data).data)
    assert result.size == (60, 40)
    assert near(result.getpixel((5, 5)), (255, 0, 0))
    assert near(result.getpixel((55, 35)), (255, 255, 255))


def test_a_jpeg_loses_its_place_camera_and_comments():
    data = make.secretive_jpeg()
    assert b"Secret" in data
    cleaned = images.clean(data)
    assert b"Secret" not in cleaned.data
    assert b"Exif" not in cleaned.data
    assert len(cleaned.data) < len(data)


def test_cmyk_becomes_rgb_with_its_colours():
    data = make.encoded(Image.new("CMYK", (20, 20), (0, 255, 255, 0)), "JPEG", quality=95)
    result = make.decoded(images.clean(data).data)
    assert result.mode == "RGB"
    assert near(result.getpixel((9, 9)), (254, 0, 0))


def test_sixteen_bits_become_eight_without_clipping():
    data = make.encoded(Image.new("I;16", (20, 20), 0x8080), "PNG")
    result = make.decoded(images.clean(data).data)
    assert result.mode == "L"
    assert result.getpixel((9, 9)) == 0x80


def test_a_palette_stays_one_and_keeps_its_transparent_colour():
    image = make.scene().convert("P", palette=Image.Palette.ADAPTIVE, colors=4)
    cleaned = images.clean(make.encoded(image, "PNG", transparency=0))
    assert cleaned.transparent
    result = make.decoded(cleaned.data)
    assert result.mode == "P"
    assert result.info["transparency"] == 0


def test_colours_of_another_profile_are_converted():
    data = make.encoded(make.scene(), "PNG", icc_profile=make.swapped_profile())
    result = make.decoded(images.clean(data).data)
    assert "icc_profile" not in result.info
    assert near(result.getpixel((5, 5)), (0, 0, 255))
    assert near(result.getpixel((55, 35)), (255, 255, 255))


def test_an_alpha_channel_that_hides_nothing_is_dropped():
    image = make.scene().convert("RGBA")
    assert not images.clean(make.encoded(image, "PNG")).transparent
    image.putpixel((0, 0), (255, 0, 0, 0))
    assert images.clean(make.encoded(image, "PNG")).transparent


def test_an_animated_gif_keeps_frames_and_timing_without_comment_and_trailing_bytes():
    data = make.animation("GIF", comment=b"Secret comment") + b"Secret trailer"
    cleaned = images.clean(data)
    assert cleaned.animated
    assert b"Secret" not in cleaned.data
    result = make.decoded(cleaned.data)
    assert result.n_frames == 3
    assert result.info["duration"] == 120
    assert result.info["loop"] == 0
    result.seek(2)
    assert near(result.convert("RGB").getpixel((5, 5)), (0, 0, 255))


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF"])
def test_other_animations_stay_animated(kind):
    cleaned = images.clean(make.animation(kind))
    assert cleaned.animated
    result = make.decoded(cleaned.data)
    assert result.n_frames == 3
    result.seek(1)
    assert near(result.convert("RGB").getpixel((5, 5)), (0, 255, 0), 25)


def test_a_lossless_webp_stays_exact():
    image = make.noise(40, 40)
    cleaned = images.clean(make.encoded(image, "WEBP", lossless=True, exact=True))
    assert make.decoded(cleaned.data).convert("RGB").tobytes() == image.tobytes()


def test_a_huge_photograph_is_scaled_to_what_is_kept():
    for width, height in ((6000, 4000), (8160, 5440)):
        cleaned = images.clean(make.encoded(Image.new("L", (width, height)), "JPEG"))
        pixels = cleaned.width * cleaned.height
        # Halved when it is decoded: still more than the widest rendition shows.
        assert images.MAX_KEPT_PIXELS / 4 < pixels <= images.MAX_KEPT_PIXELS
        assert cleaned.width > images.WIDTHS[-1]
        assert cleaned.width / cleaned.height == pytest.approx(1.5, abs=0.001)


def test_a_progressive_jpeg_has_a_limit_of_its_own(monkeypatch):
    """Decoding one takes three bytes for each of its pixels at once."""
    monkeypatch.setattr(images, "MAX_PROGRESSIVE_PIXELS", 100)
    images.inspect(make.jpeg())
    with pytest.raises(images.TooManyPixels, match="progressive"):
        images.inspect(make.jpeg(progressive=True))


def test_a_large_png_is_compressed_less_and_stays_exact(monkeypatch):
    image = make.noise(40, 40)
    monkeypatch.setattr(images, "MIN_LARGE_PIXELS", 100)
    monkeypatch.setattr(images, "LARGE_PNG_OPTIONS", {"compress_level": 0})
    cleaned = images.clean(make.encoded(image, "PNG"))
    assert len(cleaned.data) > 3 * 40 * 40
    assert make.decoded(cleaned.data).tobytes() == image.tobytes()


def test_a_bomb_is_refused_from_its_header():
    with pytest.raises(images.TooManyPixels):
        images.inspect(make.png_header(50_000, 50_000))
    with pytest.raises(images.TooManyPixels):
        images.inspect(make.png_header(40_000, 10))


def test_a_gif_whose_frame_is_far_outside_is_refused_before_it_is_decoded():
    data = bytearray(make.animation("GIF"))
    last = data.rindex(b"\x2c\0\0\0\0")  # The descriptor of a frame at 0, 0.
    data[last + 1 : last + 9] = b"\xff\xff" * 4
    with pytest.raises(images.TooManyPixels):
        images.inspect(bytes(data))


def test_too_many_bytes_are_refused():
    with pytest.raises(images.TooBig):
        images.inspect(b"\xff\xd8" + bytes(images.MAX_BYTES))


@pytest.mark.parametrize(
    "data",
    [
        make.animation("GIF", comment=b"<script>alert(1)</script>"),
        make.jpeg() + b"<HTML><body onload=alert(1)>",
        make.jpeg(comment=b"<?php system($_GET[0]); ?>"),
        make.jpeg(comment=b"%PDF-1.7 "),
    ],
    ids=["gif-script", "jpeg-html", "jpeg-php", "jpeg-pdf"],
)
def test_a_picture_that_is_also_something_else_is_refused(data):
    with pytest.raises(images.Polyglot):
        images.clean(data)


def test_a_picture_that_is_also_an_archive_is_refused():
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a.class", "x")
    with pytest.raises(images.Polyglot):
        images.clean(make.jpeg() + archive.getvalue())


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "GIF"])
def test_a_cut_off_file_is_refused(kind):
    image = make.noise(80, 80)
    data = make.encoded(image, kind)
    with pytest.raises(images.ImageError):
        images.clean(data[: len(data) // 2])


@pytest.mark.parametrize("data", [b"", b"hello", b"<p>no</p>", b"%PDF-1.7", b"BM" + bytes(99)])
def test_what_is_no_picture_is_refused(data):
    with pytest.raises(images.NotAnImage):
        images.clean(data)


def test_a_name_that_promises_no_picture_is_refused_another_kind_of_picture_is_not():
    with pytest.raises(images.NotAnImage):
        images.clean(make.jpeg(), "page.html")
    assert images.clean(make.jpeg(), "photo.png").extension == "jpg"


def test_renditions_come_in_three_formats_at_each_width():
    data = make.photo(900, 600)
    made = list(images.renditions(data, images.rendition_widths(900)))
    assert [(r.width, r.extension) for r in made] == [
        (width, extension) for width in (480, 800, 900) for extension in ("avif", "webp", "jpg")
    ]
    for rendition in made:
        assert make.decoded(rendition.data).width == rendition.width


def test_renditions_of_a_transparent_picture_stay_transparent():
    data = make.encoded(make.noise(500, 300, "RGBA"), "PNG")
    made = list(images.renditions(data, [480]))
    assert [r.extension for r in made] == ["avif", "webp", "png"]
    assert all(make.decoded(r.data).mode == "RGBA" for r in made)


def test_no_width_exceeds_the_original():
    assert images.rendition_widths(300) == (300,)
    assert images.rendition_widths(800) == (480, 800)
    assert images.rendition_widths(9000) == images.WIDTHS


@settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from(["JPEG", "PNG", "GIF", "WEBP", "AVIF"]),
    at=st.floats(0, 1),
    junk=st.binary(min_size=1, max_size=12),
)
def test_damaged_bytes_never_raise_anything_else(kind, at, junk):
    data = bytearray(make.animation(kind) if kind == "GIF" else make.encoded(make.scene(), kind))
    start = int(at * len(data))
    data[start : start + len(junk)] = junk
    with contextlib.suppress(images.ImageError):
        images.clean(bytes(data))
