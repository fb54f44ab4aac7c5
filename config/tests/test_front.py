"""Pages that are given out without Django: for whom, for how long, and as what."""

import gzip
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from blog import page_cache, state
from blog.models import Post
from blog.services import publish_content, save_content, trash_content
from config.tests.fronts import HOUR, NOW, forget

pytestmark = pytest.mark.django_db
PAGES = ["/", "/posts/on-ink/", "/posts/on-ink.md", "/tags/paper/", "/archive/", "/archive/2026/"]
PAGES += ["/atom.xml", "/rss.xml", "/feed.json", "/sitemap.xml", "/sitemap-posts.xml", "/about-us/"]
PAGES += [
    "/search/",
    "/search/?q=ink",
    "/robots.txt",
    "/site.webmanifest",
    "/tags/",
    "/authors/ada/",
]


def test_what_is_kept_is_what_django_answered(front, client, make_post, make_page):
    make_post(tags=["paper"])
    make_post(title="墨", slug="墨", language="zh-hans", tags=["paper"])
    make_page(menu_position=1)
    for path in PAGES:
        direct = client.get(path)
        first, again = front.get(path), front.get(path)
        assert front.made.count(path.partition("?")[0]) == (2 if "?" in path else 1), path
        for answer in (first, again):
            assert (answer.status, answer.body) == (200, direct.content), path
            assert len(answer.headers.pop("X-Request-ID")) == 32
            assert float(answer.headers.pop("X-Process-Time")) >= 0
            expected = dict(direct.items()) | {"Content-Length": str(len(direct.content))}
            if len(direct.content) >= page_cache.MIN_PACKED:
                expected["Vary"] = "Accept-Encoding"
            assert {**answer.headers} == {
                name: value
                for name, value in expected.items()
                if name not in ("X-Request-ID", "X-Process-Time")
            }, path


def test_a_kept_page_costs_one_query(front, make_post):
    make_post()
    front.get("/")
    with CaptureQueriesContext(connection) as queries:
        assert front.get("/").status == 200
    assert len(queries) <= 1
    assert len(front.made) == 1


def test_compressed_once_and_tagged_for_each_encoding(front, make_post, monkeypatch):
    make_post()
    packed_times = []
    compress = gzip.compress

    def counted(*args, **keywords):
        packed_times.append(1)
        return compress(*args, **keywords)

    monkeypatch.setattr(page_cache.gzip, "compress", counted)
    plain = front.get("/")
    packed = [front.get("/", accept_encoding="br, gzip") for _ in range(3)]
    assert len(packed_times) == 1
    assert packed[0].body == packed[2].body
    assert gzip.decompress(packed[0].body) == plain.body
    assert packed[0].headers["Content-Encoding"] == "gzip"
    assert packed[0].headers["Content-Length"] == str(len(packed[0].body))
    assert "Content-Encoding" not in plain.headers
    assert plain.headers["Vary"] == packed[0].headers["Vary"] == "Accept-Encoding"
    assert plain.headers["ETag"] != packed[0].headers["ETag"]
    assert front.get("/", accept_encoding="gzip;q=0, identity").body == plain.body


def test_behind_a_proxy_nothing_is_compressed(front, make_post, settings):
    settings.COMPRESS_PAGES = False
    make_post()
    answer = front.get("/", accept_encoding="gzip")
    assert "Vary" not in answer.headers
    assert b"<!doctype html>" in answer.body


@pytest.mark.parametrize("path", ["/", "/atom.xml"])
def test_who_has_it_gets_304_also_when_nothing_is_kept(front, make_post, path):
    make_post()
    tags = [front.get(path).headers["ETag"]]
    tags.append(front.get(path, accept_encoding="gzip").headers["ETag"])
    for tag in (*tags, f"W/{tags[0]}", f'"other", {tags[1]}', "*"):
        for method in ("GET", "HEAD"):
            answer = front.get(path, method, if_none_match=tag)
            assert (answer.status, answer.body) == (304, b""), (tag, method)
            assert answer.headers["ETag"] == tags[0]
            assert not {"Content-Length", "Content-Type"} & set(answer.headers)
            assert "Content-Security-Policy" in answer.headers
    forget()
    assert front.get(path, if_none_match=tags[0]).status == 304
    assert not front.makes(path)  # the whole page was made and kept
    assert front.get(path, if_none_match='"other"').status == 200
    packed = front.get(path, if_none_match=tags[0], accept_encoding="gzip")
    assert packed.headers["ETag"] == tags[1]


