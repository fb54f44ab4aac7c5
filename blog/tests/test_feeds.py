"""Atom, RSS and JSON Feed: complete, in order, and stable for those who follow."""

import json
from datetime import UTC, datetime, timedelta
from time import struct_time

import feedparser
import pytest
from defusedxml.ElementTree import fromstring

from blog.models import Post, Site
from blog.services import save_content

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
FILES = ["atom.xml", "rss.xml", "feed.json"]
TYPES = {
    "atom.xml": "application/atom+xml; charset=utf-8",
    "rss.xml": "application/rss+xml; charset=utf-8",
    "feed.json": "application/feed+json; charset=utf-8",
}


def fetch(client, path: str):
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content


def parsed(client, path: str):
    """The feed as feedparser sees it, which complains of nothing."""
    found = feedparser.parse(fetch(client, path))
    assert not found.bozo, found.get("bozo_exception")
    return found


def when(moment: datetime) -> struct_time:
    return moment.astimezone(UTC).timetuple()[:6]


@pytest.fixture
def posts(make_post, make_category, make_tag, make_series, ada, bob):
    category, tag, series = make_category(), make_tag(), make_series()
    return [
        make_post(
            title=f"Number {number} <&>",
            body="See [this](#part) and [that](/about/).\n\n## Part\n\nText.",
            authors=[ada, bob],
            category=category,
            tags=[tag],
            series=series,
            published_at=NOON + timedelta(days=number),
        )
        for number in range(22)
    ]


@pytest.mark.parametrize(
    "listing", ["/", "/categories/craft/", "/tags/paper/", "/series/making-ink/", "/authors/bob/"]
)
@pytest.mark.parametrize("file", FILES)
def test_every_listing_can_be_followed(client, posts, listing, file):
    response = client.get(listing + file)
    assert response.status_code == 200
    assert response["Content-Type"] == TYPES[file]
    page = client.get(listing).content.decode()
    media_type = TYPES[file].partition(";")[0]
    assert f'<link rel="alternate" type="{media_type}"' in page
    assert f'href="https://blog.test{listing}{file}"' in page


@pytest.mark.parametrize("path", ["/atom.xml", "/rss.xml"])
def test_entries_keep_order_dates_authors_and_text(client, posts, path):
    found = parsed(client, path)
    assert [e.title for e in found.entries] == [p.title for p in reversed(posts)][:20]
    entry, post = found.entries[0], posts[-1]
    assert entry.link == "https://blog.test/posts/number-21/"
    assert entry.published_parsed[:6] == when(post.published_at)
    assert entry.updated_parsed[:6] == when(post.modified_at)
    assert [author.name for author in entry.authors] == ["Ada Lovelace", "Bob"]
    assert [tag.term for tag in entry.tags] == ["Craft", "paper"]
    text = entry.content[0].value
    assert 'href="https://blog.test/posts/number-21/#part"' in text
    assert 'href="https://blog.test/about/"' in text
    assert "See this and that" in entry.summary


def test_json_feed_has_the_same(client, posts):
    feed = json.loads(fetch(client, "/feed.json"))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["home_page_url"] == "https://blog.test/"
    assert feed["feed_url"] == "https://blog.test/feed.json"
    assert feed["next_url"] == "https://blog.test/feed.json?page=2"
    item, post = feed["items"][0], posts[-1]
    assert len(feed["items"]) == 20
    assert item == {
        "id": f"tag:blog.test,2026:post/{post.pk}",
        "url": "https://blog.test/posts/number-21/",
        "title": "Number 21 <&>",
        "content_html": item["content_html"],
        "summary": post.summary,
        "date_published": "2026-05-22T12:00:00+00:00",
        "date_modified": item["date_modified"],
        "authors": [
            {"name": "Ada Lovelace", "url": "https://blog.test/authors/ada/"},
            {"name": "Bob", "url": "https://blog.test/authors/bob/"},
        ],
        "tags": ["Craft", "paper"],
        "language": "en",
    }
    assert 'href="https://blog.test/about/"' in item["content_html"]


