"""Code blocks: which language, and its tokens as `<span class>` for static/css/code.css."""

import re
from functools import lru_cache
from html import escape

from pygments.lexer import Lexer
from pygments.lexers import find_lexer_class_by_name
from pygments.token import STANDARD_TYPES, Name, Punctuation, Text, Token
from pygments.util import ClassNotFound

# Longer blocks are shown plain: some of the 500 lexers take quadratic time on hostile text.
MAX_HIGHLIGHTED_CHARACTERS = 32_000
MAX_LINE_CHARACTERS = 2_000
# What all blocks of one text may have highlighted between them, for the same reason.
MAX_HIGHLIGHTED_PER_TEXT = 160_000

# Names that people write and pygments does not know.
_ALIASES = {
    "terminal": "console", "plaintext": "text", "plain": "text", "txt": "text", "none": "text",
    "jsonc": "json", "json5": "json", "mjs": "javascript", "cjs": "javascript", "mts": "typescript",
    "golang": "go", "cs": "csharp", "proto3": "protobuf", "dockerfile": "docker",
    "viml": "vim", "node": "javascript", "assembly": "nasm", "wast": "wat", "shell": "bash",
}  # fmt: skip
# `rust,ignore`  `{.python .numberLines}`  `js{1,3}`  `title="x"`: the first word is the language.
_LANGUAGE = re.compile(r"[\w+#.\-/]+")
# Left without a span: what has the colour of text anyway.
_PLAIN = (Text, Name, Punctuation)

CODE_CLASSES = frozenset(name for name in STANDARD_TYPES.values() if name)


def language_of(info: str) -> str:
    """The language in the info string of a fence, in lower case; "" when there is none."""
    found = _LANGUAGE.match(info.strip().lstrip("{").lstrip(". "))
    if not found or "=" in info[: found.end() + 2].partition(found[0])[2][:1]:
        return ""
    return found[0].lower()[:40]


@lru_cache(maxsize=256)
def _lexer_class(language: str) -> type[Lexer] | None:
    try:
        return find_lexer_class_by_name(_ALIASES.get(language, language))
    except ClassNotFound:
        return None


def highlight(code: str, language: str) -> str:
    """`code` as HTML with pygments' short classes; only escaped when the language is not known.

    Returns no wrapping element. The text content of the result is exactly `code`.
    """
    lexer_class = _lexer_class(language) if language else None
    if (
        lexer_class is None
        or len(code) > MAX_HIGHLIGHTED_CHARACTERS
        or max(map(len, code.split("\n"))) > MAX_LINE_CHARACTERS
    ):
        return escape(code, quote=False)
    # A new lexer each time: some keep state between calls, and this runs in many threads.
    lexer = lexer_class(stripnl=False, ensurenl=False)
    parts: list[str] = []
    last, pending = "", ""
    for _, kind, value in lexer.get_tokens_unprocessed(code):
        css_class = _css_class(kind)
        if css_class != last and value.strip():
            parts.append(_span(last, pending))
            last, pending = css_class, value
        else:
            pending += value
    parts.append(_span(last, pending))
    return "".join(parts)


@lru_cache(maxsize=1024)
def _css_class(kind: type[Token]) -> str:
    if kind in _PLAIN or kind[:1] == ("Text",):
        return ""
    while kind not in STANDARD_TYPES:
        kind = kind.parent
    return STANDARD_TYPES[kind]


def _span(css_class: str, text: str) -> str:
    # White space at the end belongs to no token: it would underline or colour the gap.
    body = escape(text, quote=False)
    return f'<span class="{css_class}">{body}</span>' if css_class else body
