"""Uploaded images: recognised by content, cleaned, and scaled. No Django here.

`inspect` tells what a file is from its header, `clean` turns it into one that is safe to serve,
`renditions` makes the smaller copies for `<picture>`. All three refuse with an `ImageError`.
"""

import io
import math
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from mimetypes import guess_type

from PIL import ExifTags, Image, ImageOps, ImageSequence, UnidentifiedImageError
from PIL.JpegImagePlugin import get_sampling

from lib import gif, svg
from lib.image_colours import tint_of, to_srgb
from lib.image_errors import Damaged, ImageError, NotAnImage, Polyglot, TooBig, TooManyPixels

__all__ = [
    "MAX_BYTES",
    "MAX_PIXELS",
    "WIDTHS",
    "Cleaned",
    "Damaged",
    "Facts",
    "ImageError",
    "NotAnImage",
    "Polyglot",
    "Rendition",
    "TooBig",
    "TooManyPixels",
    "clean",
    "inspect",
    "rendition_widths",
    "renditions",
]

MAX_BYTES = 20_000_000
# Phones make up to 50 megapixels. Read from the header, before anything is decoded.
MAX_PIXELS = 50_400_000
# All of a progressive JPEG is in memory before the first line is there: 3 bytes a pixel.
MAX_PROGRESSIVE_PIXELS = 32_000_000
MAX_SIDE = 30_000  # pixels
# What is kept: a photograph of 16 megapixels fills any screen, and WebP ends at 16,383 pixels.
MAX_KEPT_PIXELS = 16_000_000
MAX_KEPT_SIDE = 16_000  # pixels
# All frames together: ten seconds of 800 x 600 as GIF, which is not encoded again; less for the
# formats that are (some 10 megapixels a second).
MAX_GIF_PIXELS = 120_000_000
MAX_ANIMATION_PIXELS = 25_000_000

# A card or a phone at 1x; the reading column (some 700 CSS pixels) at 1x and a phone at 2x; a
# phone at 3x; the column at 2x; a cover across a wide screen at 2x.
WIDTHS = (480, 800, 1200, 1600, 2400)

JPEG_QUALITY = 88
WEBP_QUALITY = 85
AVIF_QUALITY = 68
# A tenth smaller than zlib's strategy for filtered data, in the same time (295 blog images).
PNG_OPTIONS = {"compress_type": zlib.Z_DEFAULT_STRATEGY}
# Noise of 12 megapixels takes 3.9 s at the usual level and 1.1 s at this one, for 4 % more.
LARGE_PNG_OPTIONS = {"compress_level": 1}
MIN_LARGE_PIXELS = 4_000_000
# Of 10: 17 ms for 800 pixels, where 6 takes some 60 ms for 3 % less. Of 8 megapixels 3.2 s of CPU,
# where 10 takes 0.9; WebP's method 4 takes 0.9, and 2 takes 0.5.
AVIF_SPEED = 8