@pytest.mark.parametrize("path", ["/atom.xml", "/rss.xml"])
def test_a_feed_says_where_it_is_and_where_it_goes_on(client, posts, path):
    found = parsed(client, path)
    links = {link.rel: link.href for link in found.feed.links}
    assert links["self"] == f"https://blog.test{path}"
    assert links["next"] == f"https://blog.test{path}?page=2"
    assert found.feed.link == "https://blog.test/"
    assert found.feed.language == "en"
    older = parsed(client, f"{path}?page=2")
    assert [entry.title for entry in older.entries] == ["Number 1 <&>", "Number 0 <&>"]
    assert "next" not in {link.rel for link in older.feed.links}
    assert client.get(f"{path}?page=3").status_code == 404


@pytest.mark.parametrize("path", ["/atom.xml", "/rss.xml"])
def test_the_identity_of_a_post_outlives_its_address(client, make_post, path):
    post = make_post()
    before = parsed(client, path).entries[0]
    post.slug, post.title = "renamed", "Another title"
    save_content(post, by=None)
    after = parsed(client, path).entries[0]
    assert after.id == before.id == f"tag:blog.test,2026:post/{post.pk}"
    assert after.link != before.link


@pytest.mark.parametrize("file", FILES)
def test_a_feed_costs_six_queries_at_any_size(client, posts, file, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        fetch(client, f"/{file}")
    with django_assert_max_num_queries(7):
        fetch(client, f"/tags/paper/{file}")


@pytest.mark.parametrize("file", FILES)
def test_a_character_that_xml_forbids_breaks_nothing(client, make_post, file):
    post = make_post()
    # Past the services, as a restored backup might.
    Post.objects.filter(pk=post.pk).update(
        title="In\x0bk ]]> &", body_html="<p>Te\x08xt\ufffe ]]></p>", excerpt="\x1b[0m"
    )
    content = fetch(client, f"/{file}")
    if file == "feed.json":
        assert json.loads(content)["items"][0]["title"] == "Ink ]]> &"
    else:
        fromstring(content)
        assert feedparser.parse(content).entries[0].title == "Ink ]]> &"


@pytest.mark.parametrize("file", ["atom.xml", "rss.xml"])
def test_a_summary_is_not_taken_for_html(client, make_post, file):
    make_post(excerpt="Use <script> & <b>")
    assert parsed(client, f"/{file}").entries[0].summary == "Use &lt;script&gt; &amp; &lt;b&gt;"


@pytest.mark.parametrize("file", FILES)
def test_an_empty_site_has_an_empty_feed(client, file):
    content = fetch(client, f"/{file}")
    if file == "feed.json":
        assert json.loads(content)["items"] == []
    else:
        assert feedparser.parse(content).entries == []


def test_a_feed_bears_the_names_of_site_and_listing(client, posts):
    Site.objects.update(name="砚台", tagline="On ink", language="zh-hans")
    feed = parsed(client, "/tags/paper/atom.xml").feed
    assert feed.title == "paper · 砚台"
    assert feed.language == "zh-Hans"
    assert feed.id.startswith("tag:blog.test,2026:tag/")


@pytest.mark.parametrize("file", FILES)
def test_the_language_of_a_text_is_its_own(client, make_post, file):
    make_post(title="墨", language="zh-hans", body="墨。")
    assert b"zh-Hans" in fetch(client, f"/{file}")


@pytest.mark.parametrize("file", FILES)
def test_a_cover_is_enclosed(client, make_post, make_image, file):
    image = make_image()
    make_post(cover=image)
    content = fetch(client, f"/{file}").decode()
    assert f"https://blog.test{image.url}" in content
    if file != "feed.json":
        enclosure = parsed(client, f"/{file}").entries[0].enclosures[0]
        assert (enclosure.type, int(enclosure.length)) == (image.media_type, image.size)


@pytest.mark.parametrize("file", FILES)
def test_members_follow_what_members_may_read(client, make_post, rita, file):
    make_post(title="Inner circle", visibility="members")
    assert b"Inner circle" not in fetch(client, f"/{file}")
    client.force_login(rita)
    assert b"Inner circle" in fetch(client, f"/{file}")


@pytest.mark.parametrize("file", FILES)
def test_corrections_reach_those_who_follow(client, make_post, file):
    make_post(corrections="It was <oak>.\nAnd in Nara.")
    found = fetch(client, f"/{file}").decode().replace("&amp;", "&")
    for text in ("Corrections", "And in Nara.", "oak"):
        assert text in found
    assert "<oak>" not in found
