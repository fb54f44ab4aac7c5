"""What two texts have in common and where they differ: by lines, then by words, in bounded time.

Words that occur once in both texts are matched first (Bram Cohen's patience diff), what lies
between them by the shortest edit (Eugene Myers, "An O(ND) Difference Algorithm and Its
Variations", 1986). Scripts without spaces are compared character by character.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from lib.text import CJK_RANGES

MAX_STEPS = 1_000_000  # of the comparison, for one pair of texts: about a second
MAX_EDITS = 400  # in one stretch without a line or word that occurs once
MAX_DEPTH = 30  # of matching within matches
# Of a stretch of lines; below this share it reads better as replaced than as a rag of words.
MIN_KEPT = 0.3

_IDEOGRAPH = f"{CJK_RANGES}\uac00-\ud7a3"  # and the syllables of Korean
_MARK = "\u0300-\u036f\u3099\u309a\ufe00-\ufe0f\U000e0100-\U000e01ef"
_PUNCTUATION = (
    r"!-/:-@\[-`{-~\u00a1-\u00bf\u2010-\u2027\u2030-\u205e\u3000-\u303f\uff01-\uff0f\uff1a-\uff20"
)
_TOKEN = re.compile(
    rf"\n|[^\S\n]+|[{_IDEOGRAPH}][{_MARK}]*|[^\s{_PUNCTUATION}{_IDEOGRAPH}]+|.[{_MARK}]*", re.DOTALL
)
_WORD = re.compile(rf"[^\s{_PUNCTUATION}]")


class Kind(StrEnum):
    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


class Piece(NamedTuple):
    """A stretch of text: in both, in the former only, or in the latter only."""

    kind: Kind
    text: str


class Match(NamedTuple):
    """`size` elements that are the same from `a` on in one sequence and `b` on in the other."""

    a: int
    b: int
    size: int


def lines_of(text: str) -> list[str]:
    """The lines, each with its end. Only a line feed ends one."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def words_of(text: str) -> list[str]:
    """Words, spaces, line breaks, signs and single ideographs; joined they are `text` again."""
    return _TOKEN.findall(text)


def is_word(token: str) -> bool:
    return _WORD.match(token) is not None


def word_diff(before: str, after: str) -> list[Piece]:
    """How `after` came from `before`, in pieces that people read.

    The pieces that are no addition make `before`, those that are no removal make `after`.
    """
    comparison = Comparison()
    old, new = lines_of(before), lines_of(after)
    pieces: list[Piece] = []
    a = b = 0
    for match in [*comparison.matches(old, new), Match(len(old), len(new), 0)]:
        gone, come = "".join(old[a : match.a]), "".join(new[b : match.b])
        pieces += _replaced(gone, come, comparison)
        pieces.append(Piece(Kind.SAME, "".join(old[match.a : match.a + match.size])))
        a, b = match.a + match.size, match.b + match.size
    return _tidy(pieces)


class Comparison:
    """The comparisons that one request makes: together they take no more than MAX_STEPS."""

    def __init__(self, steps: int = MAX_STEPS) -> None:
        self.steps = steps

    def matches(self, a: Sequence[str], b: Sequence[str]) -> list[Match]:
        """What `a` and `b` have in common, in order, longest stretches joined.

        Where it would take too long to tell, nothing.
        """
        pairs: list[tuple[int, int]] = []
        ranges = [(0, len(a), 0, len(b), 0)]
        while ranges:
            a0, a1, b0, b1, depth = ranges.pop()
            while a0 < a1 and b0 < b1 and a[a0] == b[b0]:
                pairs.append((a0, b0))
                a0, b0 = a0 + 1, b0 + 1
            while a0 < a1 and b0 < b1 and a[a1 - 1] == b[b1 - 1]:
                a1, b1 = a1 - 1, b1 - 1
                pairs.append((a1, b1))
            if a0 == a1 or b0 == b1 or self.steps <= 0:
                continue
            self.steps -= a1 - a0 + b1 - b0
            anchors = _anchors(a, b, (a0, a1, b0, b1)) if depth < MAX_DEPTH else []
            if not anchors:
                pairs += self._shortest(a, b, (a0, a1, b0, b1))
                continue
            pairs += anchors
            for x, y in [*anchors, (a1, b1)]:
                ranges.append((a0, x, b0, y, depth + 1))
                a0, b0 = x + 1, y + 1
        return _joined(sorted(pairs))

    def _shortest(
        self, a: Sequence[str], b: Sequence[str], bounds: tuple[int, int, int, int]
    ) -> list[tuple[int, int]]:
        """The matches of the shortest edit within `bounds`; none when it has too many steps."""
        a0, a1, b0, b1 = bounds
        n, m = a1 - a0, b1 - b0
        reached, trace = {1: 0}, []
        for edits in range(min(n + m, MAX_EDITS) + 1):
            self.steps -= edits + 1
            if self.steps <= 0:
                return []
            trace.append(reached.copy())
            for k in range(-edits, edits + 1, 2):
                if k == -edits or (k != edits and reached[k - 1] < reached[k + 1]):
                    x = reached[k + 1]
                else:
                    x = reached[k - 1] + 1
                y = x - k
                while x < n and y < m and a[a0 + x] == b[b0 + y]:
                    x, y = x + 1, y + 1
                reached[k] = x
                if x >= n and y >= m:
                    return [(a0 + i, b0 + j) for i, j in _way_back(trace, n, m)]
        return []


