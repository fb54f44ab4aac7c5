"""Pages, authors and counts over the API: whole bodies, and only what one may see."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from blog.models import Page, Post
from blog.serializers import (
    AuthorSerializer,
    CategorySerializer,
    PageSerializer,
    PostSerializer,
    RowSerializer,
    SeriesSerializer,
    TagSerializer,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
API = "/api/v1"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.mark.parametrize(
    "serializer",
    [
        *(PostSerializer, PageSerializer, AuthorSerializer),
        *(CategorySerializer, TagSerializer, SeriesSerializer),
    ],
)
def test_what_is_declared_is_what_is_answered(serializer: type[RowSerializer]):
    """The schema is made from the declared fields."""
    assert set(serializer().fields) == set(serializer.made_of)
    assert set(serializer.in_lists) <= set(serializer.alone) <= set(serializer.made_of)


def test_every_field_of_a_post_can_be_asked_for(client, make_post, make_category, make_series):
    post = make_post(
        body="## Reed\n\nInk.",
        category=make_category("Craft"),
        series=make_series("Making ink"),
        series_part=2,
        excerpt="Own words.",
    )
    body = client.get(f"{API}/posts/{post.pk}/?fields={','.join(PostSerializer.made_of)}").json()
    assert set(body) == set(PostSerializer.made_of)
    assert body["summary"] == body["excerpt"] == "Own words."
    assert body["series"]["name"] == "Making ink"
    assert body["series_part"] == 2
    assert body["headings"] == [{"level": 2, "id": "reed", "text": "Reed"}]
    assert body["state"] == "published"
    assert body["character_count"] == post.character_count


def test_the_state_of_a_post_follows_the_clock(client, make_post, ada):
    client.force_login(ada)
    scheduled = make_post(author=ada, published_at=NOW + timedelta(days=1))
    expired = make_post(author=ada, published_at=NOW - timedelta(days=2))
    Post.objects.filter(pk=expired.pk).update(unpublish_at=NOW - timedelta(days=1))
    draft = make_post(author=ada, draft=True)
    for post, state in ((scheduled, "scheduled"), (expired, "expired"), (draft, "draft")):
        assert client.get(f"{API}/posts/{post.pk}/?fields=state").json() == {"state": state}
        assert client.get(f"{API}/posts/?fields=id&state={state}").json()["results"] == [
            {"id": post.pk}
        ]


def as_listed(page: Page) -> dict:
    return {
        "id": page.pk,
        "title": "About us",
        "slug": "about-us",
        "subtitle": "",
        "url": "https://blog.test/about-us/",
        "summary": "We make ink.",
        "language": "en",
        "status": "published",
        "menu_position": 1,
        "word_count": 3,
        "reading_minutes": 1,
        "published_at": "2026-05-01T12:00:00Z",
        "created_at": "2026-06-01T12:00:00Z",
        "updated_at": "2026-06-01T12:00:00Z",
    }


@pytest.mark.parametrize("address", ["{0.pk}/", "slug/{0.slug}/"])
def test_a_page_is_listed_and_read(address, client, make_page):
    page = make_page(menu_position=1)
    assert client.get(f"{API}/pages/").json() == {
        "count": 1,
        "next": None,
        "previous": None,
        "results": [as_listed(page)],
    }
    whole = client.get(f"{API}/pages/{address.format(page)}").json()
    assert whole == as_listed(page) | {
        "cover": None,
        "visibility": "public",
        "state": "published",
        "version": page.version,
        "unpublish_at": None,
        "excerpt": "",
        "seo_title": "",
        "seo_description": "",
        "canonical_url": "",
        "translations": [],
        "body": "We make ink.",
    }


def test_a_page_is_read_by_whom_it_should(client, make_page, rita, ada, eve):
    draft = make_page(title="Draft", draft=True)
    members = make_page(title="Members", visibility="members")
    for user, seen in ((None, set()), (rita, {members.pk}), (ada, {members.pk})):
        if user:
            client.force_login(user)
        results = client.get(f"{API}/pages/").json()["results"]
        assert {page["id"] for page in results} == seen
        assert client.get(f"{API}/pages/{draft.pk}/").status_code == 404
        assert client.get(f"{API}/pages/slug/draft/").status_code == 404
    client.force_login(eve)
    assert client.get(f"{API}/pages/").json()["count"] == 2


def test_an_author_is_listed_and_read(client, make_post, make_user):
    zoe = make_user("zoe", display_name="Zoë", bio="Writes.", website="https://zoe.example/")
    make_post(author=zoe)
    body = {
        "username": "zoe",
        "name": "Zoë",
        "bio": "Writes.",
        "website": "https://zoe.example/",
        "links": [],
        "avatar": None,
        "url": "https://blog.test/authors/zoe/",
    }
    assert client.get(f"{API}/authors/").json()["results"] == [body]
    assert client.get(f"{API}/authors/zoe/").json() == body
    assert client.get(f"{API}/authors/ZOE/").json() == body
    assert client.get(f"{API}/authors/?search=writ").json()["count"] == 0  # names, not biographies
    assert client.get(f"{API}/authors/?search=ZO").json()["count"] == 1


def test_who_wrote_drafts_only_is_nobody_yet(client, make_post, ada, rita):
    make_post(author=ada, draft=True)
    for user in (None, rita, ada):
        if user:
            client.force_login(user)
        assert client.get(f"{API}/authors/").json()["count"] == 0
        assert client.get(f"{API}/authors/ada/").status_code == 404


def test_terms_are_found_by_slug_and_by_part_of_a_name(client, make_post, make_tag):
    make_post(tags=[make_tag("Ink"), make_tag("Paper")])
    assert client.get(f"{API}/tags/slug/ink/").json()["name"] == "Ink"
    assert client.get(f"{API}/tags/slug/nowhere/").status_code == 404
    found = client.get(f"{API}/tags/?search=PAP&fields=name").json()["results"]
    assert found == [{"name": "Paper"}]


def count(kind: str, name: str, slug: str, posts: int) -> dict:
    return {
        "name": name,
        "slug": slug,
        "url": f"https://blog.test/{kind}/{slug}/",
        "post_count": posts,
    }


def test_posts_are_counted_as_each_person_finds_them(client, make_post, make_category, ada, rita):
    craft = make_category("Craft")
    make_post(author=ada, category=craft, tags=["ink"])
    make_post(author=ada, category=craft, tags=["ink"], visibility="members")
    make_post(author=ada, category=craft, tags=["secret"], draft=True)
    make_post(author=ada, published_at=NOW + timedelta(days=1))
    for user, posts in ((None, 1), (rita, 2), (ada, 2)):
        if user:
            client.force_login(user)
        assert client.get(f"{API}/counts/categories/").json() == {
            "results": [count("categories", "Craft", "craft", posts)]
        }
        assert client.get(f"{API}/counts/tags/").json() == {
            "results": [count("tags", "ink", "ink", posts)]
        }
        assert client.get(f"{API}/counts/authors/").json() == {
            "results": [count("authors", "Ada Lovelace", "ada", posts)]
        }
        month = count("archive", "2026-05", "2026-05", posts)
        month["url"] = "https://blog.test/archive/2026/05/"
        assert client.get(f"{API}/counts/months/").json() == {"results": [month]}


@pytest.mark.parametrize("path", ["posts", "pages", "tags", "authors"])
def test_options_tell_nothing_of_what_there_is(path, client, make_post, ada):
    make_post(author=ada, title="Hidden title", tags=["hidden tag"], draft=True)
    response = client.options(f"{API}/{path}/")
    assert response.status_code == 200
    assert b"idden" not in response.content
    assert b"ada lovelace" not in response.content.lower()
    assert b'"ada"' not in response.content.lower()
    # Nor what to send: the document does, and DRF would tell what is read.
    client.force_login(ada)
    told = {"name", "description", "renders", "parses"}
    assert set(client.options(f"{API}/{path}/").json()) == told


@pytest.mark.parametrize("path", ["counts/", "search/1/", "counts/nowhere/"])
def test_there_is_nothing_at_addresses_in_between(path, client, make_post):
    assert client.get(f"{API}/{path}").status_code == 404


def test_who_forgets_the_last_slash_is_told(client, db):
    for method in ("get", "post"):
        answer = getattr(client, method)(f"{API}/posts/slug/on-ink?fields=id")
        assert answer.status_code == 404
        assert answer.json()["did_you_mean"] == f"{API}/posts/slug/on-ink/"
    assert "did_you_mean" not in client.get(f"{API}/nowhere").json()


@pytest.mark.parametrize("path", ["search/?q=ink", "counts/tags/", "authors/"])
def test_what_is_only_read_cannot_be_written(path, client, make_post, sam):
    client.force_login(sam)
    for method in ("post", "put", "patch", "delete"):
        response = getattr(client, method)(f"{API}/{path}", "{}", content_type="application/json")
        assert response.status_code == 405
