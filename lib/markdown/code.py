"""Code blocks: which language, and its tokens as `<span class>` for static/css/code.css."""

import re
from collections.abc import Iterator
from functools import lru_cache
from html import escape
from time import thread_time

from pygments.lexer import Lexer
from pygments.lexers import find_lexer_class_by_name
from pygments.token import STANDARD_TYPES, Name, Punctuation, Text, Token
from pygments.util import ClassNotFound

# Pygments' lexers are regular expressions of 500 authors, and some take cubic time: 15 KB of lines
# that hold one letter keep the C# lexer busy for 42 s. So code is coloured in pieces of this length
# (each below 0.8 s at the worst that was found), and no more of them than fit the limits below.
MAX_PIECE_CHARACTERS = 2_400
MAX_LINE_CHARACTERS = 1_000
MAX_HIGHLIGHTED_PER_TEXT = 200_000
# CPU time, not the clock on the wall: 200 KB of honest code take 0.3 s. The one limit here that is
# timed, because no count foretells what a regular expression will do.
MAX_SECONDS_PER_TEXT = 0.7
# Worse than cubic on white space.
_REFUSED = frozenset(("autohotkey", "ahk", "autoit"))

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
    if language in _REFUSED:
        return None
    try:
        return find_lexer_class_by_name(_ALIASES.get(language, language))
    except ClassNotFound:
        return None


class Highlighter:
    """Colours the code blocks of one text, within the limits that they share."""

    def __init__(self) -> None:
        self._characters_left = MAX_HIGHLIGHTED_PER_TEXT
        self._seconds_left = MAX_SECONDS_PER_TEXT

    def highlight(self, code: str, language: str) -> str:
        """`code` as HTML with pygments' short classes; only escaped when `language` is not known.

        Returns no wrapping element. The text content of the result is exactly `code`.
        """
        self._characters_left -= len(code)
        lexer_class = _lexer_class(language) if language else None
        if (
            lexer_class is None
            or self._characters_left < 0
            or max(map(len, code.split("\n"))) > MAX_LINE_CHARACTERS
        ):
            return escape(code, quote=False)
        return "".join(self._colour(piece, lexer_class) for piece in pieces(code))

    def _colour(self, piece: str, lexer_class: type[Lexer]) -> str:
        if self._seconds_left <= 0:
            return escape(piece, quote=False)
        started = thread_time()
        coloured = _coloured(piece, lexer_class)
        self._seconds_left -= thread_time() - started
        return coloured


def pieces(code: str) -> Iterator[str]:
    """`code` in runs of whole lines, each at most MAX_PIECE_CHARACTERS; cut at empty lines."""
    while len(code) > MAX_PIECE_CHARACTERS:
        cut = code.rfind("\n\n", MAX_PIECE_CHARACTERS // 2, MAX_PIECE_CHARACTERS) + 2
        if cut < 2:
            cut = code.rfind("\n", 0, MAX_PIECE_CHARACTERS) + 1
        yield code[:cut]
        code = code[cut:]
    yield code


def _coloured(code: str, lexer_class: type[Lexer]) -> str:
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
    body = escape(text, quote=False)
    return f'<span class="{css_class}">{body}</span>' if css_class else body
