"""Fills an empty site with generated posts: python -m benchmarks.content POSTS

The same number gives the same site. Bodies are about 6 KB of Markdown of every kind the renderer
knows; one in five posts is Chinese. 5 % are scheduled, 5 % are drafts. Rows are written in bulk,
without the history and events that saving one by one would keep.
"""

import os
import random
import sys
from datetime import timedelta

import django

VARIANTS = 40  # different bodies; rendering each of 10,000 would take minutes and show nothing
BATCH = 1_000  # rows
SEARCHABLE = 1_000  # posts that are put into the search index; benchmarks.search has larger ones
SPAN = 8 * 365  # days over which the posts were published
WORDS = (
    "ink paper press margin letter page reader quiet river stone brush draft column light season "
    "harbour copper thread lantern garden winter bridge folio grain shadow voice market window"
)
IDEOGRAPHS = "墨纸笔砚山水云雨春秋书信灯火江湖风月石竹松梅夜晨桥舟城门窗影声色远近新旧"
CODE = "def wash(ink: int) -> str:\n    return 'grey' * ink  # three passes\n"


def sentence(chance: random.Random, chinese: bool) -> str:
    if chinese:
        return "".join(chance.choices(IDEOGRAPHS, k=chance.randint(12, 28))) + "。"
    words = chance.choices(WORDS.split(), k=chance.randint(8, 18))
    return f"{' '.join(words).capitalize()}. "


def body(chance: random.Random, chinese: bool) -> str:
    def paragraph() -> str:
        return "".join(sentence(chance, chinese) for _ in range(5))

    parts = [paragraph()]
    for number in range(1, 6):
        parts += [f"## {sentence(chance, chinese).strip()}", paragraph(), paragraph()]
        if number == 1:
            parts.append(f"```python\n{CODE * 3}```")
        if number == 2:
            parts.append("| ink | tone |\n|---|---|\n" + "| pine | cool |\n" * 5)
        if number == 3:
            parts.append("- " + "\n- ".join(sentence(chance, chinese) for _ in range(5)))
        if number == 4:
            parts.append(f"> {sentence(chance, chinese)}\n\nAs noted[^1]. \n\n[^1]: {paragraph()}")
    return "\n\n".join(parts)


def make_site(count: int) -> None:
    """Authors, categories, tags and `count` posts in the empty database of the settings."""
    from django.utils import timezone

    from accounts.models import User
    from blog.models import Category, Post, PostAuthor, Tag
    from blog.rendering import render_into

    chance = random.Random(2026)
    now = timezone.now()
    authors = User.objects.bulk_create(
        User(username=f"writer_{n}", display_name=f"Writer {n}") for n in range(20)
    )
    categories = Category.objects.bulk_create(
        Category(name=f"Category {n}", slug=f"category-{n}") for n in range(12)
    )
    tags = Tag.objects.bulk_create(Tag(name=f"Tag {n}", slug=f"tag-{n}") for n in range(200))
    variants = []
    for number in range(VARIANTS):
        chinese = number % 5 == 4
        variant = Post(body=body(chance, chinese), language="zh-hans" if chinese else "en")
        render_into(variant)
        variants.append(variant)

    for first in range(0, count, BATCH):
        posts = []
        for number in range(first, min(first + BATCH, count)):
            post = Post()
            post.__dict__.update(
                {k: v for k, v in variants[number % VARIANTS].__dict__.items() if k != "_state"}
            )
            age = timedelta(days=SPAN * (count - number) / count, seconds=chance.randrange(86_400))
            post.title = f"{sentence(chance, post.language != 'en')[:60].strip(' .。')} {number}"
            post.slug = f"post-{number}"
            post.category = chance.choice(categories)
            post.created_at = post.updated_at = now - age
            kind = chance.random()
            post.published_at = now + age if kind < 0.05 else now - age
            post.status = Post.Status.DRAFT if kind > 0.95 else Post.Status.PUBLISHED
            posts.append(post)
        Post.objects.bulk_create(posts)
        PostAuthor.objects.bulk_create(
            PostAuthor(post=post, user=user, position=position)
            for post in posts
            for position, user in enumerate(chance.sample(authors, chance.choice([1, 1, 1, 2])))
        )
        Post.tags.through.objects.bulk_create(
            Post.tags.through(post=post, tag=tag)
            for post in posts
            for tag in chance.sample(tags, chance.randint(2, 5))
        )


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    make_site(int(sys.argv[1]))
    from blog.search.index import index_missing

    for _ in range(0, min(int(sys.argv[1]), SEARCHABLE), BATCH):
        index_missing(BATCH)
    # As in a database that has been running: statistics for the planner, and on PostgreSQL the map
    # of what all may see, without which an index alone answers nothing.
    by_vendor = {"postgresql": "VACUUM (ANALYZE)"}
    connection.cursor().execute(by_vendor.get(connection.vendor, "ANALYZE"))