# Pillow's name of a format: what we serve it as.
FORMATS = {
    "JPEG": ("image/jpeg", "jpg"),
    "PNG": ("image/png", "png"),
    "GIF": ("image/gif", "gif"),
    "WEBP": ("image/webp", "webp"),
    "AVIF": ("image/avif", "avif"),
    "SVG": ("image/svg+xml", "svg"),
}
# Kinds of pixels that can be averaged.
_REDUCIBLE = frozenset(("L", "LA", "RGB", "RGBA"))
_RASTER = ("JPEG", "PNG", "GIF", "WEBP", "AVIF")
# What Pillow's decoders raise when they are fed hostile bytes (found by fuzzing).
DECODER_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    LookupError,
    TypeError,
    OverflowError,
    RuntimeError,
    EOFError,
    MemoryError,
    struct.error,
    zlib.error,
)
# No picture needs these; a file that is a picture and a page at once does.
_MARKUP = (b"<script", b"<html", b"<!doctype html", b"<iframe", b"<?php")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the header says. Width and height in pixels, as seen upright."""

    format: str  # A key of FORMATS.
    width: int
    height: int
    animated: bool


@dataclass(frozen=True, slots=True)
class Cleaned:
    """An image that is safe to serve: upright, sRGB, without metadata."""

    data: bytes
    media_type: str
    extension: str
    width: int
    height: int
    transparent: bool
    animated: bool
    tint: str = ""  # Its colour from afar: levels of red, green, blue from 0 to 3. "" when clear.


@dataclass(frozen=True, slots=True)
class Rendition:
    """One copy of an image: `width` in pixels, file name extension, encoded bytes."""

    width: int
    extension: str
    data: bytes


def inspect(data: bytes, name: str = "") -> Facts:
    """What `data` is, recognised by its content; nothing is decoded.

    A `name` that promises something else than a picture (page.html) is refused; one that
    promises another kind of picture is not, since that is common and does no harm.
    Raises NotAnImage, TooBig, TooManyPixels, Polyglot or Damaged.
    """
    if len(data) > MAX_BYTES:
        raise TooBig(f"{len(data):,} bytes, at most {MAX_BYTES:,} are allowed")
    promised = guess_type(name)[0] or "image/unknown"
    if not promised.startswith("image/"):
        raise NotAnImage(f"the name says {promised}")
    if svg.looks_like_svg(data):
        width, height = svg.size(data)
        return Facts("SVG", width, height, animated=False)
    with opened(data) as image:
        facts = _facts(image, data)
        if not facts.width or not facts.height:
            raise Damaged("it has no width or no height")
    _refuse_polyglot(data)
    return facts


def clean(data: bytes, name: str = "") -> Cleaned:
    """`data` made safe to serve: decoded whole, upright, sRGB, without metadata, encoded again.

    A picture above MAX_KEPT_PIXELS is scaled down. A GIF is taken apart and put together again
    without comments and foreign blocks, so that it keeps its colours, timing and size. An SVG
    keeps what an allow-list names. Raises like `inspect`.
    """
    facts = inspect(data, name)
    if facts.format == "SVG":
        return _cleaned(svg.clean(data), facts, transparent=True)
    try:
        if facts.format == "GIF":
            return _clean_gif(data, facts)
        with opened(data) as image:
            if facts.animated:
                return _clean_animation(image, facts)
            return _clean_still(image, facts, data)
    except ImageError:
        raise
    except DECODER_ERRORS as error:
        raise Damaged(str(error)) from error


def rendition_widths(width: int) -> tuple[int, ...]:
    """The widths made of an image `width` pixels wide: those of WIDTHS below it, and its own.

    Its own belongs in, up to the largest of WIDTHS: a browser would blow up the next smaller.
    """
    own = min(width, WIDTHS[-1])
    return (*(w for w in WIDTHS if w < own), own)


def renditions(data: bytes, widths: Sequence[int]) -> Iterator[Rendition]:
    """Copies of a cleaned still image, each of `widths` as AVIF, WebP and JPEG (PNG when it is
    transparent). One at a time, to keep one in memory. Raises Damaged.
    """
    try:
        with opened(data) as source:
            # Screenshots and drawings show red and blue text, which halved colour smears.
            subsampling = "4:4:4" if source.format == "PNG" else "4:2:0"
            image = source.convert("RGBA" if source.has_transparency_data else "RGB")
        for width in widths:
            height = max(1, round(image.height * width / image.width))
            copy = image
            if (width, height) != image.size:
                copy = image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)
            yield Rendition(
                width,
                "avif",
                _encoded(copy, "AVIF", quality=62, speed=AVIF_SPEED, subsampling=subsampling),
            )
            yield Rendition(width, "webp", _encoded(copy, "WEBP", quality=80, method=4))
            if copy.mode == "RGBA":
                yield Rendition(width, "png", _encoded(copy, "PNG", **PNG_OPTIONS))
            else:
                yield Rendition(width, "jpg", _encoded(copy, "JPEG", quality=82, progressive=True))
    except DECODER_ERRORS as error:
        raise Damaged(str(error)) from error


def opened(data: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=_RASTER)
    except UnidentifiedImageError as error:
        raise NotAnImage("not a JPEG, PNG, GIF, WebP, AVIF or SVG") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise TooManyPixels(str(error)) from error
    except DECODER_ERRORS as error:
        raise Damaged(str(error)) from error


def _facts(image: Image.Image, data: bytes) -> Facts:
    """The header's facts, within the limits."""
    width, height = image.size
    # A camera's MPO is a JPEG with further pictures behind it; the first one is kept.
    kind = "JPEG" if image.format == "MPO" else image.format
    if kind == "GIF":
        frames, *room = gif.extent(data)
        _within_limits(frames, *room, MAX_GIF_PIXELS)
    else:
        frames = 1 if kind == "JPEG" else getattr(image, "n_frames", 1)
        _within_limits(frames, width, height, MAX_ANIMATION_PIXELS)
        if image.info.get("progressive") and width * height > MAX_PROGRESSIVE_PIXELS:
            raise TooManyPixels(f"{width:,} x {height:,} pixels, progressive")
    # Asked without EXIF, Pillow decodes a PNG in search of it.
    if "exif" in image.info and _orientation(image) in {5, 6, 7, 8}:
        width, height = height, width
    return Facts(kind, width, height, frames > 1)


def _within_limits(frames: int, width: int, height: int, all_frames_limit: int) -> None:
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise TooManyPixels(f"{width:,} x {height:,} pixels")
    if frames > 1 and frames * width * height > all_frames_limit:
        raise TooManyPixels(f"{frames} frames of {width:,} x {height:,} pixels")


def _orientation(image: Image.Image) -> int:
    try:
        return image.getexif().get(ExifTags.Base.Orientation, 1)
    except DECODER_ERRORS as error:
        raise Damaged(f"its EXIF cannot be read: {error}") from error


def _refuse_polyglot(data: bytes) -> None:
    """Refuse a file that is an image and, for another program, a page, archive or PDF."""
    lowered = data.lower()
    if any(mark in lowered for mark in _MARKUP) or b"%pdf-" in lowered[:1024]:
        raise Polyglot("it is also a page or a document")
    if zipfile.is_zipfile(io.BytesIO(data)):
        raise Polyglot("it is also an archive")


