"""Former saves of changes beside what is live, over the API: as in the admin."""

import pytest

from blog import working
from blog.models import Post, WorkingRevision, WorkingSave
from blog.services import trash_content, unpublish_content

pytestmark = pytest.mark.django_db
URN = "urn:inkstone:problem:"


@pytest.fixture
def reworked(ada, make_post) -> Post:
    """A live post with three saves of changes beside it."""
    post = make_post(author=ada, body="Black ink is old.\n")
    working.keep_changes(post, {"body": "Blue ink is old.\n"}, by=ada)
    working.keep_changes(post, {"title": "On blue ink"}, by=ada, reason="another title")
    working.keep_changes(post, {"body": "Short.\n"}, by=ada)
    return post


@pytest.fixture
def ask(client, ada, reworked):
    """`ask("2/restore/", method="post", tag=..., by=...)`, by ada if not named."""

    def request(tail="", *, method="get", tag=None, by=ada):
        client.force_login(by) if by else client.logout()
        address = f"/api/v1/posts/{reworked.pk}/working/saves/{tail}"
        return getattr(client, method)(address, headers={"If-Match": tag} if tag else None)

    return request


def test_saves_are_listed_and_read(client, ask, reworked, django_assert_max_num_queries):
    listed = ask().json()
    with django_assert_max_num_queries(8):
        client.get(f"/api/v1/posts/{reworked.pk}/working/saves/")
    assert (listed["count"], listed["next"], listed["previous"]) == (3, None, None)
    assert [row["number"] for row in listed["results"]] == [3, 2, 1]
    second = WorkingSave.objects.get(number=2)
    row = {
        "number": 2,
        "started_from": reworked.version,
        "created_at": second.created_at.isoformat().replace("+00:00", "Z"),
        "editor": "ada",
        "reason": "another title",
    }
    assert listed["results"][1] == row
    assert ask("2/").json() == {**row, "snapshot": second.snapshot}
    assert ask("9/").status_code == ask("?page=2").status_code == 404
    assert ask("?size=2").status_code == 400


def test_any_two_are_compared_and_the_first_with_what_was_live(ask):
    two = ask("diff/?from=1&to=2").json()
    assert (two["from"], two["to"]) == (1, 2)
    assert [(one["field"], one["after"]) for one in two["changes"]] == [("title", "On blue ink")]
    last = ask("diff/?from=2").json()
    assert (last["to"], [one["field"] for one in last["changes"]]) == (3, ["body"])
    first = ask("diff/?from=0&to=1").json()
    assert "-Black ink is old." in first["changes"][0]["lines"]
    for tail, status in (("", 400), ("?from=x", 400), ("?from=1&to=", 400), ("?from=1&to=9", 404)):
        assert ask(f"diff/{tail}").status_code == status, tail


def test_a_save_becomes_the_changes_again(client, ask, reworked):
    client.logout()
    public = client.get(f"/api/v1/posts/{reworked.pk}/").content
    tried = ask("1/restore/?validate_only=true", method="post")
    assert (tried.json()["result"]["number"], WorkingSave.objects.count()) == (4, 3)
    stale = ask("1/restore/", method="post", tag='"w2.0"')
    assert (stale.status_code, stale.json()["current_number"]) == (412, 3)
    answer = ask("1/restore/", method="post", tag=stale["ETag"])
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert (body["number"], body["reason"]) == (4, "restored save 1")
    assert body["snapshot"] == WorkingSave.objects.get(number=1).snapshot
    assert answer["ETag"].startswith('"w4.')
    client.logout()
    assert client.get(f"/api/v1/posts/{reworked.pk}/").content == public


def test_saves_outlive_their_changes(ask, reworked, ada):
    working.discard_changes(reworked, by=ada)
    assert ask().json()["count"] == 3
    answer = ask("2/restore/", method="post", tag=f'"v{reworked.version}.0"')
    assert (answer.status_code, answer.json()["snapshot"]["title"]) == (200, "On blue ink")


def test_nothing_waits_beside_what_is_not_live(ask, reworked, ada):
    working.discard_changes(reworked, by=ada)
    unpublish_content(reworked, by=ada)
    answer = ask("2/restore/", method="post")
    assert (answer.status_code, answer.content) == (204, b"")
    assert Post.objects.get().title == "On blue ink"
    assert not WorkingRevision.objects.exists()
    trash_content(reworked, by=ada)
    assert ask("1/restore/", method="post").status_code == 409


def test_who_may_not_change_it_does_not_see_them(client, ask, reworked, bob, cleo, rita, eve):
    calls = [("get", ""), ("get", "1/"), ("get", "diff/?from=1"), ("post", "1/restore/")]
    for method, tail in calls:
        for person, status in ((None, 401), (bob, 403), (cleo, 403), (rita, 403), (eve, 200)):
            assert ask(tail, method=method, by=person).status_code == status, (tail, person)
        other = f"/api/v1/pages/{reworked.pk}/working/saves/{tail}"
        assert getattr(client, method)(other).status_code == 404
    unpublish_content(reworked, by=eve)
    for method, tail in calls:
        assert ask(tail, method=method, by=bob).status_code == 404, tail
    assert ask(method="post").status_code == ask("1/", method="delete").status_code == 405


def test_pages_have_them_too(client, eve, make_page):
    page = make_page(body="We make ink.\n")
    working.keep_changes(page, {"body": "We made ink.\n"}, by=eve)
    client.force_login(eve)
    address = f"/api/v1/pages/{page.pk}/working/saves/"
    assert client.get(address).json()["count"] == 1
    changed = client.get(f"{address}diff/?from=0").json()["changes"]
    assert {"-We make ink.", "+We made ink."} < set(changed[0]["lines"])
    assert client.post(f"{address}1/restore/").status_code == 200
