"""How long a search takes on a big site: python -m benchmarks.search [POSTS]

Works in the empty database of the settings (a PostgreSQL of your own, say) and leaves it full; run
again, it only measures. `benchmarks/texts.py` tells what the posts say. Asked are words of every
frequency, each many times, in turn.
"""

import os
import statistics
import sys
import time
from datetime import timedelta
from itertools import chain
from urllib.parse import urlsplit

import django

BATCH = 1_000  # rows
ROUNDS = 20
YEARS = 8  # over which the posts were published


def make_site(count: int) -> None:
    """Authors, categories, tags and `count` posts, 5 % of them scheduled and 5 % drafts."""
    from django.utils import timezone

    from accounts.models import User
    from benchmarks.texts import Texts
    from blog.models import Category, Post, PostAuthor, Tag

    texts = Texts()
    chance = texts.chance
    now = timezone.now()
    authors = User.objects.bulk_create(
        User(username=f"writer_{n}", display_name=f"Writer {n}") for n in range(20)
    )
    categories = Category.objects.bulk_create(
        Category(name=f"Category {n}", slug=f"category-{n}") for n in range(12)
    )
    tags = Tag.objects.bulk_create(Tag(name=f"Tag {n}", slug=f"tag-{n}") for n in range(200))
    for first in range(0, count, BATCH):
        posts = []
        for number in range(first, min(first + BATCH, count)):
            language = texts.language()
            title, text = texts.text(language)
            age = timedelta(days=YEARS * 365 * (count - number) / count)
            kind = chance.random()
            posts.append(
                Post(
                    title=title,
                    slug=f"post-{number}",
                    body=text,
                    body_text=text,
                    derived_excerpt=text[:200],
                    language=language,
                    category=chance.choice(categories),
                    status=Post.Status.DRAFT if kind > 0.95 else Post.Status.PUBLISHED,
                    published_at=now + age if kind < 0.05 else now - age,
                    created_at=now - age,
                    updated_at=now - age,
                    renderer_version=1,
                )
            )
        Post.objects.bulk_create(posts)
        PostAuthor.objects.bulk_create(
            PostAuthor(post=post, user=chance.choice(authors)) for post in posts
        )
        Post.tags.through.objects.bulk_create(
            Post.tags.through(post=post, tag=tag)
            for post in posts
            for tag in chance.sample(tags, chance.randint(1, 4))
        )


def questions() -> dict[str, str]:
    from benchmarks.texts import Texts, made_up_word
    from lib.tokens import is_paired, runs

    texts = Texts()

    def word(share: float, length: int = 5) -> str:
        return texts.word("en", share, length)

    def signs(share: float, length: int, language: str = "zh-hans") -> str:
        return texts.word(language, share, length)

    sentence = next(row for row in texts.posts["en"][0] if len(row.split()) > 8)
    written = "".join(chain(*texts.posts["zh-hans"]))
    run = next(run for run in runs(written) if is_paired(run) and len(run) == 6)
    return {
        "in nearly every post": word(0.95, 3),
        "in half": word(0.3),
        "common": word(0.1),
        "rarer": word(0.01),
        "rare": made_up_word(100_000),
        "two common words": f"{word(0.3)} {word(0.25)}",
        "three words": f"{word(0.5)} {word(0.1)} {word(0.02)}",
        "the beginning of a word": word(0.1)[:4],
        "a phrase": f'"{" ".join(sentence.split()[1:3])}"',
        "a phrase of common words": '"of the"',
        "a sentence": " ".join(sentence.split()[:9]),
        "one ideograph, very common": signs(0.9, 1),
        "one ideograph": signs(0.05, 1),
        "two ideographs, common": signs(0.4, 2),
        "two ideographs, rarer": signs(0.02, 2),
        "six ideographs": run,
        "Japanese": signs(0.3, 2, "ja"),
        "words that no post has together": f"{made_up_word(90_000)} {word(0.3)}",
        "nothing": "qqqqqqqq",
    }


def measure() -> None:
    from django.conf import settings
    from django.contrib.auth.models import AnonymousUser
    from django.test import Client

    from blog.models import Post
    from blog.search import search_posts

    client = Client(headers={"host": urlsplit(settings.SITE_URL).netloc})

    def whole_page(text: str) -> None:
        answer = client.get("/search/", {"q": text}, secure=True)
        assert answer.status_code == 200, answer.status_code

    def only_keys(text: str) -> int:
        return len(search_posts(Post.objects.listed_for(AnonymousUser()), text))

    asked = questions()
    keys: dict[str, list[float]] = {name: [] for name in asked}
    pages: dict[str, list[float]] = {name: [] for name in asked}
    found = {}
    for number in range(ROUNDS + 1):
        for name, text in asked.items():
            began = time.perf_counter()
            found[name] = only_keys(text)
            between = time.perf_counter()
            whole_page(text)
            if number:  # The first round fills the memory.
                keys[name].append((between - began) * 1000)
                pages[name].append((time.perf_counter() - between) * 1000)

    print("| words | | found | p50 ms | p95 ms | page, p50 ms | p95 ms |")
    print("|---|---|---:|---:|---:|---:|---:|")
    for name, text in asked.items():
        print(f"| {name} | {text} | {found[name]} | {_line(keys[name])} | {_line(pages[name])} |")
    both = (_line([*chain(*times.values())]) for times in (keys, pages))
    print(f"| all of them | | | {' | '.join(both)} |")


def show_plan() -> None:
    """That the index tells which posts have a word, even one that most have."""
    from django.db import connection

    from blog.search.postgresql import ENTRIES

    with connection.cursor() as cursor:
        for text in list(questions().values())[:2]:
            cursor.execute(f"EXPLAIN {ENTRIES.format(column='document')}", [f"'{text}'"])
            print("\n".join(row[0] for row in cursor.fetchall()))


def _line(times: list[float]) -> str:
    return f"{statistics.median(times):.1f} | {statistics.quantiles(times, n=20)[-1]:.1f}"


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from blog.models import Post
    from blog.search.index import index_missing
    from lib.statements import without_time_limit

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
        print(f"indexed {indexed} in {time.perf_counter() - began:.0f} s", flush=True)
    if indexed:
        on_postgresql = connection.vendor == "postgresql"
        with without_time_limit():
            connection.cursor().execute("VACUUM ANALYZE" if on_postgresql else "ANALYZE")
    measure()
    if connection.vendor == "postgresql":
        show_plan()


if __name__ == "__main__":
    main()
