"""What readers may have meant, and what they did not find."""

import re
from collections import Counter
from datetime import timedelta
from hashlib import blake2b

from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from blog.models import Post
from blog.models.search import SearchMiss, SearchWord
from blog.search.query import parse
from lib.tokens import fold, is_paired, runs, stem

MAX_WORDS = 30_000
POSTS_READ = 5_000  # the newest; their words are those that readers look for
MAX_MISSES = 1_000
MISS_MAX_LENGTH = SearchMiss._meta.get_field("query").max_length
MISS_PAUSE = 3_600  # seconds
_MIN_LENGTH = 4  # characters; of shorter words too many others are one slip away
_ALPHABETS = (
    "abcdefghijklmnopqrstuvwxyz",
    "абвгдежзийклмнопрстуфхцчшщъыьэюя",
    "αβγδεζηθικλμνξοπρστυφχψω",
)
_WORD = re.compile(r"[^\W\d_]+")


def did_you_mean(text: str) -> str:
    """`text` with its unknown words replaced by near ones that posts have; "" when there are none.

    Near is one letter more, less, other, or two exchanged: 80 % of slips (Damerau, F. (1964), "A
    technique for computer detection and correction of spelling errors", CACM 7, 171-176).
    One query for all words.
    """
    words = [word for word in runs(text) if _is_correctable(word)]
    if not words:
        return ""
    near = {word: _one_slip_away(word) for word in words[:5]}
    wanted = {stem(other) for others in near.values() for other in others} | set(map(stem, words))
    known = dict(SearchWord.objects.filter(word__in=wanted).values_list("word", "posts"))
    replaced = {}
    for word, others in near.items():
        if stem(word) in known:
            continue
        best = max(others, key=lambda other: known.get(stem(other), 0))
        if known.get(stem(best)):
            replaced[word] = best
    if not replaced:
        return ""
    return _WORD.sub(lambda match: replaced.get(fold(match[0]), match[0]), text)


def _is_correctable(word: str) -> bool:
    return len(word) >= _MIN_LENGTH and _WORD.fullmatch(word) is not None and not is_paired(word)


def _one_slip_away(word: str) -> set[str]:
    alphabet = next((letters for letters in _ALPHABETS if word[0] in letters), "")
    splits = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    found = {left + right[1:] for left, right in splits if right}
    found |= {left + right[1] + right[0] + right[2:] for left, right in splits if len(right) > 1}
    found |= {left + letter + right[1:] for left, right in splits if right for letter in alphabet}
    found |= {left + letter + right for left, right in splits for letter in alphabet}
    found.discard(word)
    return found


def refresh_words() -> int:
    """Learn the words of the newest public posts anew when any has changed; says how many.

    Public ones only: a suggestion must not tell what a draft says.
    """
    public = Post.objects.listed_for(AnonymousUser())
    state = public.aggregate(Max("updated_at"), Max("published_at"))
    seen = f"{state['updated_at__max']} {state['published_at__max']} {public.count()}"
    if cache.get("blog:search-words") == seen:
        return 0
    counts: Counter[str] = Counter()
    texts = public.newest_first().values_list("title", "body_text")[:POSTS_READ]
    for title, text in texts.iterator(chunk_size=100):
        counts.update({stem(word) for word in runs(f"{title}\n{text}") if _is_correctable(word)})
    # What stands once in a big site is a slip itself more often than a word.
    least = 2 if len(counts) > MAX_WORDS else 1
    words = [
        SearchWord(word=word, posts=posts)
        for word, posts in counts.most_common(MAX_WORDS)
        if posts >= least
    ]
    with transaction.atomic():
        SearchWord.objects.all().delete()
        SearchWord.objects.bulk_create(words, batch_size=1_000)
    cache.set("blog:search-words", seen, timedelta(days=7).total_seconds())
    return len(words)


def note_miss(text: str) -> None:
    """Keep for the editors that readers found nothing for `text`; an hour's repeats count once."""
    query = " ".join(text.split()).casefold()[:MISS_MAX_LENGTH]
    key = f"blog:search-miss:{blake2b(query.encode(), digest_size=12).hexdigest()}"
    if not parse(query) or not cache.add(key, 1, MISS_PAUSE):
        return
    now = timezone.now()
    known = SearchMiss.objects.filter(query=query)
    if not known.update(count=F("count") + 1, last_at=now):
        SearchMiss.objects.bulk_create(
            [SearchMiss(query=query, last_at=now)], ignore_conflicts=True
        )


def drop_old_misses() -> int:
    """Keep the most frequent misses only; says how many went."""
    kept = SearchMiss.objects.order_by("-count", "-last_at").values_list("pk", flat=True)
    spare = list(kept[MAX_MISSES:])
    SearchMiss.objects.filter(pk__in=spare).delete()
    return len(spare)
