"""Home, terms, authors: what is listed, in which order, at which cost."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from blog.services import save_term

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def many(make_post, make_category, make_tag, make_series, ada, bob):
    """`many(n)`: n posts, all in one category, with two tags and two authors, in one series."""
    category, series = make_category(), make_series()
    tags = [make_tag("paper"), make_tag("silk")]

    def make(count: int) -> None:
        for number in range(count):
            make_post(
                title=f"Post {number}",
                authors=[ada, bob],
                tags=tags,
                category=category,
                series=series,
                series_part=number + 1,
                published_at=NOON + timedelta(hours=number),
            )

    return make


LISTINGS = {
    "/": 6,
    "/?page=2": 6,
    "/categories/craft/": 7,
    "/tags/paper/": 7,
    "/series/making-ink/": 7,
    "/authors/ada/": 7,
    "/search/?q=post": 9,  # three of them count what narrows it
    "/archive/": 4,
    "/archive/2026/": 4,
    "/archive/2026/05/": 4,
    "/tags/": 4,
    "/categories/": 4,
    "/series/": 4,
    "/authors/": 4,
}


@pytest.mark.parametrize(
    "path", ["/", *(pytest.param(path, marks=pytest.mark.slow) for path in LISTINGS if path != "/")]
)
def test_a_listing_costs_the_same_for_3_and_for_30_posts(
    client, many, path, django_assert_max_num_queries
):
    counts = []
    for size in (3, 27):
        many(size)
        if "page=2" in path and size == 3:
            continue
        with django_assert_max_num_queries(LISTINGS[path]) as queries:
            assert client.get(path).status_code == 200
        counts.append(len(queries))
        # The texts stay where they are; a search reads the beginnings of those it shows.
        heads = [query["sql"].split(" FROM ")[0] for query in queries]
        whole = [re.sub(r'SUBSTR(ING)?\("blog_post"\."body_text"', "", head) for head in heads]
        assert not [head for head in whole if '"body' in head]
    assert len(set(counts)) == 1


def test_home_shows_the_newest_first(client, many):
    many(3)
    html = client.get("/").content.decode()
    assert html.index("Post 2") < html.index("Post 1") < html.index("Post 0")


def test_a_series_is_listed_in_reading_order(client, many):
    many(3)
    html = client.get("/series/making-ink/").content.decode()
    assert html.index("Post 0") < html.index("Post 1") < html.index("Post 2")


@pytest.mark.parametrize("page", ["0", "99", "abc", "last", "-1", "9" * 5000, "1e3", "%00"])
def test_a_page_that_is_not_there_is_a_404(client, many, page):
    many(3)
    assert client.get(f"/?page={page}").status_code == 404


def test_the_pages_of_a_list_join_without_overlap(client, many):
    many(15)
    first = client.get("/").content.decode()
    second = client.get("/?page=2").content.decode()
    assert "Post 3<" in first
    assert "Post 2<" not in first
    assert "Post 2<" in second
    assert "Post 3<" not in second
    assert '<link rel="canonical" href="https://blog.test/?page=2">' in second
    assert 'href="/?page=2"' in first


def test_posts_of_the_same_moment_never_appear_twice(client, make_post):
    for number in range(14):
        make_post(title=f"Twin {number}.", published_at=NOON)
    pages = client.get("/").content.decode() + client.get("/?page=2").content.decode()
    assert all(pages.count(f">Twin {number}.</a>") == 1 for number in range(14))


def test_an_empty_site_says_so(client, db):
    response = client.get("/")
    assert response.status_code == 200
    assert "Nothing has been published yet." in response.content.decode()


@pytest.mark.parametrize("kind", ["category", "tag", "series", "author"])
def test_a_listing_without_a_visible_post_is_a_404(
    client, kind, make_post, make_category, make_tag, make_series, ada
):
    make_post(
        category=make_category(),
        tags=[make_tag()],
        series=make_series(),
        draft=True,
        author=ada,
    )
    slug = {"category": "craft", "tag": "paper", "series": "making-ink", "author": "ada"}[kind]
    name = "username" if kind == "author" else "slug"
    for page in ("detail", "atom", "rss", "json"):
        url = reverse(f"blog:{kind}_{page}", kwargs={name: slug})
        assert client.get(url).status_code == 404, url
    assert f"/{slug}/" not in client.get(reverse(f"blog:{kind}_list")).content.decode()


def test_counts_are_of_what_the_reader_may_see(client, make_post, make_tag, rita):
    tag = make_tag()
    make_post(tags=[tag])
    make_post(tags=[tag], title="Draft", draft=True)
    make_post(tags=[tag], title="Members", visibility="members")
    assert client.get("/tags/").context["terms"][0].post_count == 1
    client.force_login(rita)
    assert client.get("/tags/").context["terms"][0].post_count == 2


def test_a_term_shows_its_name_and_description(client, make_post, make_tag):
    tag = make_tag("纸", description="关于 <b>纸</b> 的一切。")
    make_post(tags=[tag])
    html = client.get(tag.get_absolute_url()).content.decode()
    assert "<h1>纸</h1>" in html
    assert "&lt;b&gt;" in html


def test_an_author_page_shows_the_person(client, make_post, make_user):
    lin = make_user("lin", display_name="林", bio="Writes.", website="https://lin.example/")
    make_post(author=lin)
    html = client.get("/authors/LIN/").content.decode()
    assert "<h1>林</h1>" in html
    assert 'href="https://lin.example/" rel="me noopener"' in html
    assert '<link rel="canonical" href="https://blog.test/authors/lin/">' in html


def test_the_menu_has_the_pages_that_are_public(client, make_page):
    make_page(title="About us", menu_position=1)
    make_page(title="Secret", menu_position=2, draft=True)
    html = client.get("/").content.decode()
    assert '<a href="/about-us/">About us</a>' in html
    assert "Secret" not in html


def test_a_renamed_term_keeps_its_posts(client, make_post, make_tag):
    tag = make_tag()
    make_post(tags=[tag])
    tag.slug = "vellum"
    save_term(tag)
    assert client.get("/tags/vellum/").status_code == 200