def _way_back(trace: list[dict[int, int]], x: int, y: int) -> list[tuple[int, int]]:
    """The diagonal steps of the path that `trace` found to (x, y)."""
    found = []
    for edits in range(len(trace) - 1, -1, -1):
        reached, k = trace[edits], x - y
        down = k == -edits or (k != edits and reached[k - 1] < reached[k + 1])
        before = k + 1 if down else k - 1
        from_x = reached[before]
        from_y = from_x - before
        while x > max(from_x, 0) and y > max(from_y, 0):
            x, y = x - 1, y - 1
            found.append((x, y))
        x, y = from_x, from_y
    return found


def _anchors(
    a: Sequence[str], b: Sequence[str], bounds: tuple[int, int, int, int]
) -> list[tuple[int, int]]:
    """Places of elements that occur once on both sides, the most that are in the same order.

    Line breaks and spaces say nothing about what belongs together, however rare they are.
    """
    a0, a1, b0, b1 = bounds
    once_a = {item for item, count in Counter(a[a0:a1]).items() if count == 1 and item.strip()}
    once = {item for item, count in Counter(b[b0:b1]).items() if count == 1 and item in once_a}
    places = {item: place for place, item in enumerate(b[b0:b1], b0) if item in once}
    pairs = [(place, places[item]) for place, item in enumerate(a[a0:a1], a0) if item in once]
    # The longest rising row, by piles of cards.
    tops: list[int] = []
    piles: list[int] = []  # index into pairs
    before: list[int | None] = []
    for index, (_, y) in enumerate(pairs):
        pile = bisect_left(tops, y)
        before.append(piles[pile - 1] if pile else None)
        tops[pile : pile + 1] = [y]
        piles[pile : pile + 1] = [index]
    row = []
    index = piles[-1] if piles else None
    while index is not None:
        row.append(pairs[index])
        index = before[index]
    return row[::-1]


def _joined(pairs: list[tuple[int, int]]) -> list[Match]:
    found: list[Match] = []
    for x, y in pairs:
        last = found[-1] if found else None
        if last and (last.a + last.size, last.b + last.size) == (x, y):
            found[-1] = last._replace(size=last.size + 1)
        else:
            found.append(Match(x, y, 1))
    return found


def _replaced(gone: str, come: str, comparison: Comparison) -> list[Piece]:
    """The words that differ in two stretches of lines."""
    end = "\n" if gone.endswith("\n") and come.endswith("\n") else ""
    gone, come = gone.removesuffix(end), come.removesuffix(end)
    whole = [Piece(Kind.REMOVED, gone), Piece(Kind.ADDED, come), Piece(Kind.SAME, end)]
    if not gone or not come:
        return whole
    old, new = words_of(gone), words_of(come)
    matches = comparison.matches(old, new)
    kept = sum(len(token) for m in matches for token in old[m.a : m.a + m.size] if is_word(token))
    words = min(sum(len(token) for token in side if is_word(token)) for side in (old, new))
    if kept < words * MIN_KEPT:
        return whole
    pieces = []
    a = b = 0
    for match in [*matches, Match(len(old), len(new), 0)]:
        pieces.append(Piece(Kind.REMOVED, "".join(old[a : match.a])))
        pieces.append(Piece(Kind.ADDED, "".join(new[b : match.b])))
        pieces.append(Piece(Kind.SAME, "".join(old[match.a : match.a + match.size])))
        a, b = match.a + match.size, match.b + match.size
    return [*pieces, Piece(Kind.SAME, end)]


def _tidy(pieces: list[Piece]) -> list[Piece]:
    """Neighbours of one kind joined; a space between two changes belongs to them."""
    found: list[Piece] = []
    gone = come = ""
    for kind, text in [*pieces, Piece(Kind.SAME, "")]:
        if kind == Kind.REMOVED:
            gone += text
        elif kind == Kind.ADDED:
            come += text
        elif gone and come and text.isspace() and "\n" not in text:
            gone, come = gone + text, come + text
        elif text and not gone and not come and found:  # both are the same
            found[-1] = Piece(Kind.SAME, found[-1].text + text)
        elif text or gone or come:
            found += [Piece(Kind.REMOVED, gone), Piece(Kind.ADDED, come), Piece(Kind.SAME, text)]
            gone = come = ""
    return [piece for piece in found if piece.text]
