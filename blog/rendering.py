"""From the Markdown that was typed to the columns that are derived from it."""

from blog.models import Content
from lib.markdown import RENDERER_VERSION, render
from library.services import pictures

DERIVED_FIELDS = [
    *("body_html", "body_text", "headings", "derived_excerpt"),
    *("word_count", "character_count", "reading_minutes", "renderer_version"),
]


def render_into(content: Content) -> None:
    """Fill the derived columns of `content` from its body; the caller saves them.

    Costs one query when the text has images. Raises ValueError for a body above
    lib.markdown.MAX_SOURCE_BYTES.
    """
    rendered = render(content.body, find_pictures=pictures, language=content.language)
    content.body_html = rendered.html
    content.body_text = rendered.text
    content.headings = [
        {"level": heading.level, "id": heading.id, "text": heading.text}
        for heading in rendered.headings
    ]
    content.derived_excerpt = rendered.excerpt
    content.word_count = rendered.words
    content.character_count = rendered.characters
    content.reading_minutes = rendered.reading_minutes
    content.renderer_version = RENDERER_VERSION
