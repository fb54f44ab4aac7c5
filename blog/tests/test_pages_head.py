"""What a page says of itself to search engines and to those who share it."""

import json
import re

import html5lib
import pytest

from blog.models import Site

pytestmark = pytest.mark.django_db
HTML = "{http://www.w3.org/1999/xhtml}"


def head(client, path: str) -> dict:
    """The head of a page: names and properties to contents, rels to addresses, and its data."""
    html = client.get(path).content.decode()
    tree = html5lib.parse(html)
    facts: dict = {"title": tree.findtext(f".//{HTML}title")}
    for meta in tree.iter(f"{HTML}meta"):
        name = meta.get("property") or meta.get("name")
        facts.setdefault(name, meta.get("content"))
    for link in tree.iter(f"{HTML}link"):
        facts.setdefault(f"link {link.get('rel')}", link.get("href"))
    data = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    facts["data"] = {item["@type"]: item for block in data for item in json.loads(block)["@graph"]}
    return facts


def test_a_post_says_all_about_itself(client, make_post, make_category, make_tag, make_image, bob):
    image = make_image()
    post = make_post(
        title="On ink",
        author=bob,
        category=make_category(),
        tags=[make_tag()],
        cover=image,
        seo_description="All about ink.",
    )
    facts = head(client, post.get_absolute_url())
    assert facts["title"] == "On ink · Inkstone"
    assert facts["link canonical"] == facts["og:url"] == "https://blog.test/posts/on-ink/"
    assert facts["description"] == facts["og:description"] == "All about ink."
    assert facts["og:type"] == "article"
    assert facts["og:image"] == f"https://blog.test{image.url}"
    assert facts["twitter:card"] == "summary_large_image"
    assert facts["article:published_time"] == "2026-05-01T12:00:00+00:00"
    assert facts["article:section"] == "Craft"
    assert facts["article:tag"] == "paper"
    assert facts["author"] == "Bob"
    assert "robots" not in facts
    posting = facts["data"]["BlogPosting"]
    assert posting["headline"] == "On ink"
    assert posting["datePublished"] == "2026-05-01T12:00:00+00:00"
    assert posting["author"] == [
        {"@type": "Person", "name": "Bob", "url": "https://blog.test/authors/bob/"}
    ]
    trail = facts["data"]["BreadcrumbList"]["itemListElement"]
    assert [crumb["name"] for crumb in trail] == ["Inkstone", "Craft", "On ink"]


def test_what_was_typed_decides(client, make_post):
    post = make_post(
        seo_title="A better title", excerpt="Own words.", canonical_url="https://first.example/ink"
    )
    facts = head(client, post.get_absolute_url())
    assert facts["title"] == "A better title · Inkstone"
    assert facts["description"] == "Own words."
    assert facts["link canonical"] == "https://first.example/ink"


def test_no_text_can_leave_the_data_block(client, make_post):
    evil = "</script><script>alert(1)</script><!-- ]]> & \u2028"
    post = make_post(title=evil, slug="evil")
    html = client.get(post.get_absolute_url()).content.decode()
    assert "<script>alert" not in html
    assert html.count("</script>") == 3
    title = head(client, post.get_absolute_url())["data"]["BlogPosting"]["headline"]
    assert title == " ".join(evil.split())


def test_the_address_is_never_that_of_the_request(client, make_post):
    make_post()
    for path in ("/", "/posts/on-ink/", "/atom.xml", "/feed.json", "/sitemap.xml", "/robots.txt"):
        assert "localhost" not in client.get(path, headers={"host": "localhost"}).content.decode()


def test_home_presents_the_site(client, make_post):
    Site.objects.update(name="Ink & Co", tagline="On ink", description="A magazine.")
    make_post()
    facts = head(client, "/")
    assert facts["title"] == "Ink & Co · On ink"
    assert facts["description"] == "A magazine."
    assert facts["link canonical"] == "https://blog.test/"
    assert facts["data"]["WebSite"]["name"] == "Ink & Co"


def test_each_page_of_a_list_is_its_own(client, make_post, make_tag):
    tag = make_tag()
    for number in range(13):
        make_post(title=f"Post {number}", tags=[tag])
    first, second = head(client, "/tags/paper/?page=1"), head(client, "/tags/paper/?page=2")
    assert first["link canonical"] == "https://blog.test/tags/paper/"
    assert second["link canonical"] == "https://blog.test/tags/paper/?page=2"
    assert second["title"] == "paper · Page 2 · Inkstone"
    assert second["link prev"] == "/tags/paper/"
    assert first["link next"] == "/tags/paper/?page=2"


def test_an_author_page_is_a_profile(client, make_post, make_user):
    make_post(
        author=make_user("lin", display_name="Lin", bio="Writes.", website="https://l.example")
    )
    facts = head(client, "/authors/lin/")
    assert facts["og:type"] == "profile"
    assert facts["description"] == "Writes."
    assert facts["data"]["ProfilePage"]["mainEntity"]["sameAs"] == ["https://l.example"]
