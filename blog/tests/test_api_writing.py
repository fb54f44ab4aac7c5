"""Writing over the API: whole bodies, each role, each refusal, nothing lost."""

from datetime import UTC, datetime

import pytest
import time_machine

from blog.models import OldAddress, Page, Post, Revision, Tag
from events.models import Event

pytestmark = pytest.mark.django_db
POSTS = "/api/v1/posts/"
PROBLEM = "application/problem+json"
URN = "urn:inkstone:problem:"
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
NOBODYS = 999_999_999  # a key that no row gets, however long a run of tests


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def send(client):
    """`send(user, "post", address, data, **headers)`: one request with a JSON body."""

    def send(user, method, address, data=None, **headers):
        client.logout()
        if user is not None:
            client.force_login(user)
        extra = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
        if method not in ("get", "delete"):
            extra |= {"data": "" if data is None else data, "content_type": "application/json"}
        return getattr(client, method)(address, **extra)

    return send


def refused(response, status: int, slug: str) -> dict:
    """The problem document of a refusal, checked."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == PROBLEM
    body = response.json()
    assert body["type"] == URN + slug, body
    assert body["status"] == status
    assert body["request_id"] == response["X-Request-ID"]
    return body


def pointers(body: dict) -> list[str]:
    return [error["pointer"] for error in body["errors"]]


# --- create -----------------------------------------------------------------------------


def test_a_new_post_is_a_draft_by_the_signed_in_person(send, ada, make_category, make_tag):
    category, tag = make_category("Craft"), make_tag("paper")
    response = send(
        ada,
        "post",
        POSTS,
        {
            "title": "On ink",
            "subtitle": "A love story",
            "body": "  Ink is *black*.\n",
            "category_id": category.pk,
            "tags": [tag.pk, "black"],
            # What is not the client's to say.
            "id": 999_999_999,
            "author": 1,
            "author_name": "Eve",
            "version": 99,
            "created_at": "2000-01-01T00:00:00Z",
            "trashed_at": "2000-01-01T00:00:00Z",
            "body_html": "<script>",
        },
    )
    assert response.status_code == 201, response.content
    post = Post.objects.get()
    black = Tag.objects.get(name="black")
    assert response["Location"] == f"https://blog.test{POSTS}{post.pk}/"
    assert response["ETag"].startswith('"v1.')

    def term(kind, found):
        url = f"https://blog.test/{kind}/{found.slug}/"
        return {
            "id": found.pk,
            "name": found.name,
            "slug": found.slug,
            "description": "",
            "url": url,
        }

    assert response.json() == {
        "id": post.pk,
        "title": "On ink",
        "slug": "on-ink",
        "subtitle": "A love story",
        "url": "https://blog.test/posts/on-ink/",
        "summary": "Ink is black.",
        "language": "en",
        "category": term("categories", category),
        "tags": [term("tags", black), term("tags", tag)],
        "authors": [{"username": "ada", "name": "Ada Lovelace"}],
        "author_name": "Ada Lovelace",
        "status": "draft",
        "featured": False,
        "word_count": 3,
        "reading_minutes": 1,
        "published_at": None,
        "created_at": "2026-06-01T12:00:00Z",
        "updated_at": "2026-06-01T12:00:00Z",
        "series": None,
        "series_part": None,
        "corrections": "",
        "cover": None,
        "visibility": "public",
        "state": "draft",
        "version": 1,
        "unpublish_at": None,
        "excerpt": "",
        "seo_title": "",
        "seo_description": "",
        "canonical_url": "",
        "translations": [],
        "body": "  Ink is *black*.\n",
    }
    assert list(post.revisions.values_list("number", "editor")) == [(1, ada.pk)]
    assert Event.objects.filter(kind="post.created", actor=ada).count() == 1


def test_what_is_read_can_be_sent_back(send, ada, client, make_post, make_tag):
    post = make_post(author=ada, tags=[make_tag("paper")])
    client.force_login(ada)
    read = client.get(f"{POSTS}{post.pk}/")
    written = send(ada, "put", f"{POSTS}{post.pk}/", read.json() | {"title": "New"})
    assert written.status_code == 200, written.content
    same = read.json() | {"title": "New", "version": 3, "updated_at": "2026-06-01T12:00:00Z"}
    assert written.json() == same


def test_a_change_answers_the_fields_that_are_asked_for(send, ada):
    given = {"title": "x", "body": "*a*"}
    made = send(ada, "post", f"{POSTS}?fields=id,slug&include=body_html", given)
    assert made.json() == {"id": made.json()["id"], "slug": "x", "body_html": "<p><em>a</em></p>\n"}
    unknown = send(ada, "post", f"{POSTS}?fields=nothing", {"title": "x"})
    assert unknown.status_code == 400
    assert Post.objects.count() == 1


@pytest.mark.parametrize("who", [None, "rita"])
def test_who_does_not_write_makes_nothing(who, send, request):
    user = request.getfixturevalue(who) if who else None
    for kind in ("posts", "pages", "tags", "categories", "series"):
        response = send(user, "post", f"/api/v1/{kind}/", {"title": "x", "name": "x"})
        if user is None:
            refused(response, 401, "authentication-required")
            assert response["WWW-Authenticate"].startswith("Bearer")
        else:
            refused(response, 403, "forbidden")
    assert not Post.objects.exists()
    assert not Tag.objects.exists()


def test_each_role_reaches_the_status_it_may(send, cleo, ada, eve):
    draft = {"title": "One", "body": "Text."}
    assert (
        send(cleo, "post", POSTS, draft | {"status": "in_review"}).json()["status"] == "in_review"
    )
    refused(send(cleo, "post", POSTS, draft | {"status": "published"}), 403, "forbidden")
    assert Post.objects.count() == 1  # nothing half-done
    assert send(ada, "post", POSTS, draft | {"status": "published"}).json()["state"] == "published"
    later = {"status": "published", "published_at": "2026-06-02T12:00:00Z"}
    assert send(eve, "post", POSTS, draft | later).json()["state"] == "scheduled"


def test_a_page_is_made_by_editors_only(send, ada, eve):
    refused(send(ada, "post", "/api/v1/pages/", {"title": "About"}), 403, "forbidden")
    response = send(eve, "post", "/api/v1/pages/", {"title": "About", "menu_position": 2})
    assert (response.status_code, response.json()["menu_position"]) == (201, 2)
    reserved = send(eve, "post", "/api/v1/pages/", {"title": "x", "slug": "admin"})
    assert pointers(refused(reserved, 400, "validation")) == ["#/slug"]
    assert Page.objects.count() == 1


@pytest.mark.parametrize(
    ("data", "pointer"),
    [
        ({}, "#/title"),
        ([], "#"),
        ('"text"', "#"),
        (7, "#"),
        ({"title": ""}, "#/title"),
        ({"title": None}, "#/title"),
        ({"title": "x" * 201}, "#/title"),
        ({"title": ["x"]}, "#/title"),
        ({"title": "x", "slug": "a/b"}, "#/slug"),
        ({"title": "x", "body": 7.5e300}, None),
        ({"title": "x", "body": {"a": 1}}, "#/body"),
        ({"title": "x", "body": "x" * 1_000_001}, "#/body"),
        ({"title": "x", "body": "墨" * 400_000}, "#/body"),
        ({"title": "x", "excerpt": "x" * 1_001}, "#/excerpt"),
        ({"title": "x", "category_id": NOBODYS}, "#/category_id"),
        ({"title": "x", "category_id": "x"}, "#/category_id"),
        ({"title": "x", "category_id": True}, "#/category_id"),
        ({"title": "x", "category_id": {"id": 1}}, "#/category_id"),
        ({"title": "x", "series_part": -1}, "#/series_part"),
        ({"title": "x", "series_part": 2**40}, "#/series_part"),
        ({"title": "x", "cover_id": 2**62}, "#/cover_id"),
        ({"title": "x", "status": "gone"}, "#/status"),
        ({"title": "x", "visibility": []}, "#/visibility"),
        ({"title": "x", "language": "?"}, "#/language"),
        ({"title": "x", "canonical_url": "javascript:alert(1)"}, "#/canonical_url"),
        ({"title": "x", "published_at": "tomorrow"}, "#/published_at"),
        ({"title": "x", "published_at": "0001-01-01T00:00:00+14:00"}, "#/published_at"),
        ({"title": "x", "tags": "paper"}, "#/tags"),
        ({"title": "x", "tags": [None]}, "#/tags/0"),
        ({"title": "x", "tags": ["fine", NOBODYS]}, "#/tags/1"),
        ({"title": "x", "tags": [{"name": []}]}, "#/tags/0"),
        ({"title": "x", "tags": ["x" * 101]}, "#/tags/0"),
        ({"title": "x", "tags": list(map(str, range(101)))}, "#/tags"),
        ({"title": "x", "authors": []}, "#/authors"),
        ({"title": "x", "authors": [7]}, "#/authors/0"),
        ({"title": "x", "authors": ["eve", "nobody"]}, "#/authors/1"),
        ({"title": "x", "status": "published"}, None),
    ],
)
def test_bad_input_is_told_where_it_is(data, pointer, send, eve):
    response = send(eve, "post", POSTS, data)
    assert response.status_code == (201 if data == {"title": "x", "body": 7.5e300} else 400)
    if pointer:
        assert pointers(refused(response, 400, "validation"))[0] == pointer
        assert not Post.objects.exists()
        assert not Tag.objects.exists()


def test_a_contributor_takes_tags_but_makes_none(send, cleo, ada, make_tag):
    tag = make_tag("paper")
    assert send(cleo, "post", POSTS, {"title": "x", "tags": ["paper"]}).status_code == 201
    refusal = send(cleo, "post", POSTS, {"title": "x", "tags": [tag.pk, "brand new"]})
    assert pointers(refused(refusal, 400, "validation")) == ["#/tags/1"]
    made = send(ada, "post", POSTS, {"title": "x", "tags": ["brand new", "Brand  new", tag.pk]})
    assert [found["name"] for found in made.json()["tags"]] == ["brand new", "paper"]


def test_only_editors_name_other_authors(send, ada, bob, eve, make_post):
    for names in (["bob"], ["ada", "bob"], ["nobody"]):
        refused(send(ada, "post", POSTS, {"title": "x", "authors": names}), 403, "forbidden")
    assert send(ada, "post", POSTS, {"title": "x", "authors": ["Ada"]}).status_code == 201
    byline = [{"username": "bob"}, "ada"]
    made = send(eve, "post", POSTS, {"title": "x", "authors": byline}).json()
    assert [author["username"] for author in made["authors"]] == ["bob", "ada"]
    joint = make_post(authors=[bob, ada])
    kept = send(ada, "patch", f"{POSTS}{joint.pk}/", {"authors": ["bob", "ada"], "title": "Ours"})
    assert kept.status_code == 200
    dropped = send(ada, "patch", f"{POSTS}{joint.pk}/", {"authors": ["ada"]})
    refused(dropped, 403, "forbidden")


def test_a_taken_slug_is_refused_and_a_made_one_moves_on(send, ada, make_post):
    make_post(title="On ink")
    assert send(ada, "post", POSTS, {"title": "On ink"}).json()["slug"] == "on-ink-2"
    taken = send(ada, "post", POSTS, {"title": "x", "slug": "on-ink"})
    assert pointers(refused(taken, 400, "validation")) == ["#/slug"]


# --- change -----------------------------------------------------------------------------


def test_a_patch_changes_what_it_names_and_keeps_the_old_address(send, ada, make_post, make_tag):
    post = make_post(author=ada, tags=[make_tag("paper")], subtitle="Stays")
    response = send(ada, "patch", f"{POSTS}{post.pk}/", {"slug": "new-ink", "tags": []})
    assert response.status_code == 200, response.content
    assert (response.json()["slug"], response.json()["tags"]) == ("new-ink", [])
    assert response.json()["subtitle"] == "Stays"
    assert OldAddress.objects.at("/posts/on-ink/").exists()
    post.refresh_from_db()
    assert (post.version, post.revisions.first().editor) == (3, ada)


def test_a_put_asks_for_the_title_and_clears_what_is_sent_empty(
    send, ada, make_post, make_category
):
    post = make_post(author=ada, category=make_category(), subtitle="Goes")
    missing = send(ada, "put", f"{POSTS}{post.pk}/", {"body": "New."})
    assert pointers(refused(missing, 400, "validation")) == ["#/title"]
    given = {"title": "T", "category_id": None, "subtitle": "", "unpublish_at": None}
    written = send(ada, "put", f"{POSTS}{post.pk}/", given).json()
    assert (written["category"], written["subtitle"], written["body"]) == (
        None,
        "",
        "Ink is *black*.",
    )


METHODS = [
    ("put", "", {"title": "Theirs"}),
    ("patch", "", {"title": "Theirs"}),
    ("delete", "", None),
    ("post", "publish/", {}),
    ("post", "unpublish/", {}),
    ("post", "trash/", {}),
    ("post", "submit/", None),
    ("post", "revisions/1/restore/", {}),
    ("get", "revisions/", None),
    ("get", "revisions/1/", None),
    ("get", "revisions/diff/?from=1", None),
]


@pytest.mark.parametrize(("method", "address", "data"), METHODS)
def test_what_one_may_not_see_is_404_and_what_one_only_sees_is_403(
    method, address, data, send, ada, bob, rita, cleo, make_post
):
    live, draft = make_post(author=ada), make_post(author=ada, draft=True, title="Secret")
    for user in (bob, rita, cleo):
        response = send(user, method, f"{POSTS}{live.pk}/{address}", data)
        refused(response, 403, "forbidden")
        hidden = send(user, method, f"{POSTS}{draft.pk}/{address}", data)
        assert "Secret" not in hidden.content.decode()
        refused(hidden, 404, "not-found")
        refused(send(user, method, f"{POSTS}{NOBODYS}/{address}", data), 404, "not-found")
    anonymous = send(None, method, f"{POSTS}{live.pk}/{address}", data)
    refused(anonymous, 401, "authentication-required")
    assert Revision.objects.count() == 3
    live.refresh_from_db()
    assert (live.title, live.status, live.trashed_at) == ("On ink", "published", None)


def test_a_contributor_gives_a_post_out_of_hand_when_it_is_published(send, cleo, make_post):
    post = make_post(author=cleo, draft=True)
    assert send(cleo, "patch", f"{POSTS}{post.pk}/", {"title": "Mine"}).status_code == 200
    refused(send(cleo, "post", f"{POSTS}{post.pk}/publish/"), 403, "forbidden")
    assert send(cleo, "post", f"{POSTS}{post.pk}/submit/").json()["state"] == "in_review"
    assert send(cleo, "post", f"{POSTS}{post.pk}/unpublish/").json()["state"] == "draft"


# --- the steps --------------------------------------------------------------------------


def test_the_life_of_a_post(send, ada, sam):
    made = send(ada, "post", POSTS, {"title": "On ink", "body": "Black."})
    address = f"{POSTS}{made.json()['id']}/"

    def step(name, data=None, by=ada):
        return send(by, "post", f"{address}{name}/", data)

    assert step("submit").json()["state"] == "in_review"
    assert step("publish").json()["published_at"] == "2026-06-01T12:00:00Z"
    refused(step("publish"), 409, "conflict")
    refused(step("submit"), 409, "conflict")
    assert step("unpublish").json()["status"] == "draft"
    past = refused(step("schedule", {"at": "2026-05-01T00:00:00Z"}), 400, "validation")
    assert pointers(past) == ["#/at"]
    refused(step("schedule", {}), 400, "validation")
    later = step("schedule", {"at": "2026-07-01T02:00:00+02:00"}).json()
    assert (later["state"], later["published_at"]) == ("scheduled", "2026-07-01T00:00:00Z")
    back = step("publish", {"at": "2026-05-01T00:00:00Z"}).json()
    assert (back["state"], back["published_at"]) == ("published", "2026-05-01T00:00:00Z")
    assert step("trash").json()["state"] == "trashed"
    refused(send(ada, "get", address), 404, "not-found")
    refused(step("trash"), 409, "conflict")
    refused(send(ada, "patch", address, {"title": "x"}), 409, "conflict")
    assert step("restore").json()["state"] == "published"
    refused(step("restore"), 409, "conflict")
    refused(send(sam, "delete", f"{address}?permanent=true"), 409, "conflict")
    for _ in range(2):  # a repeated DELETE finds it done
        assert send(ada, "delete", address).status_code == 204
    refused(send(ada, "delete", f"{address}?permanent=true"), 403, "forbidden")
    assert send(sam, "delete", f"{address}?permanent=true").status_code == 204
    assert not Post.objects.exists()
    refused(send(sam, "delete", address), 404, "not-found")


def test_the_status_field_takes_the_steps(send, ada, make_post):
    post = make_post(author=ada)
    for target in ("in_review", "draft", "in_review", "published", "draft", "published"):
        answer = send(ada, "patch", f"{POSTS}{post.pk}/", {"status": target})
        assert answer.json()["status"] == target
    kinds = Event.objects.filter(subject_id=str(post.pk)).values_list("kind", flat=True)
    assert list(kinds).count("post.published") == 3


def test_a_wrong_method_says_which_there_are(send, ada, make_post):
    post = make_post(author=ada)
    response = send(ada, "get", f"{POSTS}{post.pk}/publish/")
    refused(response, 405, "method-not-allowed")
    assert set(response["Allow"].split(", ")) == {"POST", "OPTIONS"}
    refused(send(ada, "post", f"{POSTS}{post.pk}/", {}), 405, "method-not-allowed")


@pytest.mark.parametrize(
    "parameter", ["validate_onyl=true", "validate_only=yes", "permanent=true", "page=1"]
)
def test_a_misspelt_parameter_changes_nothing(parameter, send, ada):
    body = refused(send(ada, "post", f"{POSTS}?{parameter}", {"title": "x"}), 400, "bad-parameter")
    assert body["errors"][0]["parameter"] == parameter.partition("=")[0]
    assert not Post.objects.exists()


# --- versions ---------------------------------------------------------------------------


def test_a_stale_version_is_refused_with_both_in_view(send, ada, eve, client, make_post):
    post = make_post(author=ada)
    address = f"{POSTS}{post.pk}/"
    client.force_login(ada)
    tag = client.get(address)["ETag"]
    assert send(eve, "patch", address, {"title": "Eve's"}, if_match=tag).status_code == 200
    full = f"https://blog.test{address}"
    for method, where, data in [
        ("patch", "", {"title": "Ada's"}),
        ("put", "", {"title": "Ada's"}),
        ("delete", "", None),
        ("post", "unpublish/", {}),
        ("post", "revisions/1/restore/", {}),
    ]:
        response = send(ada, method, address + where, data, if_match=tag)
        body = refused(response, 412, "stale-version")
        assert body["current_version"] == 3
        assert body["current"] == full
        assert body["yours"] == f"{full}revisions/2/"
        assert body["changes"] == f"{full}revisions/diff/?from=2&to=3"
    read = send(ada, "get", body["changes"]).json()
    assert read == {
        "from": 2,
        "to": 3,
        "changes": [
            {
                "field": "title",
                "before": "On ink",
                "after": "Eve's",
                "lines": None,
                "words": None,
            }
        ],
    }
    post.refresh_from_db()
    assert (post.title, post.version) == ("Eve's", 3)


@pytest.mark.parametrize(
    ("tag", "status"),
    [
        ("*", 200),
        ('"v2.0123abc"', 200),
        ('W/"v2.0123abc"', 200),  # a proxy compressed the answer
        ('"v1.0123abc", "v2.0123abc"', 200),
        ('"v1.0123abc"', 412),
        ('"v22.0123abc"', 412),
        ('"something else"', 412),
        ("v2", 400),
        ('"v2.0123abc', 400),
    ],
)
def test_if_match_is_read_as_the_standard_says(tag, status, send, ada, make_post):
    post = make_post(author=ada)
    response = send(ada, "patch", f"{POSTS}{post.pk}/", {"title": "x"}, if_match=tag)
    assert response.status_code == status


def test_a_site_may_ask_for_if_match(send, ada, make_post, settings):
    settings.API_REQUIRE_IF_MATCH = True
    post = make_post(author=ada)
    response = send(ada, "patch", f"{POSTS}{post.pk}/", {"title": "x"})
    refused(response, 428, "precondition-required")
    answer = send(ada, "patch", f"{POSTS}{post.pk}/", {"title": "x"}, if_match='"v2"')
    assert answer.status_code == 200
    assert answer["ETag"].startswith('"v3.')


# --- history ----------------------------------------------------------------------------


def test_a_former_text_is_read_compared_and_brought_back(send, ada, make_post, make_tag):
    paper = make_tag("paper")
    post = make_post(author=ada, tags=[paper], body="One\n\nTwo\n\nThree")
    address = f"{POSTS}{post.pk}/"
    new = {"body": "One\n\n2\n\nThree", "title": "New", "tags": [], "featured": True}
    new["reason"] = "Figures, not words"
    send(ada, "patch", address, new)
    listed = send(ada, "get", f"{address}revisions/").json()
    assert (listed["count"], listed["next"]) == (3, None)
    assert listed["results"][0] == {
        "number": 3,
        "created_at": "2026-06-01T12:00:00Z",
        "editor": "ada",
        "reason": "Figures, not words",
    }
    whole = send(ada, "get", f"{address}revisions/1/").json()
    assert whole["snapshot"]["body"] == "One\n\nTwo\n\nThree"
    found = send(ada, "get", f"{address}revisions/diff/?from=2&to=3").json()["changes"]
    plain = {"lines": None, "words": None}
    assert {change.pop("field"): change for change in found} == {
        "title": {"before": "On ink", "after": "New", **plain},
        "body": {
            "before": None,
            "after": None,
            "lines": ["@@ -1,5 +1,5 @@", " One", " ", "-Two", "+2", " ", " Three"],
            "words": [
                {"kind": "same", "text": "One\n\n"},
                {"kind": "removed", "text": "Two"},
                {"kind": "added", "text": "2"},
                {"kind": "same", "text": "\n\nThree"},
            ],
        },
        "featured": {"before": False, "after": True, **plain},
        "tags": {"before": [paper.pk], "after": [], **plain},
    }
    restored = send(ada, "post", f"{address}revisions/2/restore/").json()
    assert (restored["title"], restored["body"], restored["version"]) == (
        "On ink",
        "One\n\nTwo\n\nThree",
        4,
    )
    assert [tag["name"] for tag in restored["tags"]] == ["paper"]
    assert restored["state"] == "published"
    assert Revision.objects.get(number=4).reason == "restored revision 2"


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("revisions/99/", 404),
        ("revisions/diff/", 400),
        ("revisions/diff/?from=x", 400),
        ("revisions/diff/?from=1&to=99", 404),
        ("revisions/diff/?from=1&two=2", 400),
        ("revisions/?page=0", 404),
        ("revisions/?page=9", 404),
        ("revisions/?page=" + "9" * 30, 404),
        ("revisions/?pages=1", 400),
    ],
)
def test_a_wrong_revision_is_a_problem(address, status, send, ada, make_post):
    post = make_post(author=ada)
    response = send(ada, "get", f"{POSTS}{post.pk}/{address}")
    assert (response.status_code, response["Content-Type"]) == (status, PROBLEM)


# --- dry runs ---------------------------------------------------------------------------


def test_a_dry_run_tells_all_and_changes_nothing(send, ada, make_post):
    given = {
        "title": "x" * 71,
        "body": "# One\n\n### Three\n\n![](/media/none.jpg) [dead](/posts/nowhere/)",
        "tags": ["brand new"],
        "status": "published",
    }
    response = send(ada, "post", f"{POSTS}?validate_only=true", given)
    assert response.status_code == 200, response.content
    body = response.json()
    assert (body["valid"], body["status"]) == (True, 201)
    assert body["result"]["state"] == "published"
    assert {(found["rule"], found["level"], found["pointer"]) for found in body["report"]} == {
        ("missing_alt", "warning", "#/body"),
        ("heading_order", "warning", "#/body"),
        ("dead_link", "warning", "#/body"),
        ("missing_description", "warning", "#/seo_description"),
        ("long_title", "warning", "#/title"),
    }
    assert not Post.objects.exists()
    assert not Tag.objects.exists()
    assert not Event.objects.filter(kind__startswith="post").exists()
    post = make_post(author=ada, draft=True)
    for method, where in (("post", "publish/"), ("delete", ""), ("post", "trash/")):
        address = f"{POSTS}{post.pk}/{where}?validate_only=1"
        assert send(ada, method, address).json()["valid"] is True
    refused(send(ada, "post", f"{POSTS}{post.pk}/restore/?validate_only=1"), 409, "conflict")
    bad = send(ada, "post", f"{POSTS}?validate_only=true", {"title": ""})
    assert pointers(refused(bad, 400, "validation")) == ["#/title"]
    post.refresh_from_db()
    assert (post.version, post.state) == (1, "draft")


# --- many -------------------------------------------------------------------------------


def test_a_bulk_change_tells_what_became_of_each(send, ada, bob, make_post, make_tag):
    make_tag("old")
    mine = [make_post(author=ada, draft=True, tags=["old"]) for _ in range(2)]
    empty = make_post(author=ada, draft=True, body=" ", tags=["old"])
    live, hidden = make_post(author=bob), make_post(author=bob, draft=True)
    ids = [mine[1].pk, empty.pk, hidden.pk, live.pk, mine[0].pk, NOBODYS, mine[1].pk]
    body = {"ids": ids, "action": "publish", "add_tags": ["new"], "remove_tags": ["old", "none"]}
    response = send(ada, "post", f"{POSTS}bulk/", body)
    assert response.status_code == 200, response.content
    answer = response.json()
    assert (answer["done"], answer["failed"]) == (2, 4)
    results = answer["results"]
    assert [result["id"] for result in results] == ids[:-1]
    assert results[0] == {"id": mine[1].pk, "ok": True, "version": 3, "state": "published"}
    statuses = [result.get("problem", {}).get("status") for result in results]
    assert statuses == [None, 400, 404, 403, None, 404]
    assert results[1]["problem"]["report"][0]["rule"] == "empty_body"
    assert [tag.name for tag in empty.tags.all()] == ["old"]  # whole or not at all
    assert [tag.name for tag in mine[0].tags.all()] == ["new"]
    assert not Tag.objects.filter(name="none").exists()


@pytest.mark.parametrize(
    ("data", "pointer"),
    [
        ({}, "#/ids"),
        ({"ids": [], "action": "trash"}, "#/ids"),
        ({"ids": ["x"], "action": "trash"}, "#/ids/0"),
        ({"ids": list(range(1, 102)), "action": "trash"}, "#/ids"),
        ({"ids": [1]}, "#"),
        ({"ids": [1], "action": "explode"}, "#/action"),
        ({"ids": [1], "action": "schedule"}, "#/at"),
        ({"ids": [1], "action": "trash", "at": "2026-07-01T00:00:00Z"}, "#/at"),
        ({"ids": [1], "add_tags": [NOBODYS]}, "#/add_tags/0"),
    ],
)
def test_a_bulk_change_that_makes_no_sense_is_refused(data, pointer, send, ada):
    response = send(ada, "post", f"{POSTS}bulk/", data)
    assert pointers(refused(response, 400, "validation")) == [pointer]


def test_readers_change_nothing_in_bulk(send, rita, make_post):
    post = make_post()
    body = {"ids": [post.pk], "action": "trash"}
    refused(send(None, "post", f"{POSTS}bulk/", body), 401, "authentication-required")
    answer = send(rita, "post", f"{POSTS}bulk/", body).json()
    assert [result["problem"]["status"] for result in answer["results"]] == [403]


# --- terms ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["categories", "tags", "series"])
def test_a_term_is_made_changed_and_deleted(kind, send, eve, ada, cleo):
    address = f"/api/v1/{kind}/"
    made = send(eve, "post", address, {"name": "Ink", "description": "Black."})
    assert made.status_code == 201
    key = made.json()["id"]
    assert made["Location"] == f"https://blog.test{address}{key}/"
    assert made.json() == {
        "id": key,
        "name": "Ink",
        "slug": "ink",
        "description": "Black.",
        "url": f"https://blog.test/{kind}/ink/",
    }
    one = f"{address}{key}/"
    assert send(eve, "patch", one, {"slug": "tinte"}).json()["slug"] == "tinte"
    assert OldAddress.objects.at(f"/{kind}/ink/").exists()
    assert send(eve, "put", one, {"name": "Ink 2"}).json()["description"] == "Black."
    for user in (ada, cleo):
        refused(send(user, "patch", one, {"name": "x"}), 403, "forbidden")
        refused(send(user, "delete", one), 403, "forbidden")
    taken = send(eve, "post", address, {"name": "y", "slug": "tinte"})
    assert pointers(refused(taken, 400, "validation")) == ["#/slug"]
    for bad in ({}, {"name": ""}, {"name": "x" * 101}, {"name": {}}):
        assert pointers(refused(send(eve, "post", address, bad), 400, "validation")) == ["#/name"]
    tag = send(eve, "get", one)["ETag"]
    assert send(eve, "patch", one, {"name": "Ink 3"}, if_match=tag).status_code == 200
    refused(send(eve, "delete", one, if_match=tag), 412, "stale-version")
    assert send(eve, "delete", one).status_code == 204
    refused(send(eve, "delete", one), 404, "not-found")


def test_a_term_of_drafts_only_is_not_betrayed_by_a_write(send, rita, make_tag, make_post):
    tag = make_tag("Secret plan")
    make_post(draft=True, tags=[tag])
    refused(send(rita, "patch", f"/api/v1/tags/{tag.pk}/", {"name": "x"}), 404, "not-found")
    made = send(rita, "post", "/api/v1/tags/", {"name": "x"})
    refused(made, 403, "forbidden")


def test_options_tell_no_names(send, ada, eve, rita, make_post, make_category):
    make_category("Secret category")
    post = make_post(author=ada, draft=True, title="Secret draft")
    for user in (None, rita, ada, eve):
        for address in (POSTS, f"{POSTS}{post.pk}/", "/api/v1/tags/", f"{POSTS}bulk/"):
            response = send(user, "options", address)
            assert response.status_code in (200, 404), response.content
            assert "Secret" not in response.content.decode()
