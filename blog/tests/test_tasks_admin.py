"""The to-do list in the admin."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from blog.models import Task
from blog.todo import save_task

pytestmark = pytest.mark.django_db
TASKS = "/admin/blog/task/"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(datetime(2026, 6, 2, 12, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def make_task():
    def make(by, **fields) -> Task:
        return save_task(Task(**{"title": "Check the facts", **fields}), by=by)

    return make


def filled(task: Task | None = None, **changes) -> dict:
    """What a browser would send."""
    form = {"title": "", "description": "", "assignee": "", "post": "", "due": ""}
    if task is not None:
        form |= {"title": task.title, "description": task.description}
        form |= {"assignee": task.assignee_id or "", "post": task.post_id or ""}
        form |= {"due": task.due or "", "opened_version": task.version}
    return form | changes


def test_an_editor_writes_one_down_for_somebody(client, eve, ada, make_post):
    post = make_post(author=ada)
    client.force_login(eve)
    form = filled(title="Check the facts", assignee=ada.pk, post=post.pk, due="2026-06-03")
    assert client.post(f"{TASKS}add/", form).status_code == 302
    task = Task.objects.get()
    assert (task.created_by, task.assignee, task.post) == (eve, ada, post)
    html = client.get(TASKS).content.decode()
    assert "Check the facts" in html
    assert post.title in html


def test_the_most_urgent_comes_first_and_what_is_done_is_put_away(client, eve, make_task):
    make_task(eve, title="Some day")
    make_task(eve, title="Late one", due=date(2026, 6, 1))
    make_task(eve, title="Done one", completed=True)
    client.force_login(eve)
    html = client.get(TASKS).content.decode()
    assert html.index("Late one") < html.index("Some day")
    assert "2026-06-01 (late)" in html
    assert "Done one" not in html
    done = client.get(f"{TASKS}?state=done").content.decode()
    assert "Done one" in done
    assert "Some day" not in done


def test_one_ticks_off_many_at_once_those_one_may(client, ada, eve, make_post, make_task):
    mine = make_task(eve, title="Mine", assignee=ada)
    seen = make_task(eve, title="About mine", post=make_post(author=ada))
    client.force_login(ada)
    form = {"action": "complete", "_selected_action": [mine.pk, seen.pk]}
    html = client.post(TASKS, form, follow=True).content.decode()
    assert "1 task changed." in html
    assert list(Task.objects.filter(completed=True)) == [mine]


def test_a_hidden_post_stays_when_the_assignee_saves(client, ada, cleo, eve, make_post, make_task):
    post = make_post(author=ada, draft=True, title="Secret plans")
    task = make_task(eve, assignee=cleo, post=post)
    client.force_login(cleo)
    page = client.get(f"{TASKS}{task.pk}/change/")
    assert "Secret plans" not in page.content.decode()
    assert "Secret plans" not in client.get(TASKS).content.decode()
    form = filled(task, completed="on")
    del form["post"]
    assert client.post(f"{TASKS}{task.pk}/change/", form).status_code == 302
    task.refresh_from_db()
    assert (task.completed, task.post, task.assignee) == (True, post, cleo)


def test_others_find_nothing(client, ada, bob, rita, make_task):
    task = make_task(ada)
    address = f"{TASKS}{task.pk}/change/"
    client.force_login(bob)
    assert client.get(address).status_code == 404
    assert client.post(address, filled(task, title="Mine")).status_code == 404
    client.force_login(rita)
    assert client.get(TASKS).status_code == 404
    task.refresh_from_db()
    assert task.title == "Check the facts"


def test_an_author_reads_what_is_about_an_own_post_and_changes_nothing(
    client, ada, eve, make_post, make_task
):
    task = make_task(eve, post=make_post(author=ada))
    address = f"{TASKS}{task.pk}/change/"
    client.force_login(ada)
    assert client.get(address).status_code == 200
    assert client.post(address, filled(task, title="Mine")).status_code == 404
    assert client.get(f"{TASKS}{task.pk}/delete/").status_code == 404


def test_what_is_refused_is_told_in_the_form(client, ada, bob, make_task):
    client.force_login(ada)
    refused = client.post(f"{TASKS}add/", filled(title="x", assignee=bob.pk))
    assert refused.status_code == 200
    assert "errorlist" in refused.content.decode()
    task = make_task(ada)
    save_task(Task.objects.get(), by=ada)
    stale = client.post(f"{TASKS}{task.pk}/change/", filled(task, title="Older"))
    assert stale.status_code == 200
    assert "Somebody else has saved this" in stale.content.decode()
    task.refresh_from_db()
    assert task.title == "Check the facts"


def test_who_made_it_deletes_it(client, ada, make_task):
    task = make_task(ada)
    client.force_login(ada)
    assert client.post(f"{TASKS}{task.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Task.objects.exists()


def test_a_list_takes_as_many_queries_however_long(
    client, eve, ada, make_post, make_task, django_assert_num_queries
):
    for number in range(20):
        make_task(eve, title=f"Task {number}", assignee=ada)
    make_task(eve, post=make_post(author=ada))
    client.force_login(eve)
    client.get(TASKS)
    with django_assert_num_queries(8):
        client.get(TASKS)
