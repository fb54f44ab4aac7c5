"""Narrowing, ordering, choosing fields and paging over the API; what is refused, and how."""

import random
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from blog.models import Post
from blog.services import submit_content, trash_content

pytestmark = pytest.mark.django_db
POSTS = "/api/v1/posts/"
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


def titles(response) -> list[str]:
    assert response.status_code == 200, response.content
    return [post["title"] for post in response.json()["results"]]


@pytest.fixture
def shelf(make_post, make_category, make_series, ada, bob):
    """Four posts of May, the newest first: D, C, B, A."""
    craft, other = make_category("Craft"), make_category("Other")
    day = datetime(2026, 5, 1, 12, tzinfo=UTC)
    make_post(title="A", author=ada, tags=["ink", "pen"], category=craft, published_at=day)
    make_post(
        title="B",
        author=bob,
        tags=["ink"],
        category=other,
        language="zh-hans",
        published_at=day + timedelta(days=1),
    )
    make_post(
        title="C",
        authors=[bob, ada],
        tags=["pen", "paper"],
        series=make_series("Making"),
        visibility="public",
        published_at=day + timedelta(days=2),
    )
    make_post(title="D", author=ada, featured=True, published_at=day + timedelta(days=3))
    return {"craft": craft}


FILTERS = {
    "": "DCBA",
    "category=craft": "A",
    "category=nowhere": "",
    "series=making": "C",
    "tags=ink": "BA",
    "tags=ink,paper": "CBA",
    "tags=ink,%20paper,": "CBA",
    "tags=": "DCBA",
    "tags_all=ink,pen": "A",
    "tags_all=ink,nowhere": "",
    "tags_none=ink": "DC",
    "tags_none=ink,paper": "D",
    "tags=pen&tags_none=paper": "A",
    "author=bob": "CB",
    "author=BOB": "CB",
    "author=nobody": "",
    "language=en": "DCA",
    "language=zh": "B",
    "language=ZH_Hans": "B",
    "language=z": "",
    "featured=true": "D",
    "featured=false": "CBA",
    "status=published": "DCBA",
    "status=draft": "",
    "state=published": "DCBA",
    "state=scheduled": "",
    "visibility=members": "",
    "published_after=2026-05-03": "DC",
    "published_after=2026-05-03T12:00:00Z": "DC",
    "published_after=2026-05-03T12:00:01Z": "D",
    "published_after=2026-05-03T14:00:00%2B02:00": "DC",
    "published_after=2026-05-03T14:00:00+02:00": "DC",
    "published_before=2026-05-03T12:00:00Z": "BA",
    "published_after=2026-05-02&published_before=2026-05-04": "CB",
    "created_after=2026-06-01T12:00:00Z": "DCBA",
    "created_before=2026-06-01T12:00:00Z": "",
    "updated_after=2026-06-02": "",
    "ordering=published_at": "ABCD",
    "ordering=-published_at": "DCBA",
    "ordering=title": "ABCD",
    "ordering=-title": "DCBA",
    "ordering=-created_at": "DCBA",
    "page_size=3&page=2": "A",
    "page_size=3&cursor=first": "DCB",
}


@pytest.mark.parametrize("query", FILTERS)
def test_a_list_is_narrowed_and_ordered(query, client, shelf):
    response = client.get(f"{POSTS}?{query}")
    assert "".join(titles(response)) == FILTERS[query]
    if "cursor" not in query and "page" not in query:
        assert response.json()["count"] == len(FILTERS[query])


def test_a_category_is_found_by_its_id_too(client, shelf):
    assert titles(client.get(POSTS, {"category": shelf["craft"].pk})) == ["A"]


REFUSED = {
    "colour=red": ("colour", "There is no such parameter"),
    "pag=2": ("pag", "did you mean page?"),
    "tag=ink": ("tag", "did you mean tags?"),
    "ordering=body": ("ordering", "Order by one of"),
    "ordering=author__password": ("ordering", "Order by one of"),
    "ordering=": ("ordering", "Order by one of"),
    "fields=id,titel": ("fields", "did you mean title?"),
    "fields=": ("fields", "Name some of"),
    "include=password": ("include", "there is no such field"),
    "page_size=0": ("page_size", "from 1 to 100"),
    "page_size=101": ("page_size", "from 1 to 100"),
    "page_size=x": ("page_size", "from 1 to 100"),
    "page_size=%D9%A3": ("page_size", "from 1 to 100"),
    "cursor=x": ("cursor", "not a cursor of this list"),
    "cursor=%FF": ("cursor", "not a cursor of this list"),
    "cursor=W10": ("cursor", "not a cursor of this list"),
    "cursor=" + "W1tb" * 300: ("cursor", "not a cursor of this list"),
    "cursor=" + "A" * 2000: ("cursor", "not a cursor of this list"),
    "cursor=first&page=1": ("page", "not both"),
    "search=ink&cursor=first": ("cursor", "page numbers only"),
    "search=" + "x" * 201: ("search", "at most 200"),
    "status=live": ("status", ""),
    "state=trashed": ("state", ""),
    "featured=1": ("featured", ""),
    "published_after=yesterday": ("published_after", "2026-05-01"),
    "published_after=2026-02-30": ("published_after", "2026-05-01"),
    "published_after=0001-01-01": ("published_after", "2026-05-01"),
    "published_after=9999-12-31T23:59:59-23:59": ("published_after", "2026-05-01"),
    "published_before=%00": ("published_before", ""),
    "category=%00": ("category", ""),
    "tags=" + "a," * 1 + ",".join(f"t{n}" for n in range(21)): ("tags", "at most 20"),
    "tags=" + "x" * 101: ("tags", "at most 100"),
    "language=" + "x" * 36: ("language", ""),
}


