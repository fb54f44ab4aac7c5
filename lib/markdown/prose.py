"""The plain text of an article, taken while walking over its HTML."""

# ruff: noqa: SIM905 - names read better as one text than as a column of strings

from lib.text import truncate

EXCERPT_CHARACTERS = 200
# An author who folds the text late still gets an excerpt and not a second article.
FOLDED_EXCERPT_CHARACTERS = 1_000

_BLOCKS = frozenset(
    "p div pre h1 h2 h3 h4 h5 h6 ul ol li dl dt dd table caption tr blockquote figure "
    "figcaption section details summary hr audio video".split()
)
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
# Where a paragraph is not the article speaking.
_APART = frozenset(("blockquote", "figure", "table", "details", "dl", "li", "pre", "section"))
_SILENT_CLASSES = ("footnote-ref", "footnote-backref", "admonition-title")
_VOID = frozenset(("br", "hr", "img", "source", "track", "wbr", "col", "input"))


class Prose:
    """Collects text; knows which of it is prose. Call open, add and close in document order."""

    def __init__(self) -> None:
        self._blocks: list[tuple[str, str]] = []
        self._parts: list[str] = []
        self._stack: list[tuple[str, bool]] = []
        self._apart = 0
        self._silent = 0
        self._preformatted = 0
        self._heading = 0
        self._fold: int | None = None
        self._all: list[str] = []

    def open(self, name: str, classes: str) -> None:
        """An element begins."""
        if name in _BLOCKS:
            self._end_block()
        elif name in ("br", "td", "th", "img"):
            self._parts.append(" ")
        if name in _VOID:
            return
        silent = any(hidden in classes for hidden in _SILENT_CLASSES) if classes else False
        apart = name in _APART or "admonition" in classes
        self._stack.append((name, silent))
        self._silent += silent
        self._apart += apart
        self._preformatted += name == "pre"
        self._heading += name in _HEADINGS
        self._all.append("apart" if apart else "")

    def close(self, name: str) -> None:
        """An element ends."""
        if name in _BLOCKS:
            self._end_block()
        if not self._stack or self._stack[-1][0] != name:
            return
        _, silent = self._stack.pop()
        self._silent -= silent
        self._apart -= self._all.pop() == "apart"
        self._preformatted -= name == "pre"
        self._heading -= name in _HEADINGS

    def add(self, text: str) -> None:
        """Text at this place."""
        if not self._silent:
            self._parts.append(text)

    def fold(self) -> None:
        """The author's `<!--more-->`: what is before it is the excerpt."""
        self._end_block()
        if self._fold is None:
            self._fold = len(self._blocks)

    def position(self) -> int:
        """A place to hand to `text_since`; only good within one block."""
        return len(self._parts)

    def text_since(self, position: int) -> str:
        """The text in one line since `position`."""
        return " ".join("".join(self._parts[position:]).split())

    def _end_block(self) -> None:
        text = "".join(self._parts)
        self._parts.clear()
        text = text.strip("\n") if self._preformatted else " ".join(text.split())
        if text.strip():
            self._blocks.append((self._kind(), text))

    def _kind(self) -> str:
        if self._heading or self._preformatted:
            return "other"
        if self._apart:
            return "apart"
        return "prose" if any(name == "p" for name, _ in self._stack[-3:]) else "loose"

    def text(self) -> str:
        """All the text, a line for each block."""
        self._end_block()
        return "\n".join(text for _, text in self._blocks)

    def excerpt(self) -> str:
        """The text before the fold, or the first paragraphs up to EXCERPT_CHARACTERS."""
        self._end_block()
        if self._fold is not None:
            before = [text for kind, text in self._blocks[: self._fold] if kind != "other"]
            if before:
                return truncate(" ".join(before), FOLDED_EXCERPT_CHARACTERS)
        for kinds in (("prose",), ("prose", "loose", "apart"), ("other",)):
            if found := self._first(kinds):
                return found
        return ""

    def _first(self, kinds: tuple[str, ...]) -> str:
        taken: list[str] = []
        length = 0
        for kind, text in self._blocks:
            if kind in kinds:
                taken.append(text)
                length += len(text) + 1
                if length > EXCERPT_CHARACTERS:
                    break
        return truncate(" ".join(taken), EXCERPT_CHARACTERS)
