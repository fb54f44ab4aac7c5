"""Texts as people write them, in any number, for benchmarks of search.

A text is made of sentences of three posts that exist: of the imported blogs of the shared data
(English and Chinese) and of the Japanese texts of `tests/judged`. So words are as frequent as they
are in writing, stand beside the words they stand beside, and gather in some texts. Rare words,
which so few posts lack, are made up and drawn by Zipf's law. Where the shared data is not, English
and Chinese are made-up words and ideographs, by the same law.
"""

import itertools
import random
import re
from collections import Counter
from datetime import UTC
from functools import cached_property

from lib.tokens import is_paired, runs
from tests.judged.scoring import JAPANESE
from tests.shared import SHARED_DATA
from transfer.markdown.reader import read_folder

BLOGS = ("md-rust-blog-zola-toml", "md-kubernetes-blog-hugo-yaml")
LANGUAGES = {"en": 70, "zh-hans": 22, "ja": 8}  # of 100 posts
SENTENCES = (30, 100)  # of a post; fewest and most
RARE_WORDS = 150_000
RARE_PER_POST = 8
MADE_UP_POSTS = 400  # of a language whose posts are not there
SYLLABLES = [a + b for a in "bcdfghklmnprstvw" for b in ("a", "e", "i", "o", "u", "an", "er", "il")]
_SENTENCE = re.compile(r"[^.!?。！？\n#*|]{6,400}[.!?。！？]?")
_CODE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)


def made_up_word(number: int) -> str:
    """The word of rank `number`; frequent ones are short."""
    parts = []
    number += 1
    while number:
        number, rest = divmod(number, len(SYLLABLES))
        parts.append(SYLLABLES[rest])
    return "".join(parts) + "x"


def _zipf(size: int) -> list[float]:
    return list(itertools.accumulate(1 / (rank + 2.7) for rank in range(size)))


class Texts:
    """The same seed gives the same texts, as long as the shared data is the same."""

    def __init__(self, seed: int = 2026) -> None:
        self.chance = random.Random(seed)
        self.posts: dict[str, list[list[str]]] = {language: [] for language in LANGUAGES}
        if SHARED_DATA.exists():
            self._read_blogs()
        for language in ("en", "zh-hans"):
            if not self.posts[language]:
                self._make_up(language)
        for title, text in JAPANESE.values():
            self.posts["ja"].append(_SENTENCE.findall(f"{title}\n{text}"))
        self.rare = [made_up_word(number) for number in range(RARE_WORDS)]
        self.rare_weights = _zipf(RARE_WORDS)

    def _read_blogs(self) -> None:
        for name in BLOGS:
            for post in read_folder(SHARED_DATA / name, UTC).posts:
                language = (post.language or "en").lower()
                language = "zh-hans" if language.startswith("zh") else language
                found = _SENTENCE.findall(_CODE.sub("", post.body))
                if language in self.posts and len(found) > 10:
                    self.posts[language].append(found)

    def _make_up(self, language: str) -> None:
        """Posts of words or ideographs that no one has written."""
        if language == "en":
            pool, length, joint = [made_up_word(n) for n in range(20_000)], (8, 24), " "
        else:
            pool, length, joint = [chr(0x4E00 + n) for n in range(3_000)], (12, 40), ""
        weights = _zipf(len(pool))
        for _number in range(MADE_UP_POSTS):
            rows = (
                self.chance.choices(pool, cum_weights=weights, k=self.chance.randint(*length))
                for _sentence in range(60)
            )
            self.posts[language].append([joint.join(row) + "." for row in rows])

    def language(self) -> str:
        return self.chance.choices(list(LANGUAGES), list(LANGUAGES.values()))[0]

    def text(self, language: str) -> tuple[str, str]:
        """A title and a text."""
        sources = self.chance.choices(self.posts[language], k=3)
        count = self.chance.randint(*SENTENCES)
        chosen = [
            sentence.strip()
            for source in sources
            for sentence in self.chance.choices(source, k=max(1, count // len(sources)))
        ]
        title = " ".join(chosen[0].split()[:9]) if language == "en" else chosen[0][:20]
        rare = self.chance.choices(self.rare, cum_weights=self.rare_weights, k=RARE_PER_POST)
        return title[:180], "\n".join([*chosen, " ".join(rare)])

    @cached_property
    def frequencies(self) -> dict[str, Counter]:
        """Of each language, in how many of the posts that are drawn from a word or pair stands."""
        counts = {}
        for language, posts in self.posts.items():
            counts[language] = Counter()
            for post in posts:
                words: set[str] = set()
                for run in runs("\n".join(post)):
                    if is_paired(run):
                        words.update(map("".join, itertools.pairwise(run)))
                        words.update(run)
                    else:
                        words.add(run)
                counts[language].update(words)
        return counts

    def word(self, language: str, share: float, length: int) -> str:
        """A word of at least `length` letters, or of `length` ideographs, that about `share` of
        the posts of `language` that are drawn from have."""
        wanted = share * len(self.posts[language])
        fit = (
            (abs(count - wanted), word)
            for word, count in self.frequencies[language].items()
            if (
                len(word) >= length and word.isascii() and word.isalpha()
                if language == "en"
                else len(word) == length and is_paired(word)
            )
        )
        return min(fit)[1]
