"""What uploaded files are called in addresses."""

from pathlib import PurePosixPath

from django.utils.text import slugify

from lib.text import clean_text

MAX_NAME_IN_ADDRESS = 60  # characters


def safe_stem(name: str, kind: str = "image") -> str:
    """The part of an address that tells people what it is: ASCII, and no rendition's name."""
    stem = slugify(PurePosixPath(name.replace("\\", "/")).stem)[:MAX_NAME_IN_ADDRESS].strip("-_")
    return f"{kind}-{stem}".rstrip("-") if not stem or stem.isdigit() else stem


def shown_name(name: str, kind: str = "image") -> str:
    """The file's name as people know it, without folders."""
    return clean_text(PurePosixPath(name.replace("\\", "/")).name)[:200] or kind
