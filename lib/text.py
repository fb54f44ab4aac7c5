"""Plain text in any script: cleaning, slugs, counting, shortening."""

import re
import unicodedata
from dataclasses import dataclass

# XML 1.0 (fifth edition), production 2 "Char", turned round.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REFUSED = re.compile("[\x00\ud800-\udfff]")

# Ideographs, kana and bopomofo: scripts written without spaces in which a reader goes by the
# character. Hangul is written with spaces, so it counts in words.
CJK_RANGES = (
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303c\u3041-\u3096\u309d-\u30ff"
    "\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f"
    "\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
_CJK = re.compile(f"[{CJK_RANGES}]")
# One unspaced letter run is one word, apostrophes, hyphens and combining marks included.
_SPACED_WORD = re.compile(r"[^\W_](?:[^\s\W_]|['\u2019.\-][^\W_]|[^\x00-\u02ff\w\s\u2000-\u206f])*")

# Silent reading of English non-fiction, words a minute: Brysbaert, M. (2019), "How many words do
# we read per minute?", Journal of Memory and Language 109, 104047.
WORDS_PER_MINUTE = 238
# Chinese and Japanese. Sun, Morita and Stark (1985), "Comparative patterns of reading
# eye movement in Chinese and English", Perception & Psychophysics 37, 502-506, found 580 characters
# a minute where English readers made 382 words. Scaled to Brysbaert's 238 (non-fiction) to 260
# (fiction) words that is 361 to 395; rounded up to the low end of the 400 to 500 in common use.
CJK_CHARACTERS_PER_MINUTE = 400

# Letters that have no canonical decomposition but a customary Latin spelling.
_LATIN_SPELLING = str.maketrans(
    {
        "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ħ": "h",
        "ı": "i", "ŋ": "n", "ß": "ss", "ŧ": "t", "ĸ": "k", "ƒ": "f",
    }
)  # fmt: skip
# Names of languages that would all become "c" or "f".
_SIGNS = (
    (re.compile(r"\b(c|g|notepad)\+\+"), r"\1pp"),
    (re.compile(r"\b([acfjqvx])[#♯]"), r"\1sharp"),
)
_APOSTROPHES = re.compile("(?<=\\w)['\u2019\u02bc](?=\\w)")


@dataclass(frozen=True, slots=True)
class Count:
    """How much text there is: `words` of spaced scripts, `cjk` characters, `characters` in all."""

    words: int
    cjk: int
    characters: int

    @property
    def minutes(self) -> int:
        """Whole minutes to read it: 0 when empty, else at least 1."""
        if not self.characters:
            return 0
        exact = self.words / WORDS_PER_MINUTE + self.cjk / CJK_CHARACTERS_PER_MINUTE
        return max(1, round(exact))


def clean_text(text: str) -> str:
    """`text` without the characters that XML 1.0 forbids; all others stay as typed."""
    return _FORBIDDEN.sub("", text)


def check_text(text: str) -> None:
    """Raise ValueError when `text` holds a NUL or a lone surrogate: no database stores those."""
    if found := _REFUSED.search(text):
        raise ValueError(
            f"The text has a character that cannot be stored: U+{ord(found[0]):04X} "
            f"at position {found.start()}."
        )


def slugify(text: str, max_length: int = 80) -> str:
    """A readable slug in the script of `text`, at most `max_length` characters, never cut in a word
    when that can be helped.

    Letters, marks and digits of every script stay; accents fall from Latin letters only. Empty when
    there is neither letter nor digit (only emoji, say): the caller supplies another.
    """
    # Four times the limit is enough to fill it, and bounds the work on a huge title.
    text = unicodedata.normalize("NFKC", text[: max_length * 4]).casefold()
    text = _APOSTROPHES.sub("", text)
    for sign, spelling in _SIGNS:
        text = sign.sub(spelling, text)
    letters: list[str] = []
    after_latin = False
    for char in unicodedata.normalize("NFD", text.translate(_LATIN_SPELLING)):
        category = unicodedata.category(char)
        if category[0] == "M":
            if not after_latin and letters and letters[-1] != "-":
                letters.append(char)
        elif category[0] in "LN":
            after_latin = char < "\u0250" or "\u1e00" <= char <= "\u1eff"
            letters.append(char)
        elif category != "Cf":  # joiners, soft hyphens and direction marks leave no trace
            after_latin = False
            if letters and letters[-1] != "-":
                letters.append("-")
    slug = unicodedata.normalize("NFC", "".join(letters)).strip("-")
    return _cut_slug(slug, max_length)


def _cut_slug(slug: str, max_length: int) -> str:
    if len(slug) <= max_length:
        return slug
    cut = max_length
    while cut and unicodedata.category(slug[cut])[0] == "M":
        cut -= 1  # not between a letter and its marks
    hyphen = slug.rfind("-", 0, cut + 1)
    # A first word longer than half the limit is cut, or nothing would be left to read.
    return slug[: hyphen if hyphen >= max_length // 2 else cut].strip("-")


def count_words(text: str) -> Count:
    """Count `text`: words of spaced scripts, and ideographs and kana one by one. Linear."""
    characters = len(text) - sum(map(len, re.findall(r"\s+", text)))
    spaced, cjk = _CJK.subn(" ", text)
    return Count(len(_SPACED_WORD.findall(spaced)), cjk, characters)


def truncate(text: str, limit: int) -> str:
    """`text` in one line of at most `limit` characters, the ellipsis included.

    Cut after a word, or between two characters where words are not spaced. Linear in `limit`.
    """
    # White space may be long: twice the limit plus some is read, never the whole of a huge text.
    head = " ".join(text[: limit * 4 + 100].split())
    if len(head) <= limit and len(text) <= limit * 4 + 100:
        return head
    cut = min(limit - 1, len(head))
    while cut and cut < len(head) and unicodedata.category(head[cut])[0] == "M":
        cut -= 1
    if cut < len(head) and not (
        head[cut].isspace() or _breaks(head[cut - 1]) or _breaks(head[cut])
    ):
        space = max(head.rfind(" ", 0, cut), _last_cjk(head, cut))
        cut = space if space > limit // 2 else cut
    return head[:cut].rstrip(" ,;:.!?-–—、，。；：") + "…"


def _breaks(char: str) -> bool:
    """Whether a line may break beside `char` without a space."""
    return bool(_CJK.match(char)) or "\u3000" <= char <= "\u303f" or "\uff00" <= char <= "\uff65"


def _last_cjk(text: str, end: int) -> int:
    """The position after the last ideograph before `end`, or -1."""
    return next((i + 1 for i in range(end - 1, -1, -1) if _breaks(text[i])), -1)
