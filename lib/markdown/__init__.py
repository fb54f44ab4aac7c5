"""Markdown to safe HTML, and everything derived from it. Pure: no database, no network, no clock.

source -> markdown-it -> nh3's allow-list -> one walk over the clean HTML -> Rendered
"""

import secrets
from collections.abc import Callable, Collection, Mapping

from lib.text import clean_text, count_words

from .allowed import sanitise
from .finish import Finisher, absolutise, find
from .parser import Job, to_html, to_unsafe_html
from .results import Film, Heading, ImageUse, Picture, Rendered, Track
from .typesetting import typeset

__all__ = [
    "MAX_SOURCE_BYTES",
    "RENDERER_VERSION",
    "Film",
    "Heading",
    "ImageUse",
    "Picture",
    "Rendered",
    "Track",
    "absolutise",
    "render",
    "to_html",
]

# Raised whenever the same source gives other output: stored HTML is rebuilt by it.
RENDERER_VERSION = 5
MAX_SOURCE_BYTES = 1_000_000


def render(
    source: str,
    *,
    find_pictures: Callable[[Collection[str]], Mapping[str, Picture | Film]] | None = None,
    language: str = "",
) -> Rendered:
    """Render Markdown to HTML that may be put into a page as it is.

    `find_pictures` gets the addresses of all images, as typed, once; it answers for those it knows,
    with a Picture or, for a video, a Film.
    `language` (a BCP 47 tag) is that of the text: the few words that the renderer adds are in it.
    The same arguments give the same result. Raises ValueError above MAX_SOURCE_BYTES of UTF-8.
    """
    if len(source.encode("utf-8", "replace")) > MAX_SOURCE_BYTES:
        raise ValueError(f"The text is longer than {MAX_SOURCE_BYTES:,} bytes.")
    job = Job(f"m{secrets.token_hex(8)}x", language)
    html = sanitise(to_unsafe_html(clean_text(source), job))
    finisher = Finisher(job, find(html, find_pictures))
    html = clean_text(typeset(finisher.walk(html), language))
    text = clean_text(finisher.prose.text())
    count = count_words(text)
    return Rendered(
        html=html,
        headings=tuple(finisher.headings),
        text=text,
        excerpt=clean_text(finisher.prose.excerpt()),
        words=count.words + count.cjk,
        characters=count.characters,
        reading_minutes=count.minutes,
        links=tuple(finisher.links),
        images=tuple(finisher.images),
    )
