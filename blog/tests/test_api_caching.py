"""What clients and caches may keep of the API, when it stops being true, and for whom."""

import sqlite3
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from blog import state
from blog.api import base
from blog.api import cache as response_cache
from blog.kept import Kept
from blog.models import Post
from blog.services import publish_content, save_content, save_term, trash_content

pytestmark = pytest.mark.django_db
POSTS = "/api/v1/posts/"
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def kept(settings):
    """The response cache as it is outside of tests, empty before and after."""

    def forget():
        response_cache.kept.clear()
        base._counts.clear()
        state._seen = None

    settings.API_CACHE_BYTES, settings.API_KEEPS_COUNTS = 1_000_000, True
    forget()
    yield response_cache.kept
    forget()


def queries_of(client, address: str, **headers):
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address, **headers)
    return response, len(queries)


LISTS = ["posts/", "posts/published/", "pages/", "categories/", "tags/", "series/", "authors/"]
LISTS += ["counts/categories/", "counts/tags/", "counts/authors/", "counts/months/"]
LISTS += ["search/?q=ink", "posts/stream/"]


@pytest.mark.parametrize("path", LISTS)
def test_who_has_it_already_gets_304_for_one_query(path, client, clock, make_post):
    make_post(tags=["ink"])
    address = f"/api/v1/{path}"
    first = client.get(address)
    assert first["Cache-Control"] == "public, max-age=0, must-revalidate"
    again, queries = queries_of(client, address, HTTP_IF_NONE_MATCH=first["ETag"])
    assert (again.status_code, again.content, queries) == (304, b"", 1)
    assert again["ETag"] == first["ETag"]
    weak = client.get(address, HTTP_IF_NONE_MATCH=f'"other", W/{first["ETag"]}')
    assert weak.status_code == 304
    assert client.get(address, HTTP_IF_NONE_MATCH='"other"').status_code == 200


def test_one_post_says_its_version_in_its_tag(client, clock, make_post):
    post = make_post()
    first = client.get(f"{POSTS}{post.pk}/")
    assert first["ETag"].startswith(f'"v{post.version}.')
    again, queries = queries_of(client, f"{POSTS}{post.pk}/", HTTP_IF_NONE_MATCH=first["ETag"])
    assert (again.status_code, queries, again["ETag"]) == (304, 1, first["ETag"])
    head = client.head(f"{POSTS}{post.pk}/")
    assert (head.status_code, head.content, head["ETag"]) == (200, b"", first["ETag"])


def test_a_date_counts_when_the_minute_is_over(client, clock, make_post):
    make_post()
    assert "Last-Modified" not in client.get(POSTS)  # more may happen in this second
    clock.shift(timedelta(minutes=2))
    date = client.get(POSTS)["Last-Modified"]
    assert date == "Mon, 01 Jun 2026 12:00:00 GMT"
    assert client.get(POSTS, HTTP_IF_MODIFIED_SINCE=date).status_code == 304
    other = "Mon, 01 Jun 2026 13:00:00 GMT"
    assert client.get(POSTS, HTTP_IF_MODIFIED_SINCE=other).status_code == 200
    tag = {"HTTP_IF_NONE_MATCH": '"other"', "HTTP_IF_MODIFIED_SINCE": date}
    assert client.get(POSTS, **tag).status_code == 200  # the tag goes first


