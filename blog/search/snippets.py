"""Showing where the words were found."""

import re
from dataclasses import dataclass

from blog.search.query import Query
from lib.tokens import WORD_OR_RUN, fold, is_paired, stem

SNIPPET_LENGTH = 240  # characters; an ideograph says and takes as much as two letters
MAX_TEXT = 40_000  # characters that are looked through for a snippet
_LEAD = 60  # characters shown before the first word found


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text, `found` when it answers the query. Not escaped: templates do that."""

    text: str
    found: bool = False


class Highlighter:
    """Marks the words of one query in texts as people wrote them."""

    def __init__(self, query: Query) -> None:
        self.words: set[str] = set()
        self.prefixes: list[str] = []
        self.runs: list[str] = []
        for term in query.terms:
            spaced = [token for token in term.tokens if not is_paired(token)]
            self.words.update(spaced)
            if term.tokens and not spaced:
                joined = term.tokens[0] + "".join(token[-1] for token in term.tokens[1:])
                self.runs.append(joined)
            if term.prefix:
                (self.runs if is_paired(term.prefix) else self.prefixes).append(term.prefix)
        self.runs.sort(key=len, reverse=True)
        self._known: dict[str, bool] = {}  # words of the texts; most come again and again

    def whole(self, text: str) -> list[Piece]:
        """All of `text`, in pieces."""
        return _pieces(text, self._places(text), 0, len(text))

    def snippet(self, text: str) -> list[Piece]:
        """The stretch of `text` that shows most of the words; empty when it shows none."""
        text = " ".join(text[:MAX_TEXT].split())
        places = self._places(text)
        if not places:
            return []
        first = self._best(text, places)
        start = _word_start(text, max(0, first - _LEAD))
        end = _word_end(text, _reach(text, start))
        pieces = _pieces(text, places, start, end)
        before = [Piece("… ")] if start else []
        return before + pieces + ([Piece(" …")] if end < len(text) else [])

    def _places(self, text: str) -> list[tuple[int, int]]:
        """Where the words are: ordered, without overlaps."""
        places: list[tuple[int, int]] = []
        for match in WORD_OR_RUN.finditer(text):
            word = match[0]
            if is_paired(word):
                folded = fold(word)
                if len(folded) == len(word):
                    places += self._in_run(folded, match.start())
            elif self._is_asked(word):
                places.append(match.span())
        return places

    def _is_asked(self, word: str) -> bool:
        found = self._known.get(word)
        if found is None:
            folded = fold(word)
            found = stem(folded) in self.words or folded.startswith(tuple(self.prefixes))
            self._known[word] = found
        return found

    def _in_run(self, run: str, offset: int) -> list[tuple[int, int]]:
        if not self.runs:
            return []
        pattern = "|".join(map(re.escape, self.runs))
        return [
            (offset + match.start(), offset + match.end()) for match in re.finditer(pattern, run)
        ]

    def _best(self, text: str, places: list[tuple[int, int]]) -> int:
        """Where the stretch with most different words begins; the first of equals."""
        best, best_count = places[0][0], 0
        for number, (start, _end) in enumerate(places):
            within = {
                fold(text[begin:end])
                for begin, end in places[number : number + 20]
                if end - start <= SNIPPET_LENGTH - _LEAD
            }
            if len(within) > best_count:
                best, best_count = start, len(within)
        return best


def _reach(text: str, start: int) -> int:
    """Where a snippet that begins at `start` is full."""
    room, position = SNIPPET_LENGTH, start
    while room > 0 and position < len(text):
        room -= 2 if is_paired(text[position]) else 1
        position += 1
    return position


def _pieces(text: str, places: list[tuple[int, int]], start: int, end: int) -> list[Piece]:
    pieces: list[Piece] = []
    position = start
    for begin, stop in places:
        if begin < position or stop > end:
            continue
        if begin > position:
            pieces.append(Piece(text[position:begin]))
        pieces.append(Piece(text[begin:stop], found=True))
        position = stop
    if position < end:
        pieces.append(Piece(text[position:end]))
    return pieces


def _word_start(text: str, position: int) -> int:
    """`position`, moved on to the next word when that is near."""
    if not position or is_paired(text[position]):
        return position
    space = text.find(" ", position, position + 30)
    return space + 1 if space != -1 else position


def _word_end(text: str, position: int) -> int:
    if position >= len(text) or is_paired(text[position]):
        return position
    space = text.rfind(" ", position - 30, position)
    return space if space != -1 else position
