"""What a post is followed by: posts like it, by one rule and for one query."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from blog.around import CANDIDATES, Around, around
from blog.models import Post

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
ANYONE = AnonymousUser()


def surroundings(post: Post, user=ANYONE) -> Around:
    return around(Post.objects.for_listing().get(pk=post.pk), user)


def titles(post: Post, user=ANYONE) -> list[str]:
    return [entry.post.title for entry in surroundings(post, user).related]


@pytest.fixture
def at():
    """`at(5)`: noon, five days later, so that neighbours are where a test wants them."""
    return lambda days: NOON + timedelta(days=days)


@pytest.fixture
def read(make_post, make_category, at):
    """The post that is read, between two neighbours that have nothing to do with it."""
    make_post(title="Before", published_at=at(9))
    make_post(title="After", published_at=at(11))
    return make_post(
        title="Grinding pine soot",
        tags=["soot", "stone"],
        category=make_category("Craft"),
        published_at=at(10),
    )


def test_more_in_common_comes_first_and_the_reasons_are_told(make_post, make_category, read, at):
    craft = make_category("Other")
    make_post(title="Both", tags=["soot", "stone"], published_at=at(1))
    make_post(title="One", tags=["stone"], category=craft, published_at=at(2))
    make_post(title="Category", category=read.category, published_at=at(3))
    make_post(title="Nothing", tags=["paper"], published_at=at(4))
    related = surroundings(read).related
    assert [entry.post.title for entry in related] == ["Both", "One", "Category"]
    assert [entry.reasons for entry in related] == [["soot", "stone"], ["stone"], ["Craft"]]


def test_words_of_the_title_decide_among_equals_then_the_date(make_post, read, at):
    make_post(title="Storing", tags=["soot"], published_at=at(1))
    make_post(title="Storing more", tags=["soot"], published_at=at(2))
    make_post(title="Where pine grows", tags=["soot"], published_at=at(0))
    assert titles(read) == ["Where pine grows", "Storing more", "Storing"]


def test_a_tag_of_few_posts_says_more_than_one_of_many(make_post, read, at):
    make_post(title="Rare", tags=["stone"], published_at=at(0))
    for number in range(CANDIDATES):
        make_post(title=f"Common {number}", tags=["soot"], published_at=at(1 + number / 100))
    assert titles(read)[0] == "Rare"


def test_what_is_linked_already_is_not_shown_twice(make_post, make_series, at):
    series = make_series()
    fields = {"tags": ["soot"], "series": series}
    posts = [
        make_post(title=f"Part {n}", series_part=n, published_at=at(n), **fields) for n in (2, 1, 3)
    ]
    make_post(title="Next", tags=["soot"], published_at=at(4))
    make_post(title="Far", tags=["soot"], published_at=at(9))
    found = surroundings(posts[2])
    assert [part.title for part in found.series_parts] == ["Part 1", "Part 2", "Part 3"]
    assert found.newer.title == "Next"
    assert [entry.post.title for entry in found.related] == ["Far"]


def test_nothing_that_is_not_public_is_related(make_post, read, rita, at):
    make_post(title="Draft", tags=["soot"], draft=True)
    make_post(title="Later", tags=["soot"], published_at=datetime(2099, 1, 1, tzinfo=UTC))
    over = make_post(title="Over", tags=["soot"], published_at=at(0))
    Post.objects.filter(pk=over.pk).update(unpublish_at=at(1))
    make_post(title="Members", tags=["soot"], visibility="members", published_at=at(0))
    assert titles(read) == []
    assert titles(read, rita) == ["Members"]


def test_one_query_whatever_there_is(make_post, make_series, read, django_assert_num_queries, at):
    read.series = make_series()
    for number in range(20):
        make_post(title=f"{number}", tags=["soot", "stone"], published_at=at(number / 100))
    post = Post.objects.for_listing().get(pk=read.pk)
    with django_assert_num_queries(1):
        assert len(around(post, ANYONE).related) == 3


def test_a_draft_that_stands_alone_costs_no_query(make_post, ada, django_assert_num_queries):
    post = Post.objects.for_listing().get(pk=make_post(draft=True).pk)
    with django_assert_num_queries(0):
        assert around(post, ada) == Around(post)


def test_the_page_shows_them_in_their_language(client, make_post, read, at):
    make_post(title="墨與<硯>", language="zh-hant", tags=["soot"], published_at=at(0))
    html = client.get(read.get_absolute_url()).content.decode()
    assert '<li lang="zh-Hant" dir="ltr"><a class="related-title"' in html
    assert "墨與&lt;硯&gt;</a>" in html
    assert '<span class="related-reason" lang="en" dir="ltr">soot</span>' in html
