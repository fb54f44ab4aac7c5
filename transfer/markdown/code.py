"""Where Markdown is code or comment, so that nothing is changed there. Linear in the text."""

import re
from bisect import bisect_right

_OPENING = re.compile(r"(?:[ \t>]|[*+-][ \t]|\d{1,9}[.)][ \t])*(`{3,}|~{3,})(.*)")
_CLOSING = re.compile(r"[ \t>]*(`{3,}|~{3,})[ \t]*")
_TICKS_OR_BLANK = re.compile(r"(?P<blank>\n[ \t]*\n)|(?<!\\)(?P<ticks>`+)")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


class Spans:
    """Parts of a text that do not overlap."""

    def __init__(self, spans: list[tuple[int, int]]) -> None:
        self._spans = sorted(spans)
        self._starts = [start for start, _ in self._spans]

    def cover(self, offset: int) -> bool:
        """Whether the character at `offset` is in one of them."""
        index = bisect_right(self._starts, offset) - 1
        return index >= 0 and offset < self._spans[index][1]


def code_spans(text: str, *, comments: bool = False) -> Spans:
    """The fenced blocks and inline code of `text`; with `comments` its HTML comments too."""
    spans = _fences(text)
    spans += _inline(text, Spans(spans))
    if comments and "<!--" in text:
        known = Spans(spans)
        found = [
            match.span() for match in _COMMENT.finditer(text) if not known.cover(match.start())
        ]
        # A comment may hold code; one span must not begin within another.
        outer = Spans(found)
        spans = [span for span in spans if not outer.cover(span[0])] + found
    return Spans(spans)


def _fences(text: str) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    offset, opened, start = 0, "", 0
    for line in text.split("\n"):
        if opened:
            closing = _CLOSING.fullmatch(line)
            if closing and closing[1][0] == opened[0] and len(closing[1]) >= len(opened):
                spans.append((start, offset + len(line)))
                opened = ""
        else:
            opening = _OPENING.match(line)
            if opening and not (opening[1][0] == "`" and "`" in opening[2]):
                opened, start = opening[1], offset
        offset += len(line) + 1
    if opened:
        spans.append((start, len(text)))
    return spans


def _inline(text: str, fences: Spans) -> list[tuple[int, int]]:
    """Runs of backticks that are closed by one of the same length in the same paragraph."""
    runs: list[tuple[int, int] | None] = []
    for match in _TICKS_OR_BLANK.finditer(text):
        if match["blank"]:
            runs.append(None)
        elif not fences.cover(match.start()):
            runs.append(match.span())
    partner: dict[int, int] = {}
    last_of_length: dict[int, int] = {}
    for index in range(len(runs) - 1, -1, -1):
        run = runs[index]
        if run is None:
            last_of_length.clear()
            continue
        length = run[1] - run[0]
        if length in last_of_length:
            partner[index] = last_of_length[length]
        last_of_length[length] = index
    spans, index = [], 0
    while index < len(runs):
        run = runs[index]
        closing = runs[partner[index]] if run is not None and index in partner else None
        if run is not None and closing is not None:
            spans.append((run[0], closing[1]))
            index = partner[index]
        index += 1
    return spans
