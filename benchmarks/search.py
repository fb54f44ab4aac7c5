"""How long a search takes on a big site: python -m benchmarks.search [POSTS]

Works in the empty database of the settings (a PostgreSQL of your own, say) and leaves it full.
Texts are drawn from 20,000 made-up words and 3,000 ideographs whose frequencies follow Zipf's law,
as those of languages do; one post in five is Chinese. Asked are words of every frequency.
"""

import itertools
import os
import random
import statistics
import sys
import time
from datetime import timedelta

import django

WORDS = 20_000
IDEOGRAPHS = 3_000
WORDS_PER_POST = 600
IDEOGRAPHS_PER_POST = 900
BATCH = 1_000  # rows
ROUNDS = 20
SYLLABLES = [a + b for a in "bcdfghklmnprstvw" for b in ("a", "e", "i", "o", "u", "an", "er", "il")]


def word(number: int) -> str:
    """The word of rank `number`; frequent ones are short."""
    parts = []
    number += 1
    while number:
        number, rest = divmod(number, len(SYLLABLES))
        parts.append(SYLLABLES[rest])
    return "".join(parts) + "x"


def make_site(count: int) -> None:
    from django.utils import timezone

    from accounts.models import User
    from blog.models import Category, Post, PostAuthor

    chance = random.Random(2026)
    now = timezone.now()
    words = [word(number) for number in range(WORDS)]
    signs = [chr(0x4E00 + number) for number in range(IDEOGRAPHS)]
    of_words, of_signs = (
        list(itertools.accumulate(1 / (rank + 2.7) for rank in range(size)))
        for size in (WORDS, IDEOGRAPHS)
    )
    author = User.objects.create(username="writer")
    categories = Category.objects.bulk_create(
        Category(name=f"Category {n}", slug=f"category-{n}") for n in range(12)
    )
    for first in range(0, count, BATCH):
        posts = []
        for number in range(first, min(first + BATCH, count)):
            if number % 5 == 4:
                text = "".join(chance.choices(signs, cum_weights=of_signs, k=IDEOGRAPHS_PER_POST))
                title, language = text[:14], "zh-hans"
                text = "。".join(text[i : i + 18] for i in range(0, len(text), 18))
            else:
                row = chance.choices(words, cum_weights=of_words, k=WORDS_PER_POST)
                title, text, language = " ".join(row[:7]), " ".join(row), "en"
            at = now - timedelta(hours=count - number)
            posts.append(
                Post(
                    title=title,
                    slug=f"post-{number}",
                    body=text,
                    body_text=text,
                    derived_excerpt=text[:200],
                    language=language,
                    category=chance.choice(categories),
                    status=Post.Status.DRAFT if number % 20 == 7 else Post.Status.PUBLISHED,
                    published_at=at,
                    created_at=at,
                    updated_at=at,
                )
            )
        Post.objects.bulk_create(posts)
        PostAuthor.objects.bulk_create(PostAuthor(post=post, user=author) for post in posts)


def questions() -> dict[str, str]:
    return {
        "in nearly every post": word(0),
        "in a third": word(120),
        "common": word(800),
        "rare": word(15_000),
        "two common words": f"{word(60)} {word(90)}",
        "three words": f"{word(30)} {word(300)} {word(3_000)}",
        "the beginning of a word": word(800)[:4],
        "a phrase": f'"{word(0)} {word(1)}"',
        "one ideograph, very common": "一",
        "one ideograph": chr(0x4E00 + 900),
        "two ideographs": "一丁",
        "two ideographs, rarer": chr(0x4E00 + 90) + chr(0x4E00 + 40),
        "three ideographs": "丁一丂",
        "nothing": "qqqqqqqq",
    }


def measure() -> None:
    from django.contrib.auth.models import AnonymousUser
    from django.db import connection

    from blog.models import Post
    from blog.search import search_posts

    every: list[float] = []
    print("| words | found | p50 ms | p95 ms |\n|---|---:|---:|---:|")
    for name, text in questions().items():
        times = []
        for _round in range(ROUNDS):
            began = time.perf_counter()
            results = search_posts(Post.objects.listed_for(AnonymousUser()).for_listing(), text)
            _page = results[:12]
            times.append((time.perf_counter() - began) * 1000)
        every += times
        p95 = statistics.quantiles(times, n=20)[-1]
        print(f"| {name} | {len(results)} | {statistics.median(times):.1f} | {p95:.1f} |")
    p95 = statistics.quantiles(every, n=20)[-1]
    print(f"| all of them | | {statistics.median(every):.1f} | {p95:.1f} |")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "EXPLAIN SELECT post_id FROM blog_searchpart WHERE document @@ %s::tsquery",
                [f"'{word(15_000)}'"],
            )
            print("\n".join(row[0] for row in cursor.fetchall()))


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from blog.models import Post
    from blog.search.index import index_missing

    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    if not Post.objects.exists():
        began = time.perf_counter()
        make_site(count)
        print(f"made {count} posts in {time.perf_counter() - began:.0f} s", flush=True)
    began = time.perf_counter()
    indexed = 0
    while more := index_missing(2_000):
        indexed += more
    if indexed:
        print(f"indexed {indexed} in {time.perf_counter() - began:.0f} s", flush=True)
        on_postgresql = connection.vendor == "postgresql"
        connection.cursor().execute("VACUUM ANALYZE" if on_postgresql else "ANALYZE")
    measure()


if __name__ == "__main__":
    main()
