"""A post on its way over the API: remarks, changes asked for, links for reviewers."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from blog import review_links
from blog.models import Post, Remark, ReviewComment, ReviewLink
from blog.services import publish_content, submit_content, trash_content
from blog.workflow import add_remark
from events.models import Event, KeptAnswer

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 2, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def submitted(cleo, make_post) -> Post:
    post = make_post(author=cleo, draft=True)
    submit_content(post, by=cleo)
    return post


@pytest.fixture
def send(client, submitted):
    """`send("post", "remarks/", by=eve, data={...})`: below the address of the post."""

    def request(method, tail, *, by, data=None, **headers):
        client.force_login(by) if by else client.logout()
        path = f"/api/v1/posts/{submitted.pk}/{tail}"
        return getattr(client, method)(path, data, content_type="application/json", headers=headers)

    return request


def test_a_remark_is_said_and_read(send, cleo, eve, submitted):
    made = send("post", "remarks/", by=eve, data={"text": " Name your sources.\n"})
    remark = Remark.objects.get()
    assert made.status_code == 201
    assert made.json() == {
        "id": remark.pk,
        "author": "eve",
        "kind": "comment",
        "text": "Name your sources.",
        "created_at": "2026-06-02T12:00:00Z",
        "resolved_at": None,
        "resolved_by": None,
    }
    one = f"/api/v1/posts/{submitted.pk}/remarks/{remark.pk}/"
    assert made["Location"] == f"https://blog.test{one}"
    assert send("get", f"remarks/{remark.pk}/", by=cleo).json() == made.json()
    assert send("get", "remarks/", by=cleo).json() == {
        "count": 1,
        "next": None,
        "previous": None,
        "results": [made.json()],
    }
    assert Event.objects.filter(kind="post.remarked", actor=eve).count() == 1


def test_a_remark_is_resolved_and_opened_again(send, cleo, eve, bob, submitted):
    remark = add_remark(submitted, by=eve, text="Name your sources.")
    one = f"remarks/{remark.pk}/"
    for _twice in range(2):
        body = send("patch", one, by=cleo, data={"resolved": True}).json()
        assert (body["resolved_at"], body["resolved_by"]) == ("2026-06-02T12:00:00Z", "cleo")
    assert Event.objects.filter(kind="post.remark_resolved", actor=cleo).count() == 1
    assert send("get", one, by=eve).json() == body
    body = send("patch", one, by=eve, data={"resolved": False}).json()
    assert (body["resolved_at"], body["resolved_by"]) == (None, None)
    for data in ({}, {"resolved": "perhaps"}, {"resolved": None}, [True]):
        assert send("patch", one, by=eve, data=data).status_code == 400, data
    assert send("patch", one, by=bob, data={"resolved": True}).status_code == 404
    dry = send("patch", f"{one}?validate_only=true", by=eve, data={"resolved": True})
    assert dry.json()["result"]["resolved_by"] == "eve"
    remark.refresh_from_db()
    assert (remark.resolved_at, remark.text) == (None, "Name your sources.")


def test_the_thread_comes_in_pages_and_at_a_fixed_cost(
    client, send, eve, submitted, django_assert_num_queries
):
    for number in range(25):
        add_remark(submitted, by=eve, text=f"Number {number}")
    send("get", "remarks/", by=eve)
    with django_assert_num_queries(7):
        first = client.get(f"/api/v1/posts/{submitted.pk}/remarks/").json()
    assert (first["count"], first["results"][0]["text"]) == (25, "Number 0")
    second = send("get", "remarks/?page=2", by=eve).json()
    assert [row["text"] for row in second["results"]][-1] == "Number 24"
    assert send("get", "remarks/?page=3", by=eve).status_code == 404
    assert send("get", "remarks/?cursor=first", by=eve).status_code == 400
    assert send("get", "remarks/?author=eve", by=eve).status_code == 400


def test_an_editor_asks_for_changes_in_the_version_they_read(send, cleo, eve, submitted):
    stale = {"If-Match": f'"v{submitted.version - 1}.0"'}
    said = {"text": "Name your sources."}
    assert send("post", "request-changes/", by=eve, data=said, **stale).status_code == 412
    dry = send("post", "request-changes/?validate_only=true", by=eve, data=said)
    assert dry.json()["result"]["status"] == "draft"
    assert not Remark.objects.exists()
    answer = send("post", "request-changes/", by=eve, data=said)
    assert (answer.status_code, answer.json()["status"]) == (200, "draft")
    assert answer["ETag"].startswith(f'"v{submitted.version + 1}.')
    assert send("get", "remarks/", by=cleo).json()["results"][0]["kind"] == "changes"
    again = send("post", "request-changes/", by=eve, data=said)
    assert (again.status_code, again.json()["detail"]) == (409, "It does not wait for review.")


def test_a_link_is_made_followed_and_revoked(client, send, cleo, eve, submitted):
    made = send("post", "review-links/", by=cleo, data={"label": "Grace", "days": 3})
    link = ReviewLink.objects.get()
    body = made.json()
    url = body.pop("url")
    assert made.status_code == 201
    assert "no-store" in made["Cache-Control"]
    assert body == {
        "id": link.pk,
        "label": "Grace",
        "made_by": "cleo",
        "created_at": "2026-06-02T12:00:00Z",
        "expires_at": "2026-06-05T12:00:00Z",
        "revoked_at": None,
        "is_open": True,
    }
    listed = send("get", "review-links/", by=eve)
    assert listed.json()["results"] == [body]
    assert url.rsplit("/", 2)[1] not in listed.content.decode()
    assert send("get", f"review-links/{link.pk}/", by=eve).json() == body
    client.logout()
    page = url.removeprefix("https://blog.test")
    assert client.get(page).status_code == 200
    assert client.post(page, {"name": "Grace", "text": "I like it."}).status_code == 302
    comment = ReviewComment.objects.get()
    assert send("get", "review-comments/", by=cleo).json()["results"] == [
        {
            "id": comment.pk,
            "link": link.pk,
            "name": "Grace",
            "text": "I like it.",
            "version": submitted.version,
            "created_at": "2026-06-02T12:00:00Z",
        }
    ]
    assert send("delete", f"review-links/{link.pk}/", by=eve).status_code == 204
    assert send("delete", f"review-links/{link.pk}/", by=eve).status_code == 204
    gone = send("get", f"review-links/{link.pk}/", by=eve).json()
    assert (gone["is_open"], gone["revoked_at"]) == (False, "2026-06-02T12:00:00Z")
    client.logout()
    assert client.get(page).status_code == 410
    assert Event.objects.filter(kind="post.review_link_revoked").count() == 1


def test_no_answer_that_holds_a_secret_is_kept(send, cleo):
    key = {"Idempotency-Key": "k1"}
    one = send("post", "review-links/", by=cleo, data={}, **key).json()["url"]
    assert send("post", "review-links/", by=cleo, data={}, **key).json()["url"] != one
    assert not KeptAnswer.objects.exists()
    said = {"text": "Once."}
    send("post", "remarks/", by=cleo, data=said, **key)
    again = send("post", "remarks/", by=cleo, data=said, **key)
    assert again["Idempotent-Replayed"] == "true"
    assert Remark.objects.count() == 1


def test_a_link_runs_out_and_there_may_not_be_too_many(send, cleo, submitted, clock, monkeypatch):
    send("post", "review-links/", by=cleo)
    monkeypatch.setattr(review_links, "MAX_OPEN_LINKS", 1)
    assert send("post", "review-links/", by=cleo).status_code == 409
    clock.move_to(NOW + timedelta(days=14))
    assert send("get", "review-links/", by=cleo).json()["results"][0]["is_open"] is False
    assert send("post", "review-links/", by=cleo).status_code == 201


def test_bad_input_is_named_and_makes_nothing(send, cleo, eve):
    for data in ({}, {"text": ""}, {"text": "  "}, {"text": "x" * 5_001}, {"text": "a\x00"}, [1]):
        for tail, by in (("remarks/", cleo), ("request-changes/", eve)):
            answer = send("post", tail, by=by, data=data)
            assert answer.status_code == 400, (tail, data)
            assert answer["Content-Type"] == "application/problem+json"
    assert send("post", "remarks/", by=cleo, data={"text": "\x0b"}).status_code == 400
    for data in ({"days": 0}, {"days": 91}, {"days": "x"}, {"label": "x" * 101}, [1]):
        assert send("post", "review-links/", by=cleo, data=data).status_code == 400, data
    for tail in ("review-links/?days=3", "remarks/?text=x"):
        assert send("post", tail, by=cleo, data={"text": "x"}).status_code == 400
    assert not Remark.objects.exists()
    assert not ReviewLink.objects.exists()


def test_each_door_opens_to_who_may_discuss_it(send, client, bob, cleo, rita, eve, submitted):
    link, _url = review_links.make_link(submitted, by=eve)
    remark = add_remark(submitted, by=eve, text="First")
    links = f"review-links/{link.pk}/"
    reads = ("remarks/", f"remarks/{remark.pk}/", "review-links/", links, "review-comments/")
    writes = (("post", "remarks/"), ("post", "review-links/"), ("delete", links))

    def statuses(by):
        client.force_login(by) if by else client.logout()
        said = {"data": {"text": "Mine"}, "content_type": "application/json"}
        path = f"/api/v1/posts/{submitted.pk}/"
        found = {client.get(path + tail).status_code for tail in reads}
        return found | {
            getattr(client, how)(path + tail, **said).status_code for how, tail in writes
        }

    assert statuses(None) == {401}
    assert statuses(bob) == statuses(rita) == {404}  # They see no such post,
    publish_content(submitted, by=eve)
    assert statuses(bob) == statuses(rita) == {403}  # and now no more than the post.
    assert send("get", "remarks/", by=cleo).status_code == 200  # No longer theirs to change.
    assert send("post", "request-changes/", by=cleo, data={"text": "x"}).status_code == 403
    assert (Remark.objects.count(), ReviewLink.objects.open().count()) == (1, 1)
    for method, tail in (("put", "remarks/"), ("delete", "remarks/"), ("get", "request-changes/")):
        assert send(method, tail, by=eve).status_code == 405
    trash_content(submitted, by=eve)
    assert statuses(cleo) == statuses(eve) == {404}


def test_what_belongs_to_another_post_is_not_found_here(send, eve, make_post):
    other = make_post(author=eve, draft=True)
    link, _url = review_links.make_link(other, by=eve)
    remark = add_remark(other, by=eve, text="Elsewhere")
    for tail in (f"remarks/{remark.pk}/", f"review-links/{link.pk}/"):
        assert send("get", tail, by=eve).status_code == 404
    assert send("delete", f"review-links/{link.pk}/", by=eve).status_code == 404
    done = {"resolved": True}
    assert send("patch", f"remarks/{remark.pk}/", by=eve, data=done).status_code == 404
    assert ReviewLink.objects.open().count() == 1