def test_a_date_must_match_to_the_second(front, make_post):
    make_post()
    date = front.get("/atom.xml").headers["Last-Modified"]
    assert front.get("/atom.xml", if_modified_since=date).status == 304
    later = "Mon, 01 Jun 2037 12:00:00 GMT"
    assert front.get("/atom.xml", if_modified_since=later).status == 200


def test_head_is_get_without_a_body(front, make_post):
    make_post()
    for path in ("/", "/atom.xml"):
        forget()
        first = front.get(path, "HEAD")
        whole, again = front.get(path), front.get(path, "HEAD")
        assert (first.body, again.body) == (b"", b"")
        for answer in (first, whole, again):
            for name in ("X-Request-ID", "X-Process-Time"):
                del answer.headers[name]
        assert first.headers == whole.headers == again.headers
    missing = front.get("/nothing-here/", "HEAD")
    assert (missing.status, missing.body) == (404, b"")


def test_a_change_is_seen_at_the_next_request(front, make_post):
    post = make_post()
    draft = make_post(title="On paper", draft=True)
    for path in ("/", "/atom.xml", "/sitemap-posts.xml", "/archive/"):
        front.get(path)
    assert front.get("/posts/on-paper/").status == 404
    publish_content(draft, by=None, at=NOW - HOUR)
    for path in ("/", "/atom.xml", "/archive/2026/"):
        assert b"On paper" in front.get(path).body, path
    assert b"on-paper" in front.get("/sitemap-posts.xml").body
    assert front.get("/posts/on-paper/").status == 200
    post.body = "Ink is *blue*."
    save_content(post, by=None)
    assert b"blue" in front.get("/posts/on-ink/").body
    trash_content(post, by=None)
    assert front.get("/posts/on-ink/").status == 404
    assert b"On ink" not in front.get("/").body


def test_the_clock_is_obeyed_to_the_second(front, clock, make_post):
    make_post(title="Now")
    make_post(title="Later", published_at=NOW + HOUR)
    ending = make_post(title="Ending")
    Post.objects.filter(pk=ending.pk).update(unpublish_at=NOW + 2 * HOUR)
    state._seen = None  # an update behind the services' back is not seen by itself
    paths = ("/", "/atom.xml", "/feed.json", "/sitemap-posts.xml", "/archive/2026/")

    def shown(path: str) -> set[str]:
        body = front.get(path).body.lower()
        return {word for word in ("now", "later", "ending") if f"posts/{word}/".encode() in body}

    for at, expected in (
        (NOW, {"now", "ending"}),
        (NOW + HOUR - timedelta(microseconds=1), {"now", "ending"}),
        (NOW + HOUR, {"now", "later", "ending"}),
        (NOW + 2 * HOUR, {"now", "later"}),
    ):
        clock.move_to(at)
        for path in paths:
            assert shown(path) == expected, (path, at)
    assert front.get("/posts/ending/").status == 404


def test_what_no_event_tells_of_is_seen_within_a_minute(front, clock, make_post):
    make_post()
    front.get("/")
    Post.objects.update(title="On something else")
    clock.shift(timedelta(seconds=page_cache.KEPT_SECONDS - 1))
    assert not front.makes("/")
    clock.shift(timedelta(seconds=1))
    assert b"On something else" in front.get("/").body


def test_who_is_signed_in_neither_reads_nor_fills_it(front, client, make_post, ada):
    make_post(author=ada, title="For all")
    make_post(author=ada, title="For members", visibility="members")
    client.force_login(ada)
    cookie = f"sessionid={client.cookies['sessionid'].value}"
    mine = front.get("/", cookie=cookie)
    assert b"For members" in mine.body
    assert mine.headers["Cache-Control"] == "private, no-store"
    assert len(page_cache.pages._values) == 0
    assert b"For members" not in front.get("/").body
    assert b"For members" in front.get("/", cookie=cookie).body
    for headers in ({"cookie": "a=b"}, {"authorization": "Bearer nonsense"}):
        assert front.makes("/", **headers)
    assert front.makes("/", "POST")


def test_what_is_no_page_for_readers_is_not_kept(front, make_post):
    make_post()
    for path in (
        "/nothing/",
        "/posts/",
        "/account/login/",
        "/healthz",
        "/admin/",
        "/api/v1/posts/",
    ):
        assert front.makes(path), path
        assert front.makes(path), path
    assert len(page_cache.pages._values) == 0
    assert front.get("/", host="evil.example").status == 400
    front.get("/")
    assert front.get("/", host="evil.example").status == 400


