"""The picture of a person: small, square, without metadata. No Django here."""

import io
from collections.abc import Iterator, Sequence

from PIL import Image, ImageOps

from lib import images
from lib.image_errors import Damaged, NotAnImage, TooBig, TooManyPixels

MAX_BYTES = 10_000_000
# What is not a JPEG is decoded whole: 64 MB in memory.
MAX_PIXELS = 16_000_000
# CSS pixels at twice the density: beside a byline, at the head of a page, and for sharing.
SIDES = (96, 192, 384)
QUALITY = 84
# Where the square is cut from a picture that is none: heads are above the middle.
CENTRE = (0.5, 0.4)


def squares(
    data: bytes, name: str = "", sides: Sequence[int] = SIDES
) -> Iterator[tuple[int, bytes]]:
    """`data` as square WebP pictures, `sides` pixels wide, each encoded anew without metadata.

    `name` is the file's name as uploaded. Of an animation the first frame is taken. Raises an
    `ImageError` when it is no picture of a kind that a camera or a browser makes.
    """
    if len(data) > MAX_BYTES:
        raise TooBig(f"{len(data):,} bytes, at most {MAX_BYTES:,} are allowed")
    facts = images.inspect(data, name)
    if facts.format == "SVG":
        raise NotAnImage("a drawing")
    if facts.format != "JPEG" and facts.width * facts.height > MAX_PIXELS:
        raise TooManyPixels(f"{facts.width:,} x {facts.height:,} pixels")
    largest = max(sides)
    try:
        with images.opened(data) as source:
            if facts.format == "JPEG":
                # Decoded at a half, a quarter or an eighth: less memory and time.
                source.draft(source.mode, (largest * 2, largest * 2))
            source.load()
            upright = ImageOps.exif_transpose(images.to_srgb(source))
        plain = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
        plain.info = {}
        for side in sides:
            yield (
                side,
                _encoded(
                    ImageOps.fit(plain, (side, side), Image.Resampling.LANCZOS, centering=CENTRE)
                ),
            )
    except images.DECODER_ERRORS as error:
        raise Damaged(str(error)) from error


def _encoded(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=QUALITY, method=4)
    return buffer.getvalue()