def _cleaned(
    data: bytes, facts: Facts, *, transparent: bool, shown: Image.Image | None = None
) -> Cleaned:
    media_type, extension = FORMATS[facts.format]
    tint = tint_of(shown) if shown is not None and not transparent else ""
    return Cleaned(
        data, media_type, extension, facts.width, facts.height, transparent, facts.animated, tint
    )


def _clean_gif(data: bytes, facts: Facts) -> Cleaned:
    rewritten = gif.rewrite(data)
    transparent = False
    with opened(rewritten) as image:
        for frame in ImageSequence.Iterator(image):
            frame.load()
            transparent = transparent or frame.has_transparency_data
    return _cleaned(rewritten, facts, transparent=transparent)


def _clean_animation(image: Image.Image, facts: Facts) -> Cleaned:
    """An animated WebP, PNG or AVIF, all its frames encoded again."""
    frames, durations = [], []
    for frame in ImageSequence.Iterator(image):
        frame.load()
        durations.append(int(frame.info.get("duration", 0)))
        frames.append(_without_metadata(to_srgb(ImageOps.exif_transpose(frame))))
    if image.info.get("default_image"):  # An APNG whose first image is not part of it.
        frames, durations = frames[1:], durations[1:]
    first, *rest = frames
    options = {
        "PNG": {"loop": image.info.get("loop", 0)},
        "WEBP": {"loop": image.info.get("loop", 0), "quality": WEBP_QUALITY},
        "AVIF": {"quality": AVIF_QUALITY, "speed": AVIF_SPEED},
    }[facts.format]
    encoded = _encoded(
        first, facts.format, save_all=True, append_images=rest, duration=durations, **options
    )
    facts = Facts(facts.format, first.width, first.height, len(frames) > 1)
    transparent = any(frame.has_transparency_data for frame in frames)
    return _cleaned(encoded, facts, transparent=transparent, shown=first)


def _clean_still(image: Image.Image, facts: Facts, data: bytes) -> Cleaned:
    size = _kept_size(*image.size)
    if facts.format == "JPEG" and size != image.size:
        # Decoded at a half: a third of the memory and time. Of 24 megapixels 6 are left, which
        # is more than the widest rendition shows.
        image.draft(image.mode, (image.width // 2, image.height // 2))
        size = _kept_size(*image.size)
    image.load()
    options = _encoder_options(image, facts.format, data)
    if facts.format != "JPEG" and size != image.size and image.mode in _REDUCIBLE:
        # To a half, too: a quarter of the memory and time of what follows.
        info, image = image.info, image.reduce(2)
        image.info = info
        size = _kept_size(*image.size)
    result = to_srgb(image)
    if size != image.size:
        if result.mode in {"P", "1"}:
            result = result.convert("RGBA" if result.has_transparency_data else "RGB")
        result = result.resize(size, Image.Resampling.LANCZOS)
    # After the colours: the profile is in `info`, and so is the orientation.
    result.info = dict(image.info)
    ImageOps.exif_transpose(result, in_place=True)
    result = _without_metadata(result)
    if result.mode in {"RGBA", "LA"} and result.getextrema()[-1][0] == 255:
        result = result.convert(result.mode[:-1])  # An alpha channel that hides nothing.
    if facts.format == "JPEG" and result.mode != image.mode:
        options = {"quality": JPEG_QUALITY, "progressive": True}
    encoded = _encoded(result, facts.format, **options)
    facts = Facts(facts.format, *result.size, animated=False)
    return _cleaned(encoded, facts, transparent=result.has_transparency_data, shown=result)


def _kept_size(width: int, height: int) -> tuple[int, int]:
    scale = min(
        1.0, math.sqrt(MAX_KEPT_PIXELS / (width * height)), MAX_KEPT_SIDE / max(width, height)
    )
    return max(1, round(width * scale)), max(1, round(height * scale))


def _encoder_options(image: Image.Image, kind: str, data: bytes) -> dict:
    """How to encode `image` again at about the quality it came with."""
    if kind == "JPEG":
        tables = image.quantization
        if any(value > 255 for table in tables.values() for value in table):
            return {"quality": JPEG_QUALITY, "progressive": True}
        return {"qtables": tables, "subsampling": get_sampling(image), "progressive": True}
    is_large = image.width * image.height > MIN_LARGE_PIXELS
    if kind == "WEBP":
        lossless = b"VP8L" in data[:4096]  # The name of the lossless bit stream.
        quality, method = 100 if lossless else WEBP_QUALITY, 2 if is_large else 4
        return {"lossless": lossless, "quality": quality, "method": method}
    if kind == "AVIF":
        return {"quality": AVIF_QUALITY, "speed": 10 if is_large else AVIF_SPEED}
    return LARGE_PNG_OPTIONS if is_large else PNG_OPTIONS


def _without_metadata(image: Image.Image) -> Image.Image:
    """`image` with nothing that an encoder would write besides the picture."""
    kept = {"transparency": image.info["transparency"]} if "transparency" in image.info else {}
    image.info = kept
    return image


def _encoded(image: Image.Image, kind: str, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()
