"""Reading over the API: the same content by the same rules, whole bodies, fixed costs."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from blog.models import Post
from blog.services import save_content, submit_content, trash_content

pytestmark = pytest.mark.django_db
POSTS = "/api/v1/posts/"
PROBLEM = "application/problem+json"
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


def term(kind: str, found) -> dict:
    return {
        "id": found.pk,
        "name": found.name,
        "slug": found.slug,
        "description": found.description,
        "url": f"https://blog.test/{kind}/{found.slug}/",
    }


@pytest.fixture
def post(make_post, make_tag, make_category, ada, bob):
    return make_post(
        authors=[ada, bob],
        category=make_category("Craft"),
        tags=[make_tag("paper")],
        subtitle="A love story",
    )


def as_listed(post: Post) -> dict:
    return {
        "id": post.pk,
        "title": "On ink",
        "slug": "on-ink",
        "subtitle": "A love story",
        "url": "https://blog.test/posts/on-ink/",
        "summary": "Ink is black.",
        "language": "en",
        "category": term("categories", post.category),
        "tags": [term("tags", tag) for tag in post.tags.all()],
        "authors": [
            {"username": "ada", "name": "Ada Lovelace"},
            {"username": "bob", "name": "Bob"},
        ],
        "author_name": "Ada Lovelace",
        "status": "published",
        "featured": False,
        "word_count": 3,
        "reading_minutes": 1,
        "published_at": "2026-05-01T12:00:00Z",
        "created_at": "2026-06-01T12:00:00Z",
        "updated_at": "2026-06-01T12:00:00Z",
    }


def test_the_list_has_everything_but_the_text(client, post):
    response = client.get(POSTS)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    body = {"count": 1, "next": None, "previous": None, "results": [as_listed(post)]}
    assert response.json() == body


@pytest.mark.parametrize("address", ["{0.pk}/", "slug/{0.slug}/"])
def test_a_post_comes_whole_and_as_html_on_request(address, client, post):
    response = client.get(POSTS + address.format(post))
    whole = as_listed(post) | {
        "series": None,
        "series_part": None,
        "corrections": "",
        "cover": None,
        "visibility": "public",
        "state": "published",
        "version": 2,
        "unpublish_at": None,
        "excerpt": "",
        "seo_title": "",
        "seo_description": "",
        "canonical_url": "",
        "translations": [],
        "body": "Ink is *black*.",
    }
    assert response.json() == whole
    response = client.get(POSTS + address.format(post), {"include": "body_html"})
    assert response.json() == whole | {"body_html": post.body_html}


@pytest.mark.parametrize("kind", ["category", "tag", "series"])
def test_a_term_is_listed_and_read(kind, request, client, make_post):
    path = {"category": "categories", "tag": "tags", "series": "series"}[kind]
    found = request.getfixturevalue(f"make_{kind}")("墨", description="Black.")
    make_post(**({"tags": [found]} if kind == "tag" else {kind: found}))
    body = term(path, found) | {"url": f"https://blog.test/{path}/%E5%A2%A8/"}
    assert client.get(f"/api/v1/{path}/").json()["results"] == [body]
    assert client.get(f"/api/v1/{path}/{found.pk}/").json() == body


@pytest.mark.parametrize("kind", ["category", "tag", "series"])
def test_a_term_of_drafts_only_is_not_told_to_readers(kind, request, client, make_post, rita, cleo):
    path = {"category": "categories", "tag": "tags", "series": "series"}[kind]
    found = request.getfixturevalue(f"make_{kind}")("Secret plan")
    make_post(draft=True, **({"tags": [found]} if kind == "tag" else {kind: found}))
    for user in (None, rita):
        if user:
            client.force_login(user)
        assert client.get(f"/api/v1/{path}/").json()["count"] == 0
        assert client.get(f"/api/v1/{path}/{found.pk}/").status_code == 404
    client.force_login(cleo)  # who writes chooses among all
    assert client.get(f"/api/v1/{path}/").json()["count"] == 1


EVERYTHING = {"draft", "in_review", "live", "members", "scheduled", "expired"}
SEEN = {
    None: {"live"},
    "rita": {"live", "members"},
    "bob": {"live", "members"},
    "cleo": {"live", "members"},
    "ada": EVERYTHING,
    "eve": EVERYTHING,
    "sam": EVERYTHING,
}


@pytest.mark.parametrize("person", SEEN)
def test_each_person_gets_what_they_may_see(person, request, client, make_post, ada):
    posts = {
        "draft": make_post(author=ada, draft=True),
        "in_review": make_post(author=ada, draft=True),
        "live": make_post(author=ada, published_at=NOW),
        "members": make_post(author=ada, visibility="members", published_at=NOW),
        "scheduled": make_post(author=ada, published_at=NOW + TICK),
        "expired": make_post(author=ada, published_at=NOW - TICK),
        "trashed": make_post(author=ada, published_at=NOW - TICK),
    }
    submit_content(posts["in_review"], by=ada)
    Post.objects.filter(pk=posts["expired"].pk).update(unpublish_at=NOW)
    trash_content(posts["trashed"], by=ada)
    if person:
        client.force_login(request.getfixturevalue(person))
    listed = {result["id"] for result in client.get(POSTS).json()["results"]}
    assert {state for state, post in posts.items() if post.pk in listed} == SEEN[person]
    for state, post in posts.items():
        expected = 200 if state in SEEN[person] else 404
        for address in (f"{POSTS}{post.pk}/", f"{POSTS}slug/{post.slug}/"):
            response = client.get(address)
            assert response.status_code == expected, (state, address)
            if expected == 404:
                assert response["Content-Type"] == PROBLEM
                assert post.title not in response.content.decode()


def test_a_scheduled_post_appears_at_its_instant(client, make_post):
    post = make_post(published_at=NOW + TICK)
    assert client.get(f"{POSTS}{post.pk}/").status_code == 404
    with time_machine.travel(NOW + TICK, tick=False):
        assert client.get(f"{POSTS}{post.pk}/").status_code == 200
        assert client.get(POSTS).json()["count"] == 1


@pytest.mark.parametrize(
    "address",
    ["posts/999999/", "posts/x/", "posts/slug/nowhere/", "tags/7/", "nowhere/", "posts/?page=99"],
)
def test_what_is_not_there_is_a_problem_document(address, client):
    response = client.get(f"/api/v1/{address}", HTTP_X_REQUEST_ID="0123456789abcdef")
    assert response.status_code == 404
    assert response["Content-Type"] == PROBLEM
    body = response.json()
    assert body.pop("detail")
    assert body == {
        "type": "urn:inkstone:problem:not-found",
        "title": "Not Found",
        "status": 404,
        "instance": f"/api/v1/{address.split('?')[0]}",
        "request_id": "0123456789abcdef",
    }


@pytest.mark.parametrize(
    "address",
    [
        "posts/?page=x",
        "posts/?page=0",
        "posts/?page=" + "9" * 400,
        "posts/?page=%00",
        "posts/slug/%00/",
        "posts/slug/" + "x" * 3000 + "/",
        "posts/" + "9" * 30 + "/",
        "tags/" + "9" * 18 + "/",
    ],
)
def test_a_hostile_address_is_a_404(address, client, post):
    assert client.get(f"/api/v1/{address}").status_code == 404


@pytest.mark.parametrize(
    ("address", "most"),
    [(POSTS, 4), ("/api/v1/categories/", 3), ("/api/v1/tags/", 3), ("/api/v1/series/", 3)],
)
def test_a_list_costs_the_same_for_3_and_15_rows(
    address, most, client, make_post, make_tag, make_category, make_series, ada, bob
):
    counts = []
    for start, end in ((0, 3), (3, 15)):
        for number in range(start, end):
            make_post(
                title=f"Post {number}",
                authors=[ada, bob],
                category=make_category(f"c{number}"),
                series=make_series(f"s{number}"),
                tags=[make_tag(f"t{number}"), make_tag(f"u{number}")],
            )
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] == most
    sql = " ".join(query["sql"] for query in queries)
    assert '"body"' not in sql
    assert '"body_html"' not in sql


def test_one_post_costs_three_queries(client, post):
    with CaptureQueriesContext(connection) as queries:
        client.get(f"{POSTS}{post.pk}/")
    assert len(queries) == 3


def test_addresses_never_come_from_the_host_header(client, post):
    response = client.get(POSTS, HTTP_HOST="localhost")
    assert response.json()["results"][0]["url"].startswith("https://blog.test/")


def test_what_a_person_typed_is_data_and_no_markup(client, make_post, ada):
    post = make_post(author=ada, title="</script><b>", body="<script>alert(1)</script>")
    save_content(post, by=ada)
    body = client.get(f"{POSTS}{post.pk}/?include=body_html").json()
    assert body["title"] == "</script><b>"
    assert "<script" not in body["body_html"]
