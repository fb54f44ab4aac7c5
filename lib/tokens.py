"""Cutting text in any script into the tokens a search index holds.

Words of spaced scripts are folded (case, width, Latin and Greek accents, Arabic and Hebrew vowel
signs) and cut at everything that is neither letter, mark nor digit. Scripts written without
spaces, and Korean, whose particles cling to the word, become overlapping pairs: "机器学习" is
"机器 器学 学习 习". A run of n characters is then found as a phrase of its pairs wherever it stands
in a sentence, and one character as the beginning of a pair.
"""

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise

from lib.text import CJK_RANGES

# Thai, Lao, Burmese, Khmer, Hangul.
_PAIRED_RANGES = (
    CJK_RANGES + "\u0e01-\u0e5b\u0e81-\u0edf\u1000-\u109f\u1780-\u17ff\u1100-\u11ff\uac00-\ud7a3"
)
_PAIRED = re.compile(rf"[{_PAIRED_RANGES}]+")
# What an accent may fall from: Latin, Greek, Hebrew, Arabic.
_LOSES_MARKS = re.compile("[a-z\u00df-\u024f\u0370-\u03ff\u05d0-\u05f2\u0621-\u064a\u066e-\u06d3]")
_LETTERS = str.maketrans(
    {
        "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ħ": "h",
        "ı": "i",
        "\u0640": "",  # the Arabic stretch
        "'": "", "\u2019": "", "\u02bc": "",  # don't
        "\u00ad": "", "\u200b": " ", "\u200c": "", "\u200d": "",  # invisible ones
        # Names of languages, not punctuation.
        "♯": "#",
    }
)  # fmt: skip
_SIGNS = (
    (re.compile(r"(?<![^\W_])([a-z])\+\+"), r"\1pp"),
    (re.compile(r"(?<![^\W_])([acfjqvx])#"), r"\1sharp"),
)
MAX_TOKEN_LENGTH = 64  # characters; a longer word is an address or noise


def tokens(text: str) -> list[str]:
    """The tokens of `text`, in order, as the index holds them. Linear in its length."""
    found: list[str] = []
    for run in runs(text):
        if is_paired(run):
            found += pairs(run)
        else:
            found.append(stem(run))
    return found


def fold(text: str) -> str:
    """`text` without the differences that a searcher does not type."""
    text = unicodedata.normalize("NFKC", text).casefold().translate(_LETTERS)
    if not text.isascii():
        text = _without_marks(text)
    for sign, spelling in _SIGNS:
        text = sign.sub(spelling, text)
    return text


def _without_marks(text: str) -> str:
    kept: list[str] = []
    loses = False
    for char in unicodedata.normalize("NFD", text):
        if unicodedata.category(char) == "Mn":
            if not loses:
                kept.append(char)
            continue
        loses = _LOSES_MARKS.match(char) is not None
        kept.append(char)
    return unicodedata.normalize("NFC", "".join(kept))


WORD_OR_RUN = re.compile(
    rf"[{_PAIRED_RANGES}]+"
    # A letter or digit, then letters, digits and the marks that belong to them.
    rf"|(?:(?![{_PAIRED_RANGES}])[^\W_])(?:(?![{_PAIRED_RANGES}])(?:[^\W_]|[\u0300-\u036f\u0591-\u05c7"
    r"\u0610-\u061a\u064b-\u065f\u0900-\u0dff\u0f00-\u0fff]))*"
)


def is_paired(run: str) -> bool:
    """Whether `run`, from `runs()`, is of a script that is indexed by pairs."""
    return _PAIRED.match(run) is not None


def runs(text: str) -> list[str]:
    """The folded words of `text` and its unspaced runs, in order."""
    return WORD_OR_RUN.findall(fold(text))


def pairs(run: str) -> list[str]:
    """The overlapping pairs of an unspaced run, and its last character."""
    return [*map("".join, pairwise(run)), run[-1]]


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """`word` without an English plural's ending, and not longer than a token may be.

    The S-stemmer of Harman, D. (1991), "How effective is suffixing?", Journal of the American
    Society for Information Science 42, 7-15: gentle, and nearly harmless to other languages. Added:
    boxes, classes and hashes, whose "e" belongs to the ending.
    """
    word = word[:MAX_TOKEN_LENGTH]
    if len(word) < 4 or not word.isascii() or word[-1] != "s":
        return word
    if word.endswith("ies") and word[-4] not in "ae":
        return word[:-3] + "y"
    if word.endswith(("xes", "sses", "shes")):
        return word[:-2]
    if word.endswith("es") and word[-3] not in "aeo":
        return word[:-1]
    if word[-2] not in "us":
        return word[:-1]
    return word
