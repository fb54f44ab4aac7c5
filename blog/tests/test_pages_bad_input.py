"""Law 10 at the reader's door: a clear 4xx for what makes no sense, never a 500."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db

PATHS = [
    "/",
    "/posts/on-ink/",
    "/posts/on-ink.md",
    "/atom.xml",
    "/rss.xml",
    "/feed.json",
    "/archive/",
    "/archive/2026/",
    "/search/",
    "/tags/",
    "/sitemap.xml",
    "/sitemap-posts.xml",
    "/robots.txt",
    "/site.webmanifest",
    "/favicon.ico",
]


def test_a_page_cannot_be_written_to(make_post):
    make_post()
    client = Client(enforce_csrf_checks=True)
    for path in PATHS:
        for method in ("post", "put", "patch", "delete"):
            answer = getattr(client, method)(path, data=b"x", content_type="text/plain")
            assert answer.status_code == 405, (method, path)


def test_head_is_get_without_a_body(client, make_post):
    make_post()
    for path in PATHS:
        get, head = client.get(path), client.head(path)
        assert head.status_code == get.status_code, path
        assert head["Content-Type"] == get["Content-Type"], path


def test_options_names_the_methods(client, make_post):
    post = make_post()
    response = client.options(post.get_absolute_url())
    assert response.status_code == 200
    assert "GET" in response["Allow"]


SLUGS = [
    "%00",
    "on-ink%00",
    "x" * 5000,
    "%F0%9F%92%A9",
    "%ED%A0%80",
    "%FF%FE",
    "..%2f..%2fetc",
    "a%0d%0aSet-Cookie:x",
    "{{7*7}}",
    "'%20or%201=1",
    "%E2%80%AE",
]
ROUTES = ["posts/{}/", "posts/{}.md", "tags/{}/", "authors/{}/", "{}/", "tags/{}/atom.xml"]


def test_an_address_nobody_made_is_a_404(client, make_post):
    make_post()
    for route in ROUTES:
        for slug in SLUGS:
            status = client.get("/" + route.format(slug)).status_code
            assert status == 404, (route, slug[:100])


@pytest.mark.parametrize("page", ["0", "abc", "-1", "9" * 5000, "1.5", "%00", "²", ""])
@pytest.mark.parametrize("path", ["/atom.xml", "/feed.json"])
def test_a_feed_has_no_such_page(client, make_post, path, page):
    make_post()
    assert client.get(f"{path}?page={page}").status_code == 404


@pytest.mark.parametrize("part", ["0", "abc", "-1", "2", "9" * 5000, "%00"])
def test_a_sitemap_has_no_such_part(client, make_post, part):
    make_post()
    assert client.get(f"/sitemap-posts.xml?p={part}").status_code == 404


def test_an_unknown_sitemap_is_a_404(client, make_post):
    make_post()
    assert client.get("/sitemap-users.xml").status_code == 404


@pytest.mark.parametrize("host", ["evil.example", "a b", "[::1"])
def test_a_foreign_host_is_refused(client, host):
    assert client.get("/", headers={"host": host}).status_code == 400


@pytest.mark.parametrize("etag", ['"', "*" * 9000, "W/", '"a", ', "\xff"])
def test_an_odd_condition_is_no_condition(client, make_post, etag):
    make_post()
    assert client.get("/atom.xml", headers={"If-None-Match": etag}).status_code == 200