@pytest.mark.parametrize("query", REFUSED)
def test_a_parameter_that_cannot_be_used_is_named(query, client, shelf):
    name, reason = REFUSED[query]
    response = client.get(f"{POSTS}?{query}")
    assert response.status_code == 400, response.content
    assert response["Content-Type"] == "application/problem+json"
    errors = response.json()["errors"]
    assert {error["parameter"] for error in errors} == {name}
    assert reason in errors[0]["detail"]


@pytest.mark.parametrize(
    "path", ["pages", "tags", "categories", "series", "authors", "counts/tags"]
)
def test_every_list_refuses_what_it_does_not_know(path, client, db):
    response = client.get(f"/api/v1/{path}/?featured=true")
    assert response.status_code == 400
    assert response.json()["errors"][0]["parameter"] == "featured"


def test_one_post_takes_fields_and_nothing_else(client, make_post):
    post = make_post()
    assert client.get(f"{POSTS}{post.pk}/?fields=title,id").json() == {
        "id": post.pk,
        "title": "On ink",
    }
    assert client.get(f"{POSTS}{post.pk}/?page=1").status_code == 400


def test_fields_narrow_the_query_too(client, shelf):
    with CaptureQueriesContext(connection) as queries:
        found = client.get(POSTS, {"fields": "slug,title"}).json()["results"]
    assert found[0] == {"title": "D", "slug": "d"}
    sql = queries[-1]["sql"]
    assert "blog_category" not in sql
    assert "subtitle" not in sql
    assert len(queries) == 3  # the state, the count, the rows: no tags, no authors


def test_bodies_come_with_a_list_when_asked_for(client, shelf):
    found = client.get(POSTS, {"include": "body,body_html", "page_size": 1}).json()["results"][0]
    assert found["body"] == "Ink is *black*."
    assert found["body_html"].startswith("<p>Ink is <em>black</em>.")
    assert list(found)[-2:] == ["body", "body_html"]


def test_the_pages_of_a_list_lead_to_each_other(client, shelf):
    first = client.get(POSTS, {"page_size": 3, "tags_none": "nowhere"}).json()
    assert first["previous"] is None
    assert first["next"].startswith("https://blog.test/api/v1/posts/?")
    second = client.get(first["next"].removeprefix("https://blog.test")).json()
    assert [post["title"] for post in second["results"]] == ["A"]
    assert second["next"] is None
    assert "tags_none=nowhere" in second["previous"]


def test_status_tells_nobody_of_drafts_of_others(client, make_post, ada, bob, rita, eve):
    make_post(author=ada, title="Mine", draft=True)
    for user, expected in ((None, []), (rita, []), (bob, []), (ada, ["Mine"]), (eve, ["Mine"])):
        if user:
            client.force_login(user)
        assert titles(client.get(POSTS, {"status": "draft"})) == expected


def test_what_is_published_leaves_out_a_writers_drafts(client, make_post, ada):
    make_post(author=ada, title="Live")
    make_post(author=ada, title="Draft", draft=True)
    client.force_login(ada)
    assert titles(client.get(f"{POSTS}published/")) == ["Live"]
    assert set(titles(client.get(POSTS))) == {"Live", "Draft"}


def test_search_finds_the_best_first_and_can_be_ordered(client, make_post):
    early, late = (datetime(2026, 5, day, tzinfo=UTC) for day in (1, 2))
    make_post(title="Reed pens", body="All about pens.", published_at=early)
    make_post(title="Ink", body="Needs pens.", published_at=late)
    make_post(title="Paper", body="Nothing else.", published_at=late)
    found = client.get(POSTS, {"search": "pens"})
    assert titles(found) == ["Reed pens", "Ink"]
    assert found.json()["count"] == 2
    assert titles(client.get(POSTS, {"search": "pens", "ordering": "-published_at"})) == [
        "Ink",
        "Reed pens",
    ]
    assert titles(client.get("/api/v1/search/", {"q": "pens"})) == ["Reed pens", "Ink"]
    assert titles(client.get("/api/v1/search/", {"q": "pens", "page_size": 1, "page": 2})) == [
        "Ink"
    ]
    response = client.get("/api/v1/search/", {"q": " "})
    assert response.status_code == 400
    assert response.json()["errors"][0]["parameter"] == "q"
    assert client.post("/api/v1/search/", {}).status_code in (401, 403, 405)


