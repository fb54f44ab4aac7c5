"""Ids and addresses inside a text: made from headings, kept apart from the page's own."""

import re
import unicodedata

# The page around the text has ids too. Templates use these names or begin with "ink-" or "id_"
# (Django's form fields); footnotes begin with "fn". A text never gets one of them.
_RESERVED = re.compile(
    r"(?:ink-|id_|fn(?:ref)?\d)|(?:main|content|header|footer|nav|search|comments|toc|top|q)\Z",
    re.IGNORECASE,
)
_SPACE = re.compile(r"\s")
MAX_ID_CHARACTERS = 120


def heading_id(text: str) -> str:
    """The id that GitHub would make from a heading, in any script; "section" for none."""
    kept = (
        char
        for char in unicodedata.normalize("NFC", text).strip().lower()[:MAX_ID_CHARACTERS]
        if char in " -_" or unicodedata.category(char)[0] in "LMN"
    )
    return "".join(kept).replace(" ", "-").strip("-") or "section"


class Ids:
    """The ids given in one text, in the order of the text."""

    def __init__(self) -> None:
        self._given: set[str] = set()
        self._next: dict[str, int] = {}
        self.renamed: dict[str, str] = {}

    def give(self, wanted: str) -> str:
        """`wanted`, or the nearest that is free: -1, -2 behind it, "section-" before it."""
        wanted = _SPACE.sub("-", wanted)[:MAX_ID_CHARACTERS]
        given = f"section-{wanted}" if _RESERVED.match(wanted) else wanted
        base = given
        while given in self._given:
            number = self._next.get(base, 1)
            self._next[base] = number + 1
            given = f"{base}-{number}"
        self._given.add(given)
        if given != wanted:
            self.renamed.setdefault(wanted, given)
        return given

    def target(self, wanted: str) -> str:
        """Where a link to `wanted` in this text leads."""
        return wanted if wanted in self._given else self.renamed.get(wanted, wanted)
