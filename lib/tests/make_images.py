"""Small images for tests, made on the spot."""

import io
import random
import struct
import zlib

from PIL import Image, ImageCms

ORIENTATION = 0x0112
GPS = 0x8825
# What turns an upright picture into the one that a camera stores with that orientation.
STORED_AS = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def encoded(image: Image.Image, kind: str, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def decoded(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def scene(width: int = 60, height: int = 40) -> Image.Image:
    """White, with a red upper left corner: one sees which side is up."""
    image = Image.new("RGB", (width, height), "white")
    image.paste((255, 0, 0), (0, 0, width // 2, height // 2))
    return image


def noise(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """An image that does not compress, always the same."""
    pixels = random.Random(width * height).randbytes(width * height)  # noqa: S311
    image = Image.frombytes("L", (width, height), pixels).convert("RGB")
    if mode == "RGBA":
        image.putalpha(Image.linear_gradient("L").resize((width, height)))
    return image


def jpeg(width: int = 60, height: int = 40, **options) -> bytes:
    return encoded(scene(width, height), "JPEG", quality=95, **options)


def photo(width: int = 1000, height: int = 700) -> bytes:
    """A JPEG big enough to have renditions."""
    return encoded(noise(width, height), "JPEG", quality=60)


def turned_jpeg(orientation: int) -> bytes:
    image = scene()
    if STORED_AS[orientation] is not None:
        image = image.transpose(STORED_AS[orientation])
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return encoded(image, "JPEG", quality=95, exif=exif)


def secretive_jpeg() -> bytes:
    """A JPEG that tells where it was made, in EXIF, XMP and a comment."""
    exif = Image.Exif()
    exif[0x010F] = "Secret Camera"
    exif.get_ifd(GPS)[1] = "N"
    exif.get_ifd(GPS)[2] = (48.0, 51.0, 29.0)
    return jpeg(exif=exif, comment=b"Secret comment", xmp=b"<x:xmpmeta>Secret place</x:xmpmeta>")


def png_header(width: int, height: int) -> bytes:
    """A PNG that announces much and holds nothing."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    ihdr = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    idat = chunk(b"IDAT", zlib.compress(bytes(100)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", ihdr) + idat + chunk(b"IEND", b"")


def animation(kind: str, **options) -> bytes:
    frames = [Image.new("RGB", (30, 20), colour) for colour in ("red", "lime", "blue")]
    return encoded(
        frames[0], kind, save_all=True, append_images=frames[1:], duration=120, loop=0, **options
    )


def swapped_profile() -> bytes:
    """An ICC profile that calls red what sRGB calls blue, so that one sees a conversion."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, blue = profile.index(b"rXYZ"), profile.index(b"bXYZ")
    profile[red : red + 4], profile[blue : blue + 4] = b"bXYZ", b"rXYZ"
    return bytes(profile).replace("sRGB".encode("utf-16-be"), "turn".encode("utf-16-be"))
