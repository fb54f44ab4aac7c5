"""The sitemap: what anyone may find, with true dates, at a fixed cost."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from defusedxml.ElementTree import fromstring

from blog import sitemaps
from blog.services import save_content

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def entries(client, path: str) -> dict[str, datetime]:
    """Location to date of last change."""
    response = client.get(path)
    assert response.status_code == 200, path
    assert response["Content-Type"] == "application/xml; charset=utf-8"
    return {
        entry.findtext(f"{SPACE}loc"): datetime.fromisoformat(entry.findtext(f"{SPACE}lastmod"))
        for entry in fromstring(response.content)
    }


@pytest.fixture
def site(make_post, make_page, make_category, make_tag, make_series, ada):
    with time_machine.travel(NOON - timedelta(days=1), tick=False):
        make_page()
        return make_post(
            title="墨",
            author=ada,
            category=make_category(),
            tags=[make_tag()],
            series=make_series(),
            published_at=NOON,
        )


def test_the_index_names_every_section_that_has_something(client, site):
    with time_machine.travel(NOON, tick=False):
        assert entries(client, "/sitemap.xml") == {
            f"https://blog.test/sitemap-{name}.xml?p=1": NOON
            if name != "pages"
            else datetime(2026, 5, 1, 12, tzinfo=UTC)
            for name in ("posts", "pages", "categories", "tags", "series", "authors")
        }


@pytest.mark.parametrize(
    ("section", "path"),
    [
        ("posts", "/posts/%E5%A2%A8/"),
        ("pages", "/about-us/"),
        ("categories", "/categories/craft/"),
        ("tags", "/tags/paper/"),
        ("series", "/series/making-ink/"),
        ("authors", "/authors/ada/"),
    ],
)
def test_a_section_has_absolute_addresses_that_answer(client, site, section, path):
    with time_machine.travel(NOON, tick=False):
        assert entries(client, f"/sitemap-{section}.xml") == {f"https://blog.test{path}": NOON}
        assert client.get(path).status_code == 200


def test_a_change_moves_the_date_of_the_post_and_of_its_listings(client, site):
    later = NOON + timedelta(days=3)
    with time_machine.travel(later, tick=False):
        save_content(site, by=None)
        for name in ("posts", "categories", "tags", "series", "authors"):
            assert set(entries(client, f"/sitemap-{name}.xml").values()) == {later}


def test_a_post_that_was_published_elsewhere_first_is_left_to_the_other_site(client, make_post):
    make_post(canonical_url="https://elsewhere.example/ink")
    assert (
        entries(client, "/sitemap.xml")
        .keys()
        .isdisjoint({"https://blog.test/sitemap-posts.xml?p=1"})
    )


def test_a_big_site_is_cut_into_parts_by_key(client, make_post, monkeypatch):
    monkeypatch.setattr(sitemaps, "KEYS_PER_PART", 2)
    posts = [make_post(title=f"Post {n}") for n in range(5)]
    parts = [path for path in entries(client, "/sitemap.xml") if "posts" in path]
    found = [
        address
        for part in parts
        for address in entries(client, part.removeprefix("https://blog.test"))
    ]
    assert found == [f"https://blog.test{post.get_absolute_url()}" for post in posts]


def test_the_index_follows_the_clock_and_not_a_job(client, make_post, make_tag):
    with time_machine.travel(NOON - timedelta(days=2), tick=False):
        make_post(title="Old", tags=[make_tag("paper")], published_at=NOON - timedelta(days=2))
        make_post(title="To come", tags=[make_tag("stone")], published_at=NOON)
    with time_machine.travel(NOON - timedelta(seconds=1), tick=False):
        before = entries(client, "/sitemap.xml")
        assert "/tags/stone/" not in "".join(entries(client, "/sitemap-tags.xml"))
    with time_machine.travel(NOON, tick=False):
        after = entries(client, "/sitemap.xml")
        assert entries(client, "/sitemap-tags.xml")["https://blog.test/tags/stone/"] == NOON
    for name in ("posts", "tags", "authors"):
        address = f"https://blog.test/sitemap-{name}.xml?p=1"
        assert before[address] < after[address] == NOON


def test_lists_without_posts_have_no_part(client, make_post, make_tag, monkeypatch):
    monkeypatch.setattr(sitemaps, "KEYS_PER_PART", 1)
    tags = [make_tag(name) for name in ("empty", "used", "drafted")]
    make_post(tags=tags[1:2])
    make_post(title="Draft", tags=tags[2:], draft=True)
    parts = [path.partition("?p=")[2] for path in entries(client, "/sitemap.xml") if "tags" in path]
    assert parts == [str(tags[1].pk)]
    assert list(entries(client, f"/sitemap-tags.xml?p={parts[0]}")) == [
        "https://blog.test/tags/used/"
    ]
    assert client.get(f"/sitemap-tags.xml?p={tags[2].pk}").status_code == 404


@pytest.mark.parametrize("size", [3, 30])
def test_the_cost_does_not_grow_with_the_site(
    client, make_post, make_tag, size, django_assert_num_queries
):
    for number in range(size):
        make_post(title=f"Post {number}", tags=[make_tag(f"tag {number}")])
    with django_assert_num_queries(5):  # the site, posts, pages, all lists and their dates
        client.get("/sitemap.xml")
    with django_assert_num_queries(2):
        client.get("/sitemap-posts.xml")
    with django_assert_num_queries(3):
        client.get("/sitemap-tags.xml")


def test_robots_are_shown_the_way(client, db):
    response = client.get("/robots.txt")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert "Sitemap: https://blog.test/sitemap.xml" in response.content.decode().splitlines()