# --- cursors ----------------------------------------------------------------------------


def walk(client, address: str, between=lambda: None) -> list[dict]:
    """All pages from `address` on, with something done after each."""
    found = []
    while address:
        body = client.get(address.removeprefix("https://blog.test")).json()
        found += body["results"]
        address = body["next"]
        between()
    return found


@pytest.mark.parametrize("ordering", ["-published_at", "published_at", "title", "-created_at"])
def test_a_mirror_misses_and_repeats_nothing_while_others_write(ordering, client, make_post, ada):
    base = datetime(2026, 5, 1, tzinfo=UTC)
    for number in range(30):
        # Three at each moment, so that the key has ties to break.
        make_post(title=f"Post {number:02}", published_at=base + timedelta(hours=number // 3))
    there = set(Post.objects.values_list("pk", flat=True))
    deleted, chance = set(), random.Random(ordering)  # noqa: S311 (the same in every run)
    step = iter(range(100))

    def others_write():
        number = next(step)
        make_post(title=f"Post {number:02} again", published_at=base + timedelta(hours=number % 10))
        post = Post.objects.get(pk=chance.choice(sorted(there - deleted)))
        trash_content(post, by=None)
        deleted.add(post.pk)

    start = f"{POSTS}?cursor=first&page_size=4&fields=id&ordering={ordering}"
    found = [post["id"] for post in walk(client, start, others_write)]
    assert len(found) == len(set(found))
    assert there - deleted <= set(found)


@pytest.mark.parametrize("ordering", ["-published_at", "published_at"])
def test_a_cursor_passes_over_drafts_without_a_date(ordering, client, make_post, eve):
    for number in range(3):
        make_post(title=f"Live {number}", published_at=NOW - timedelta(days=number))
        make_post(title=f"Draft {number}", draft=True)
    client.force_login(eve)
    start = f"{POSTS}?cursor=first&page_size=2&fields=id,title&ordering={ordering}"
    forth = walk(client, start)
    assert [post["title"][:4] for post in forth] == ["Live"] * 3 + ["Draf"] * 3
    assert len({post["id"] for post in forth}) == 6
    page = client.get(start).json()
    while page["next"]:
        page = client.get(page["next"].removeprefix("https://blog.test")).json()
    back = []
    while True:
        back = page["results"] + back
        if not page["previous"]:
            break
        page = client.get(page["previous"].removeprefix("https://blog.test")).json()
    assert back == forth


def test_a_cursor_belongs_to_its_ordering(client, shelf):
    first = client.get(POSTS, {"cursor": "first", "page_size": 1}).json()
    assert "count" not in first
    address = first["next"].removeprefix("https://blog.test")
    assert client.get(address + "&ordering=title").status_code == 400


def test_a_cursor_costs_no_more_on_a_later_page(client, shelf):
    first = client.get(POSTS, {"cursor": "first", "page_size": 2}).json()
    with CaptureQueriesContext(connection) as queries:
        client.get(first["next"].removeprefix("https://blog.test"))
    assert len(queries) == 4  # the state, the places, the rows, tags and authors


# --- the stream -------------------------------------------------------------------------


def lines(response) -> list[dict]:
    import json

    assert response["Content-Type"] == "application/x-ndjson"
    return [json.loads(line) for line in b"".join(response).splitlines()]


def test_a_stream_has_every_visible_post_in_chunks(client, make_post, monkeypatch, ada):
    monkeypatch.setattr("blog.api.posts.CHUNK", 2)
    posts = [make_post(title=f"Post {number}", tags=["ink"]) for number in range(5)]
    submit_content(make_post(draft=True, author=ada), by=ada)
    found = lines(client.get(f"{POSTS}stream/?include=body", HTTP_ACCEPT="application/x-ndjson"))
    assert [post["id"] for post in found] == [post.pk for post in posts]
    assert found[0]["tags"][0]["name"] == "ink"
    assert found[0]["body"] == "Ink is *black*."
    rest = lines(client.get(f"{POSTS}stream/?fields=title&after={posts[2].pk}"))
    assert rest == [{"title": "Post 3"}, {"title": "Post 4"}]
    assert lines(client.get(f"{POSTS}stream/?tags=nowhere")) == []


@pytest.mark.parametrize("query", ["after=x", "page=2", "cursor=first", "ordering=title"])
def test_a_stream_refuses_what_makes_no_sense(query, client, db):
    assert client.get(f"{POSTS}stream/?{query}").status_code == 400


@pytest.mark.parametrize("name", ["tags", "tags_all", "tags_none", "author", "language"])
def test_a_null_character_in_a_filter_is_refused(client, name):
    refused = client.get(POSTS, {name: "ink\x00"})
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["parameter"] == name
