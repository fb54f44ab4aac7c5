"""Changes to what is live, over the API."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from blog import working
from blog.models import Post, Site, Tag, WorkingRevision
from blog.services import save_content

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def live(ada, make_post) -> Post:
    with time_machine.travel(NOW - timedelta(1), tick=False):
        return make_post(author=ada, body="Ink is black.\n")


@pytest.fixture
def send(client, ada, live):
    """`send("patch", {...}, tail="publish/", tag=..., prefer=..., by=...)`, by ada if not named."""

    def request(method, data=None, *, tail="", tag=None, prefer=None, by=ada):
        client.force_login(by) if by else client.logout()
        given = {"If-Match": tag, "Prefer": prefer}
        return getattr(client, method)(
            f"/api/v1/posts/{live.pk}/working/{tail}",
            data,
            content_type="application/json",
            headers={name: value for name, value in given.items() if value},
        )

    return request


def test_changes_are_kept_read_published(client, send, live, ada):
    assert send("get").status_code == 404
    public = client.get(f"/api/v1/posts/{live.pk}/")
    answer = send("patch", {"title": "New", "tags": ["ink"], "reason": "Better"})
    assert answer.status_code == 200, answer.json()
    body = answer.json()
    assert (body["number"], body["started_from"], body["editor"]) == (1, live.version, "ada")
    assert (body["reason"], body["publish_at"], body["refusal"]) == ("Better", None, "")
    assert body["snapshot"]["title"] == "New"
    assert body["changes"][0] == {
        "field": "title",
        "before": "On ink",
        "after": "New",
        "lines": None,
        "words": None,
    }
    assert {change["field"] for change in body["changes"]} == {"title", "tags"}
    again = send("get")
    assert (again.json(), again["ETag"]) == (body, answer["ETag"])
    assert answer["ETag"].startswith('"w1.')
    assert "no-store" in again["Cache-Control"]
    path = f"/api/v1/posts/{live.pk}/working/"
    assert client.get(path, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    now = client.get(f"/api/v1/posts/{live.pk}/")
    assert now.json()["title"] == public.json()["title"] == "On ink"
    put = send("put", {"title": "Newer", "body": "All new."}, tag=answer["ETag"])
    assert put.json()["snapshot"]["tags"] == [Tag.objects.get().pk]
    published = send("post", {}, tail="publish/", tag=put["ETag"])
    assert (published.status_code, published.json()["title"]) == (200, "Newer")
    assert published["ETag"].startswith(f'"v{live.version + 1}.')
    assert send("get").status_code == 404
    assert send("post", {}, tail="publish/").status_code == 409


@time_machine.travel(NOW, tick=False)
def test_changes_are_scheduled_and_called_off(send, client, live):
    send("patch", {"title": "New"})
    for wrong in ({}, {"at": "soon"}, {"at": "2026-05-01T00:00:00Z"}):
        assert send("post", wrong, tail="schedule/").status_code == 400
    answer = send("post", {"at": "2026-06-01T13:00:00Z"}, tail="schedule/")
    assert answer.json()["publish_at"] == "2026-06-01T13:00:00Z"
    assert send("post", {"at": None}, tail="schedule/").json()["publish_at"] is None
    send("post", {"at": "2026-06-01T13:00:00Z"}, tail="schedule/")
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        assert client.get(f"/api/v1/posts/{live.pk}/").json()["title"] == "New"


def test_changes_are_discarded(send, live):
    send("patch", {"title": "New"})
    assert send("delete", tag='"w9.0"').status_code == 412
    assert send("delete").status_code == 204
    assert send("delete").status_code == 204
    assert not WorkingRevision.objects.exists()


def test_who_may_not_change_it_gets_what_they_get_elsewhere(send, live, bob, cleo, rita, eve):
    send("patch", {"title": "New"})
    calls = [("get", ""), ("patch", ""), ("put", ""), ("delete", "")]
    for method, tail in [*calls, ("post", "publish/"), ("post", "schedule/")]:
        for person, code in ((None, 401), (bob, 403), (cleo, 403), (rita, 403)):
            data = {"title": "Mine", "at": "2099-01-01T00:00:00Z"} if method != "get" else None
            assert send(method, data, tail=tail, by=person).status_code == code, (method, person)
    assert send("get", by=eve).status_code == 200
    assert send("post", tail="", by=eve).status_code == 405
    assert WorkingRevision.objects.get().last.number == 1


def test_bad_input_changes_nothing(send, live, make_post, ada):
    for data in ({"title": ""}, {"title": None}, {"body": " "}, {"slug": "a/b"}, {"tags": "x"}):
        assert send("patch", data).status_code == 400, data
    assert send("put", {"body": "No title."}).status_code == 400
    assert send("patch", {"title": live.title}).status_code == 409
    # What is not about the fields is passed over, here as elsewhere.
    assert send("patch", {"title": "New", "status": "draft"}).status_code == 200
    assert Post.objects.get().status == "published"
    Site.objects.update(publish_checks={"missing_alt": "blocking"})
    dry = send("patch", {"body": "![](/x.png)"}, tail="?validate_only=true")
    assert [one["rule"] for one in dry.json()["report"]] == ["missing_alt", "missing_description"]
    send("patch", {"body": "![](/x.png)"})
    refused = send("post", {}, tail="publish/")
    assert (refused.status_code, refused.json()["type"]) == (
        400,
        "urn:inkstone:problem:not-publishable",
    )


def test_a_draft_has_no_changes_beside_it(client, ada, make_post):
    draft = make_post(author=ada, draft=True)
    client.force_login(ada)
    path = f"/api/v1/posts/{draft.pk}/working/"
    answer = client.patch(path, {"title": "New"}, content_type="application/json")
    assert answer.status_code == 409


def test_nobody_is_written_over(send, live, ada, eve):
    first = f'"v{live.version}.0"'
    assert send("patch", {"title": "New"}, tag='"v77.0"').status_code == 412
    one = send("patch", {"title": "New"}, tag=first)
    assert one.status_code == 200
    two = send("patch", {"subtitle": "Of eve"}, tag=one["ETag"], by=eve)
    assert two.status_code == 200
    # Ada has the first save still, or even none.
    for tag in (one["ETag"], first):
        stale = send("patch", {"excerpt": "Short."}, tag=tag)
        assert (stale.status_code, stale.json()["current_number"]) == (412, 2)
        assert stale["ETag"] == two["ETag"]
    merged = send("patch", {"excerpt": "Short."}, tag=one["ETag"], prefer="merge")
    snapshot = merged.json()["snapshot"]
    assert (snapshot["subtitle"], snapshot["excerpt"]) == ("Of eve", "Short.")
    overlap = send("patch", {"subtitle": "Of ada"}, tag=one["ETag"], prefer="merge")
    assert overlap.status_code == 412
    assert overlap.json()["overlaps"] == [
        {"field": "subtitle", "base": "", "yours": "Of ada", "theirs": "Of eve"}
    ]


def test_what_became_live_meanwhile_is_told_and_then_passed(send, live, ada, eve):
    kept = send("patch", {"title": "New"})
    other = Post.objects.get()
    other.title = "Live"
    save_content(other, by=eve)
    refused = send("post", {}, tail="publish/")
    assert refused.status_code == 412
    assert refused.json()["overlaps"][0] == {
        "field": "title",
        "base": "On ink",
        "yours": "New",
        "theirs": "Live",
    }
    both = f'{kept["ETag"]}, "v{other.version}.0"'
    assert send("patch", {"title": "New"}, tag=both).status_code == 200
    assert send("post", {}, tail="publish/").json()["title"] == "New"


def test_pages_have_changes_too(client, eve, make_page):
    page = make_page()
    client.force_login(eve)
    path = f"/api/v1/pages/{page.pk}/working/"
    data = {"menu_position": 2, "body": "New."}
    assert client.patch(path, data, content_type="application/json").status_code == 200
    assert client.post(f"{path}publish/").json()["menu_position"] == 2
    assert working.of(page) is None
