"""The to-do list over the API: whole bodies, each role, each refusal."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from accounts.tokens import make_personal_token
from blog.models import Task
from blog.services import trash_content
from blog.todo import save_task

pytestmark = pytest.mark.django_db
TASKS = "/api/v1/tasks/"
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def make_task():
    def make(by, **fields) -> Task:
        return save_task(Task(**{"title": "Check the facts", **fields}), by=by)

    return make


@pytest.fixture
def send(client):
    def send(user, method, address, data=None, **headers):
        client.logout()
        if user is not None:
            client.force_login(user)
        extra = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
        if method not in ("get", "delete"):
            extra |= {"data": data or {}, "content_type": "application/json"}
        return getattr(client, method)(address, **extra)

    return send


def titles(response) -> list[str]:
    assert response.status_code == 200, response.content
    return [row["title"] for row in response.json()["results"]]


def test_an_editor_gives_a_task_to_an_author(send, eve, ada, make_post):
    post = make_post(author=ada, draft=True)
    body = {
        "title": "Check the facts",
        "description": "Who made the first ink?\n",
        "assignee": "ada",
        "post_id": post.pk,
        "due": "2026-06-03",
        "version": 99,
        "created_by": "ada",
    }
    response = send(eve, "post", TASKS, body)
    assert response.status_code == 201, response.content
    task = Task.objects.get()
    expected = {
        "id": task.pk,
        "title": "Check the facts",
        "description": "Who made the first ink?\n",
        "completed": False,
        "assignee": "ada",
        "assignee_name": "Ada Lovelace",
        "post": {
            "id": post.pk,
            "title": "On ink",
            "url": f"https://blog.test{post.get_absolute_url()}",
            "state": "draft",
        },
        "due": "2026-06-03",
        "created_by": "eve",
        "created_at": "2026-06-01T12:00:00Z",
        "updated_at": "2026-06-01T12:00:00Z",
        "version": 1,
    }
    assert response.json() == expected
    assert response["Location"].endswith(f"{TASKS}{task.pk}/")
    assert send(ada, "get", f"{TASKS}{task.pk}/").json() == expected
    assert send(ada, "get", TASKS).json()["results"] == [expected]


def test_who_has_it_ticks_it_off_and_what_was_read_can_be_sent_back(send, eve, ada, make_task):
    task = make_task(eve, assignee=ada)
    address = f"{TASKS}{task.pk}/"
    response = send(ada, "patch", address, {"completed": True})
    assert (response.status_code, response.json()["completed"]) == (200, True)
    again = send(ada, "put", address, {**response.json(), "completed": False})
    assert again.status_code == 200, again.content
    assert (again.json()["completed"], again.json()["assignee"]) == (False, "ada")


def test_each_sees_what_concerns_them_and_the_rest_is_404(
    send, ada, bob, cleo, eve, rita, make_post, make_task
):
    post = make_post(author=ada, draft=True)
    make_task(eve, title="for cleo", assignee=cleo)
    make_task(bob, title="by bob")
    about = make_task(eve, title="about ada's post", post=post)
    assert titles(send(eve, "get", TASKS + "?ordering=created_at")) == [
        "for cleo",
        "by bob",
        "about ada's post",
    ]
    assert titles(send(cleo, "get", TASKS)) == ["for cleo"]
    assert titles(send(bob, "get", TASKS)) == ["by bob"]
    assert titles(send(ada, "get", TASKS)) == ["about ada's post"]
    address = f"{TASKS}{about.pk}/"
    assert send(bob, "get", address).status_code == 404
    assert send(bob, "patch", address, {"title": "Mine"}).status_code == 404
    assert send(ada, "patch", address, {"title": "Mine"}).status_code == 403
    assert send(ada, "delete", address).status_code == 403
    assert send(rita, "get", TASKS).status_code == 404
    assert send(rita, "post", TASKS, {"title": "x"}).status_code == 404
    assert send(None, "get", TASKS).status_code == 401
    assert send(eve, "delete", address).status_code == 204
    assert send(eve, "post", address).status_code == 405


def test_a_post_that_one_may_not_open_is_not_shown(send, ada, cleo, eve, make_post, make_task):
    post = make_post(author=ada, draft=True, title="Secret plans")
    task = make_task(eve, assignee=cleo, post=post)
    response = send(cleo, "get", f"{TASKS}{task.pk}/")
    assert response.json()["post"] is None
    assert titles(send(cleo, "get", f"{TASKS}?post={post.pk}")) == []
    assert titles(send(ada, "get", f"{TASKS}?post={post.pk}")) == ["Check the facts"]
    # Changed by who does not see it, it stays.
    assert send(cleo, "patch", f"{TASKS}{task.pk}/", {"completed": True}).status_code == 200
    assert Task.objects.get().post == post
    trash_content(post, by=eve)
    assert send(eve, "get", f"{TASKS}{task.pk}/").json()["post"] is None


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"title": ""}, "#/title"),
        ({"title": "x" * 201}, "#/title"),
        ({"title": "x", "description": "y" * 10_001}, "#/description"),
        ({"title": "x", "due": "tomorrow"}, "#/due"),
        ({"title": "x", "assignee": "bob"}, "#/assignee"),
        ({"title": "x", "assignee": "nobody_here"}, "#/assignee"),
        ({"title": "x", "post_id": 4711}, "#/post_id"),
        ({"title": "x", "post_id": 2**63 - 1}, "#/post_id"),
        ({"title": "x", "completed": "perhaps"}, "#/completed"),
    ],
)
def test_what_cannot_be_is_told_by_field(change, pointer, send, ada, bob):
    response = send(ada, "post", TASKS, change)
    assert response.status_code == 400, response.content
    assert [error["pointer"] for error in response.json()["errors"]] == [pointer]
    assert not Task.objects.exists()


def test_another_name_tells_no_author_who_is_there(send, ada, bob):
    answers = [
        send(ada, "post", TASKS, {"title": "x", "assignee": name}).json()["errors"]
        for name in ("bob", "nobody_here")
    ]
    assert answers[0] == answers[1]


def test_a_reader_cannot_be_given_a_task(send, eve, rita):
    response = send(eve, "post", TASKS, {"title": "x", "assignee": "rita"})
    assert response.status_code == 400
    assert response.json()["errors"][0]["pointer"] == "#/assignee"


def test_an_old_version_is_refused(send, ada, make_task):
    task = make_task(ada)
    address = f"{TASKS}{task.pk}/"
    etag = send(ada, "get", address)["ETag"]
    changed = send(ada, "patch", address, {"title": "Mine"}, if_match=etag)
    assert changed.status_code == 200
    refused = send(ada, "patch", address, {"title": "Mine too"}, if_match=etag)
    assert refused.status_code == 412
    assert refused.json()["current_version"] == 2
    assert send(ada, "delete", address, if_match=etag).status_code == 412
    newer = changed["ETag"]
    assert send(ada, "patch", address, {"title": "Now"}, if_match=newer).status_code == 200


def test_what_is_held_is_not_sent_again_until_something_changes(send, ada, make_task):
    task = make_task(ada)
    etag = send(ada, "get", TASKS)["ETag"]
    assert send(ada, "get", TASKS, if_none_match=etag).status_code == 304
    save_task(task, by=ada)
    assert send(ada, "get", TASKS, if_none_match=etag).status_code == 200


def test_lists_are_narrowed_searched_and_paged(send, ada, eve, make_task):
    for day in (3, 1, 2):
        make_task(eve, title=f"Day {day}", due=date(2026, 6, day), assignee=ada)
    make_task(eve, title="Some day", description="Whenever")
    make_task(eve, title="Done", completed=True)
    by_due = ["Day 1", "Day 2", "Day 3", "Some day", "Done"]
    assert titles(send(eve, "get", TASKS)) == by_due
    assert titles(send(eve, "get", TASKS + "?completed=true")) == ["Done"]
    assert titles(send(eve, "get", TASKS + "?assignee=ada")) == by_due[:3]
    assert titles(send(eve, "get", TASKS + "?assignee=me")) == []
    assert titles(send(ada, "get", TASKS + "?assignee=me")) == by_due[:3]
    assert titles(send(eve, "get", TASKS + "?due_before=2026-06-02")) == ["Day 1"]
    assert titles(send(eve, "get", TASKS + "?due_after=2026-06-02")) == ["Day 2", "Day 3"]
    assert titles(send(eve, "get", TASKS + "?search=whenever")) == ["Some day"]
    assert send(eve, "get", TASKS + "?due_before=soon").status_code == 400
    assert send(eve, "get", TASKS + "?finished=true").status_code == 400
    for ordering, expected in (("due", by_due), ("-due", [*by_due[2::-1], *by_due[:2:-1]])):
        seen, link = [], f"{TASKS}?cursor=first&page_size=2&ordering={ordering}"
        while link:
            page = send(eve, "get", link).json()
            seen += [row["title"] for row in page["results"]]
            link = page["next"]
        assert seen == expected
    chosen = send(eve, "get", TASKS + "?fields=title,due&page_size=1").json()["results"]
    assert chosen == [{"title": "Day 1", "due": "2026-06-01"}]


def test_a_token_needs_its_scope_and_a_repeated_request_makes_one(client, ada):
    _row, reading = make_personal_token(ada, name="reads", scopes=["read"])
    held = {"HTTP_AUTHORIZATION": f"Bearer {reading}"}
    assert client.get(TASKS, **held).status_code == 200
    refused = client.post(TASKS, {"title": "x"}, content_type="application/json", **held)
    assert refused.status_code == 403
    client.force_login(ada)
    for _try in range(2):
        answer = client.post(
            TASKS, {"title": "x"}, content_type="application/json", HTTP_IDEMPOTENCY_KEY="once-only"
        )
        assert answer.status_code == 201
    assert Task.objects.count() == 1
    tried = client.post(f"{TASKS}?validate_only=true", {"title": "y"}, "application/json")
    assert (tried.status_code, tried.json()["valid"]) == (200, True)
    assert Task.objects.count() == 1


def test_a_list_takes_as_many_queries_however_long(
    client, eve, ada, make_post, make_task, django_assert_num_queries
):
    client.force_login(eve)
    for number in range(30):
        make_task(eve, post=make_post(title=f"P{number}") if number < 10 else None, assignee=ada)
    client.get(TASKS)
    with django_assert_num_queries(8):
        response = client.get(f"{TASKS}?page_size=30")
    assert len(response.json()["results"]) == 30
