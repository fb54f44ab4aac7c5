"""How good a ranking is, against what people said answers a query.

`queries.json` holds the judgements: for each query the posts that answer it, 3 what was meant, 2
close to it, 1 of some use; all others count nothing. They were made from titles and contents before
the engine was asked. English and Chinese queries are about the blogs of the shared data, which are
no part of the project; the Japanese ones about `japanese.json`, since those blogs have no Japanese.
"""

import json
import math
from collections.abc import Callable, Iterable
from pathlib import Path

HERE = Path(__file__).parent
QUERIES: dict[str, list[tuple[str, dict[str, int]]]] = json.loads(
    (HERE / "queries.json").read_text()
)
JAPANESE: dict[str, tuple[str, str]] = json.loads((HERE / "japanese.json").read_text())
DEPTH = 10  # results: a first page
# The least mean nDCG@10 of a language, some below what the engine reaches (docs/search.md).
FLOORS = {"en": 0.95, "zh": 0.95, "ja": 0.95}


def ndcg(found: Iterable[str], grades: dict[str, int]) -> float:
    """Normalised discounted cumulative gain of the first ten, from 0 to 1.

    Gain 2^grade - 1, discount log2(rank + 1): Burges et al., Learning to rank using gradient
    descent, ICML 2005.
    """

    def gain(values: Iterable[int]) -> float:
        return sum((2**value - 1) / math.log2(rank + 2) for rank, value in enumerate(values))

    best = gain(sorted(grades.values(), reverse=True)[:DEPTH])
    return gain(grades.get(slug, 0) for slug in list(found)[:DEPTH]) / best


def judge(language: str, search: Callable[[str], list[str]]) -> dict[str, float]:
    """The nDCG of each query of `language`; `search` gives slugs, best first."""
    return {query: ndcg(search(query), grades) for query, grades in QUERIES[language]}


def assert_good(language: str, search: Callable[[str], list[str]]) -> None:
    """Fail, naming the worst queries, when the mean of `language` is below its floor."""
    scores = judge(language, search)
    mean = sum(scores.values()) / len(scores)
    worst = sorted(scores.items(), key=lambda item: item[1])[:8]
    print(f"judged {language}: mean nDCG@{DEPTH} {mean:.3f} of {len(scores)} queries")
    assert mean >= FLOORS[language], f"mean {mean:.3f}; the worst: {worst}"
