"""Colours of an image: into sRGB, and its one colour from afar."""

import io
from functools import lru_cache

from PIL import Image, ImageCms


def to_srgb(image: Image.Image) -> Image.Image:
    """`image` (itself, when nothing is to be done) in sRGB, with 8 bits, in a mode to encode."""
    if image.mode.startswith("I") or image.mode == "F":
        image = _eight_bits(image)
    transform_mode = "RGBA" if image.has_transparency_data else "RGB"
    profile = image.info.get("icc_profile")
    if profile:
        source = image.convert(transform_mode) if image.mode in {"P", "PA", "LA"} else image
        transform = _transform(profile, source.mode, transform_mode)
        if transform is not None:
            return ImageCms.applyTransform(source, transform)
    if image.mode in {"1", "L", "LA", "P", "RGB", "RGBA"}:
        return image
    return image.convert(transform_mode)


def _eight_bits(image: Image.Image) -> Image.Image:
    """A grey image of 16 bits scaled to 8; Pillow alone would clip what is above 255."""
    return image.convert("I").point(lambda value: value * (1 / 257) + 0).convert("L")


@lru_cache(maxsize=32)
def _transform(
    profile: bytes, source_mode: str, target_mode: str
) -> ImageCms.ImageCmsTransform | None:
    """The way from `profile` to sRGB; None when it is sRGB already or cannot be used."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "sRGB" in (source.profile.profile_description or ""):
            return None
        return ImageCms.buildTransform(
            source,
            ImageCms.createProfile("sRGB"),
            source_mode,
            target_mode,
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None  # A broken profile, or one for another kind of pixels: browsers ignore it, too.


def tint_of(image: Image.Image) -> str:
    """The mean colour of an opaque image in 64 steps: three digits from 0 to 3."""
    # A small copy first, in the image's own mode: to convert 16 megapixels would take 50 ms.
    small = image.reduce(max(1, min(image.size) // 8)) if image.mode != "P" else image
    mean = small.convert("RGB").resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    return "".join(str(round(level / 85)) for level in mean)