CHANGES = {
    "saved": lambda post, tag, ada: save_content(post, by=ada),
    "trashed": lambda post, tag, ada: trash_content(post, by=ada),
    "tag renamed": lambda post, tag, ada: save_term(tag),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("address", [POSTS, "{}", "/api/v1/counts/tags/", "/api/v1/authors/"])
def test_a_change_is_seen_at_once(change, address, client, kept, clock, make_post, make_tag, ada):
    tag = make_tag("ink")
    post = make_post(author=ada, tags=[tag])
    address = address.format(f"{POSTS}{post.pk}/")
    first = client.get(address)
    post.title, tag.name = "Changed", "Renamed"
    CHANGES[change](post, tag, ada)
    again = client.get(address, HTTP_IF_NONE_MATCH=first["ETag"])
    assert again.status_code != 304
    if address == POSTS and change == "saved":
        assert again.json()["results"][0]["title"] == "Changed"
    if address == POSTS and change == "trashed":
        assert again.json()["count"] == 0


def test_what_is_kept_costs_one_query_and_says_the_same(client, kept, clock, make_post):
    make_post()
    first, _ = queries_of(client, POSTS)
    again, queries = queries_of(client, POSTS)
    assert queries == 1
    assert again.content == first.content
    for name in ("ETag", "Content-Type", "Cache-Control", "X-Frame-Options", "Content-Length"):
        assert again[name] == first[name], name
    assert again["X-Request-ID"] != first["X-Request-ID"]
    assert "Content-Security-Policy" in again
    held, queries = queries_of(client, POSTS, HTTP_IF_NONE_MATCH=first["ETag"])
    assert (held.status_code, held.content, queries) == (304, b"", 1)
    head = client.head(POSTS)
    assert (head.status_code, head.content) == (200, b"")


def test_the_clock_ends_what_is_kept(client, kept, clock, make_post):
    make_post(title="Now")
    later = make_post(title="Later", published_at=NOW + HOUR)
    ending = make_post(title="Ending")
    Post.objects.filter(pk=ending.pk).update(unpublish_at=NOW + 2 * HOUR)
    state._seen = None  # an update behind the services' back is not seen by itself

    def found() -> set[str]:
        return {post["title"] for post in client.get(POSTS).json()["results"]}

    assert found() == {"Now", "Ending"}
    tag = client.get(POSTS)["ETag"]
    clock.move_to(NOW + HOUR - timedelta(microseconds=1))
    assert client.get(POSTS, HTTP_IF_NONE_MATCH=tag).status_code == 304
    clock.move_to(NOW + HOUR)
    assert client.get(f"{POSTS}{later.pk}/").status_code == 200
    assert client.get(POSTS, HTTP_IF_NONE_MATCH=tag).status_code == 200
    assert found() == {"Now", "Ending", "Later"}
    clock.move_to(NOW + 2 * HOUR)
    assert found() == {"Now", "Later"}


def test_who_is_signed_in_neither_reads_nor_fills_it(client, kept, clock, make_post, ada, rita):
    make_post(author=ada, title="For all")
    make_post(author=ada, title="For members", visibility="members")
    make_post(author=ada, title="Draft", draft=True)
    assert client.get(POSTS).json()["count"] == 1
    for user, count in ((rita, 2), (ada, 3)):
        client.force_login(user)
        response = client.get(POSTS)
        assert response.json()["count"] == count
        assert response["Cache-Control"] == "private, no-store"
        client.logout()
        client.cookies.clear()
    assert client.get(POSTS).json()["count"] == 1
    assert len(kept._values) == 1
    kept.clear()
    client.get(POSTS, HTTP_AUTHORIZATION="Bearer nonsense")
    client.get(POSTS, HTTP_COOKIE="a=b")
    assert len(kept._values) == 0


def test_each_person_has_tags_of_their_own(client, clock, make_post, ada, rita):
    post = make_post(author=ada)
    tags = set()
    for user in (None, rita, ada):
        if user:
            client.force_login(user)
        tags.add(client.get(f"{POSTS}{post.pk}/")["ETag"])
    assert len(tags) == 3


def test_refusals_are_not_kept(client, kept, clock, make_post):
    assert client.get(f"{POSTS}999999999/").status_code == 404
    assert client.get(f"{POSTS}?colour=red").status_code == 400
    assert len(kept._values) == 0
    post = make_post()
    assert client.get(f"{POSTS}{post.pk}/").status_code == 200


def test_counts_are_kept_between_changes(client, kept, clock, settings, make_post):
    settings.API_CACHE_BYTES = 0  # the counts alone
    post = make_post(draft=True)
    make_post()
    assert queries_of(client, POSTS)[1] == 4  # the state, the count, the rows, tags and authors
    # PostgreSQL tells the state with the rows; SQLite's is asked for.
    asked = 2 if connection.vendor == "postgresql" else 3
    assert queries_of(client, f"{POSTS}?page_size=1&fields=id,tags")[1] == asked
    assert queries_of(client, POSTS)[1] == asked
    publish_content(post, by=None)
    assert client.get(POSTS).json()["count"] == 2


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite's state costs no query")
def test_rows_bring_the_witness_of_their_state(client, kept, clock, settings, make_post, ada):
    settings.API_CACHE_BYTES = 0
    one = make_post(title="One", tags=["ink", "paper"])
    address = f"{POSTS}{one.pk}/"
    first, _ = queries_of(client, address)
    again, queries = queries_of(client, address)
    assert (queries, again.content, again["ETag"]) == (1, first.content, first["ETag"])
    assert queries_of(client, f"{address}?fields=title,tags,authors,body")[1] == 1
    assert [tag["slug"] for tag in again.json()["tags"]] == ["ink", "paper"]
    assert queries_of(client, f"{address}?fields=title")[1] == 1
    assert queries_of(client, POSTS)[1] == 3  # rows, links and, for the first time, the count
    assert queries_of(client, POSTS)[1] == 2

    one.title = "Another"
    save_content(one, by=ada)
    changed = client.get(address)
    assert changed.json()["title"] == "Another"
    assert changed["ETag"] != first["ETag"]
    assert client.get(address)["ETag"] == changed["ETag"]
    assert client.get(address, headers={"If-None-Match": changed["ETag"]}).status_code == 304


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite's state costs no query")
def test_an_expected_state_that_is_over_answers_for_nothing(
    client, kept, clock, settings, make_post
):
    settings.API_CACHE_BYTES = 0
    make_post()
    later = make_post(title="Later", published_at=NOW + HOUR)
    page, missing = f"{POSTS}?page_size=1&page=2", f"{POSTS}{later.pk}/"
    assert client.get(POSTS).json()["count"] == 1
    assert client.get(page).status_code == client.get(missing).status_code == 404
    tag = client.get(POSTS)["ETag"]
    clock.shift(HOUR)
    assert client.get(page).status_code == client.get(missing).status_code == 200
    after = client.get(POSTS)
    assert after.json()["count"] == 2
    assert after["ETag"] != tag
    trash_content(later, by=None)
    assert client.get(missing).status_code == client.get(page).status_code == 404
    assert client.get(POSTS).json()["count"] == 1


def test_a_missing_cache_server_is_not_noticed(client, kept, clock, make_post, monkeypatch):
    def fail(*args, **keywords):
        raise ConnectionError

    make_post()
    monkeypatch.setattr(cache, "get", fail)
    assert client.get(POSTS).status_code == 200
    assert client.get(POSTS).status_code == 200


def test_an_event_that_commits_late_is_noticed(clock, make_post, db):
    """Events draw their numbers before they commit: a lower one may arrive after a higher."""
    from events.models import Event, Receipt

    late = make_post().pk
    before = state.content_state()
    newest = Event.objects.order_by("-pk").first()
    Receipt.objects.filter(event=newest).delete()  # It could not follow to another number.
    Event.objects.filter(pk=newest.pk).update(id=newest.pk + 10)
    overtaken = state.content_state()
    Event.objects.create(pk=newest.pk + 5, kind="post.updated", subject_type="blog.post")
    assert late
    assert len({before, overtaken, state.content_state()}) == 3


def test_a_file_that_nobody_wrote_to_is_not_asked_again(tmp_path, monkeypatch):
    mine, other = (sqlite3.connect(tmp_path / "file", isolation_level=None) for _ in range(2))
    mine.execute("CREATE TABLE t (a)")
    wrapper = SimpleNamespace(vendor="sqlite", in_atomic_block=False, connection=mine)
    monkeypatch.setattr(state, "connections", {"default": wrapper})
    seen = [state._version_of_file(), state._version_of_file()]
    assert seen[0] == seen[1]
    for writer in (other, mine, other):
        writer.execute("INSERT INTO t VALUES (1)")
        assert state._version_of_file() not in seen
        seen.append(state._version_of_file())
    wrapper.in_atomic_block = True
    assert state._version_of_file() is None
    wrapper.in_atomic_block, wrapper.vendor = False, "postgresql"
    assert state._version_of_file() is None
    mine.close()
    other.close()


def test_memory_is_bounded_and_the_least_used_goes_first():
    kept = Kept(1_000)
    now = state.ContentState((1, 1), None, None, None)
    for number in range(10):
        kept.put(now, number, "x", 120)
        kept.get(now, 0)
    assert kept.get(now, 0) == "x"
    assert kept.get(now, 1) is None
    assert kept.get(now, 9) == "x"
    kept.put(now, "large", "x", 126)
    assert kept.get(now, "large") is None
    later = now._replace(events=(2, 2))
    assert kept.get(later, 9) is None
    kept.put(later, 1, "y", 10)
    assert kept.get(now, 9) is None
