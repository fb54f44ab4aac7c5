"""Search answers what people judged to be answers; `tests/judged/scoring.py` tells how."""

from datetime import UTC, datetime

import pytest

from blog.models import Post
from blog.search.find import search_posts
from blog.search.index import index_post
from lib.statistics import refresh_statistics
from tests.judged.scoring import JAPANESE, QUERIES, assert_good, ndcg
from tests.shared import SHARED_DATA, needs_shared_data
from transfer.markdown.plan import make_plan
from transfer.markdown.reader import read_folder

BLOGS = ("md-rust-blog-zola-toml", "md-kubernetes-blog-hugo-yaml")
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def keep(posts: list[Post]) -> None:
    for post in posts:
        post.status = Post.Status.PUBLISHED
    for post in Post.objects.bulk_create(posts):
        index_post(post)


def slugs(query: str) -> list[str]:
    return [post.slug for post in search_posts(Post.objects.published(), query)[:10]]


def test_a_perfect_ranking_scores_one_and_a_late_answer_less():
    grades = {"best": 3, "good": 2}
    assert ndcg(["best", "good"], grades) == 1
    assert ndcg(["best"], grades) < 1
    assert 0 < ndcg(["other", "best"], grades) < ndcg(["good", "best"], grades) < 1
    assert ndcg(["other"], grades) == 0


def test_there_are_thirty_queries_in_each_language():
    assert all(len(QUERIES[language]) >= 30 for language in ("en", "zh", "ja"))


def test_japanese(db):
    keep(
        [
            Post(
                slug=slug,
                title=title,
                body_text=text,
                language="ja",
                published_at=LONG_AGO,
            )
            for slug, (title, text) in JAPANESE.items()
        ]
    )
    assert_good("ja", slugs)


@pytest.mark.slow
@needs_shared_data
def test_english_and_chinese(db):
    for name in BLOGS:
        plan = make_plan(read_folder(SHARED_DATA / name, UTC), name)
        posts = [
            Post(
                slug=plan.slugs[post.path],
                title=post.title,
                excerpt=post.description,
                body_text=post.body,
                language=post.language or "en",
                published_at=post.published_at,
            )
            for post in plan.posts
            if not (post.is_page or post.draft)
        ]
        keep(posts)
    refresh_statistics()
    assert_good("en", slugs)
    assert_good("zh", slugs)
