"""Two changed copies of one text made into one: by lines, and by words where lines collide.

What only one side changed is taken from it. What both changed, each in its own way, is a
conflict and keeps all three texts: nothing is dropped, nothing is guessed.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from lib.differences import Comparison, is_word, lines_of, words_of

# Where both sides changed the same lines, words are merged only as long as each kept this share
# of the words: two rewritten paragraphs may share a few by chance.
MIN_KEPT = 0.5


class Conflict(NamedTuple):
    """A stretch that both sides changed, each in its own way."""

    base: str
    mine: str
    theirs: str


class Merged(NamedTuple):
    """The merged text, in order: settled stretches of lines, and conflicts.

    Here each line has its end, the last one too: whether a text ends in one is a line as well.
    """

    parts: list[str | Conflict]

    @property
    def conflicts(self) -> list[Conflict]:
        return [part for part in self.parts if isinstance(part, Conflict)]

    @property
    def with_mine(self) -> str:
        """The whole text, with my words where both sides changed it."""
        return "".join(p.mine if isinstance(p, Conflict) else p for p in self.parts)[:-1]


def merge_texts(base: str, mine: str, theirs: str) -> Merged:
    """`mine` and `theirs`, both made from `base`, in one."""
    base, mine, theirs = (f"{text}\n" for text in (base, mine, theirs))
    if mine == theirs or theirs == base:
        return Merged([mine])
    if mine == base:
        return Merged([theirs])
    comparison = Comparison()
    parts: list[str | Conflict] = []
    for part in _merge(lines_of(base), lines_of(mine), lines_of(theirs), comparison):
        if isinstance(part, Conflict):
            words = _merge_words(part, comparison)
            parts.append(part if words is None else words)
        else:
            parts.append(part)
    return Merged(parts)


def _merge_words(conflict: Conflict, comparison: Comparison) -> str | None:
    """The lines of `conflict` with the words of both sides; None when the words collide, too."""
    base, mine, theirs = (words_of(text) for text in conflict)
    words = sum(len(token) for token in base if is_word(token))
    for side in (mine, theirs):
        kept = sum(
            len(token)
            for match in comparison.matches(base, side)
            for token in base[match.a : match.a + match.size]
            if is_word(token)
        )
        if kept < words * MIN_KEPT:
            return None
    merged = _merge(base, mine, theirs, comparison, parts_edits=_parts_edits)
    return None if any(isinstance(part, Conflict) for part in merged) else "".join(merged)


def _parts_edits(words: Sequence[str]) -> bool:
    """Whether edits on both sides of `words` are two edits: a space or a comma parts nothing."""
    return "\n" in words or any(is_word(word) for word in words)


def _merge(
    base: list[str],
    mine: list[str],
    theirs: list[str],
    comparison: Comparison,
    parts_edits: Callable[[Sequence[str]], bool] = bool,
) -> list[str | Conflict]:
    """The merge of three sequences (diff3: Khanna, Kunal and Pierce, "A Formal Investigation of
    Diff3", 2007); what all have in common stays, each stretch between is settled by itself."""
    parts: list[str | Conflict] = []
    a = b = c = 0
    end = (len(base), len(mine), len(theirs), 0)
    for x, y, z, size in [*_common(base, mine, theirs, comparison), end]:
        is_end = (x, y, z) == end[:3]
        if not is_end and (x, y, z) != (0, 0, 0) and not parts_edits(base[x : x + size]):
            continue
        between = [base[a:x], mine[b:y], theirs[c:z]]
        if any(between):
            parts.append(_settled(*("".join(tokens) for tokens in between)))
        parts.append("".join(base[x : x + size]))
        a, b, c = x + size, y + size, z + size
    return [part for part in parts if part]


def _settled(base: str, mine: str, theirs: str) -> str | Conflict:
    if mine in (theirs, base):
        return theirs
    return mine if theirs == base else Conflict(base, mine, theirs)


def _common(
    base: list[str], mine: list[str], theirs: list[str], comparison: Comparison
) -> list[tuple[int, int, int, int]]:
    """Stretches of `base` that both sides kept: where they begin in each, and how long."""
    found = []
    left, right = comparison.matches(base, mine), comparison.matches(base, theirs)
    i = j = 0
    while i < len(left) and j < len(right):
        one, other = left[i], right[j]
        start = max(one.a, other.a)
        stop = min(one.a + one.size, other.a + other.size)
        if start < stop:
            found.append((start, one.b + start - one.a, other.b + start - other.a, stop - start))
        if one.a + one.size < other.a + other.size:
            i += 1
        else:
            j += 1
    return found