def test_a_search_without_results_is_made_each_time(front, make_post):
    """The editors are told of it."""
    make_post()
    assert front.makes("/search/?q=zzzz")
    assert front.makes("/search/?q=zzzz")


def test_queries_cannot_fill_the_memory(front, settings, make_post):
    make_post()
    front.get("/")
    for number in range(20):
        assert front.makes(f"/?x{number}=1")
        assert not front.makes(f"/?utm_source={number}")
        assert front.makes(f"/?page={number + 2}")
        assert front.makes(f"/search/?q=ink&x={number}")
    assert len(page_cache.pages._values) == 1
    settings.PAGE_CACHE_BYTES = 600_000
    for number in range(20):
        front.get(f"/search/?q=ink&year={2000 + number}")
        front.get(f"/search/?q=ink&category={number}")
    assert page_cache.searches._size <= 600_000 // page_cache.SEARCH_SHARE
    assert not front.makes("/")
    assert front.makes("/?page=1&" + "page=1&" * 200)


def test_a_broken_database_is_not_hidden(front, make_post, monkeypatch):
    from django.db import OperationalError

    def fail():
        raise OperationalError

    make_post()
    front.get("/")
    monkeypatch.setattr(page_cache, "content_state", fail)
    assert front.makes("/")


def test_requests_are_logged_and_counted_as_others(front, make_post, caplog):
    make_post()
    caplog.set_level("INFO", "inkstone.request")
    front.get("/posts/on-ink/")
    answer = front.get("/posts/on-ink/", x_request_id="asked-by-me")
    assert answer.headers["X-Request-ID"] == "asked-by-me"
    made, kept = (record for record in caplog.records if record.name == "inkstone.request")
    assert made.route == kept.route == "posts/<uslug:slug>/"
    assert (kept.getMessage(), kept.status) == ("GET 200", 200)


def test_of_many_threads_one_makes_the_page(monkeypatch):
    address = page_cache.Address(("http", "testserver", "/", "", False))
    monkeypatch.setattr(page_cache, "LONGEST_WAIT", 0.001)
    with page_cache.turn(address) as has_waited:
        assert not has_waited
        with page_cache.turn(address) as has_waited:  # waits, and goes on without
            assert has_waited
    with page_cache.turn(address) as has_waited:
        assert not has_waited


def test_parts_of_pages_are_kept_as_long_as_pages(front, client, settings, make_post, make_page):
    """What lists have in common is rendered once, and no longer than anything is true."""
    settings.PAGE_CACHE_BYTES = 1  # so that no whole page is
    post = make_post(tags=["paper"], authors=None)
    make_page(title="About us", menu_position=1)
    for path in ("/", "/tags/paper/", "/about-us/", "/posts/on-ink/"):
        for _ in range(2):
            assert front.get(path).body == client.get(path).content, path
    assert b'aria-current="page"' in front.get("/about-us/").body
    assert b'aria-current="page"' not in front.get("/").body
    post.title = "On blue ink"
    save_content(post, by=None)
    assert front.get("/tags/paper/").body == client.get("/tags/paper/").content
    assert b"On blue ink" in front.get("/tags/paper/").body


def test_a_list_whose_entries_are_kept_reads_only_keys(front, settings, make_post, ada, bob):
    settings.PAGE_CACHE_BYTES = 1
    for number in range(4):
        make_post(title=f"Number {number}", authors=[ada, bob], tags=["paper"])
    forget()
    with CaptureQueriesContext(connection) as first:
        front.get("/")
    with CaptureQueriesContext(connection) as again:
        front.get("/")
    # The state and which texts changed; then the site, the menu, the count, the keys, the posts
    # with their authors.
    assert len(first) <= 2 + 5
    assert len(again) <= 1 + 1


def test_a_cold_page_costs_six_queries_at_most(front, settings, make_post, make_page, ada, bob):
    """Beside the look for changes, and what all pages share, which the page before left."""
    settings.PAGE_CACHE_BYTES = 1
    for number in range(14):  # two pages of the home page
        make_post(title=f"On ink {number}", authors=[ada, bob], tags=["paper", "ink"])
    make_page(menu_position=1)
    for path in [*PAGES, "/posts/on-ink-7/", "/search/?q=ink&year=2026", "/?page=2"]:
        forget()
        front.get("/authors/")
        with CaptureQueriesContext(connection) as queries:
            assert front.get(path).status in (200, 404), path
        assert len(queries) <= 1 + 6, (path, [query["sql"][:150] for query in queries])
