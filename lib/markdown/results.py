"""What rendering gives back."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading for the table of contents: its level as rendered (1 to 6), id and plain text."""

    level: int
    id: str
    text: str


@dataclass(frozen=True, slots=True)
class ImageUse:
    """An image as the author placed it: the address as typed, and its alternative text."""

    src: str
    alt: str


@dataclass(frozen=True, slots=True)
class Picture:
    """What the library knows of a stored image.

    `width` and `height` in pixels; `sources` are pairs of MIME type and srcset, best first;
    `alt` is used where the author gave none; `tint`, three digits from 0 to 3 for red, green and
    blue, is what stands there until it is loaded.
    """

    src: str
    width: int
    height: int
    alt: str = ""
    sources: tuple[tuple[str, str], ...] = ()
    tint: str = ""


@dataclass(frozen=True, slots=True)
class Track:
    """Captions of a film: where they are, their language (BCP 47) and its name."""

    src: str
    language: str
    label: str


@dataclass(frozen=True, slots=True)
class Film:
    """What the library knows of a stored video: as a Picture, with its files (pairs of MIME type
    and address), the picture that stands there until it plays, and captions."""

    src: str
    width: int
    height: int
    alt: str
    sources: tuple[tuple[str, str], ...]
    poster: str
    tracks: tuple[Track, ...] = ()


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text after rendering: safe HTML, and all that is derived from it."""

    html: str
    headings: tuple[Heading, ...]
    text: str
    excerpt: str
    words: int
    characters: int
    reading_minutes: int
    links: tuple[str, ...]
    images: tuple[ImageUse, ...]
