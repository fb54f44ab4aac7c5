"""The first page of the admin: what waits for whom, and nothing that they may not open."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from blog import agenda, planning, review_links, working
from blog.models import Task, WorkingRevision
from blog.services import save_content, submit_content, trash_content
from blog.todo import save_task
from blog.workflow import request_changes
from events.models import Event, Receipt

pytestmark = pytest.mark.django_db
QUERIES = 16
NOW = datetime(2026, 6, 17, 12, tzinfo=UTC)  # a Wednesday


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOW, tick=False):
        yield


def shown(user) -> dict[str, list[str]]:
    return {box.key: [entry.text for entry in box.entries] for box in agenda.boxes(user)}


def test_everybody_finds_their_own_and_editors_everything(ada, bob, cleo, eve, make_post):
    waiting = make_post(author=cleo, draft=True, title="Waits")
    submit_content(waiting, by=cleo)
    make_post(author=ada, title="Tomorrow", published_at=NOW + timedelta(days=1))
    make_post(author=ada, title="Later", published_at=NOW + timedelta(days=2))
    trash_content(make_post(author=ada, title="Thrown away", draft=True), by=ada)
    commented = make_post(author=ada, title="Talked about", draft=True)
    link, _ = review_links.make_link(commented, by=ada)
    review_links.add_comment(link, name="Zoe", text="Good.", address="x")
    save_task(Task(title="Check names", assignee=ada, due=date(2026, 6, 16)), by=eve)
    save_task(Task(title="Done", assignee=ada, completed=True), by=eve)

    of_ada = shown(ada)
    assert of_ada["reviews"] == []
    assert of_ada["scheduled"] == ["Tomorrow", "Later"]
    assert of_ada["tasks"] == ["Check names"]
    assert of_ada["comments"] == ["Zoe about “Talked about”"]
    assert set(of_ada["recent"]) == {"Tomorrow", "Later", "Talked about"}
    assert shown(cleo)["reviews"] == ["Waits"]
    assert shown(cleo)["comments"] == []
    assert not any(shown(bob).values())
    of_eve = shown(eve)
    assert of_eve["reviews"] == ["Waits"]
    assert of_eve["comments"] == of_ada["comments"]
    assert of_eve["tasks"] == []
    assert "Thrown away" not in of_eve["recent"]
    tasks = next(box for box in agenda.boxes(ada) if box.key == "tasks")
    assert tasks.entries[0].is_late


def test_what_was_sent_back_and_what_changes_come(ada, bob, cleo, eve, make_post):
    draft = make_post(author=cleo, draft=True, title="Sent back")
    submit_content(draft, by=cleo)
    request_changes(draft, by=eve, text="Shorter, please.")
    live = make_post(author=ada, title="Live")
    working.keep_changes(live, {"body": "New."}, by=ada)
    working.schedule_changes(live, NOW + timedelta(hours=2), by=ada)
    assert shown(cleo)["returned"] == ["Sent back"]
    assert shown(eve)["returned"] == []
    for user in (ada, eve):
        assert shown(user)["scheduled"] == ["Live"]
        day = planning.month_of(NOW.date(), user).days[NOW.day - 1]
        assert [row.post for row in day.changes] == [live]
    assert shown(bob)["scheduled"] == []
    assert not any(day.changes for day in planning.month_of(NOW.date(), bob).days)
    WorkingRevision.objects.update(publish_at=None, refusal="The text is empty.")
    assert shown(ada)["returned"] == ["Live"]
    assert shown(bob)["returned"] == []


def test_it_says_who_saved_last(eve, ada, make_post):
    post = make_post(author=ada, draft=True, title="Of both")
    save_content(post, by=eve)
    box = next(box for box in agenda.boxes(ada) if box.key == "recent")
    assert box.entries[0].aside == "Draft · 2026-06-17 12:00 · eve"


def test_weeks_begin_on_monday_where_the_site_is(settings, make_post):
    settings.SITE_TIME_ZONE = "Europe/Berlin"
    # Monday of that week began in Berlin when it was still Sunday in Greenwich.
    monday = datetime(2026, 6, 14, 22, tzinfo=UTC)
    make_post(published_at=monday)
    make_post(published_at=monday - timedelta(seconds=1))
    make_post(published_at=monday - timedelta(days=1))
    make_post(published_at=NOW + timedelta(hours=1))
    make_post(draft=True)
    chart = agenda.published_per_week()
    assert [(week.monday, week.count) for week in chart.weeks[-2:]] == [
        (date(2026, 6, 8), 2),
        (date(2026, 6, 15), 1),
    ]
    assert (chart.total, chart.most, len(chart.weeks)) == (3, 2, 26)
    assert [week.height for week in chart.weeks[-3:]] == [1, 60, 30]


def test_the_chart_of_an_empty_site(db):
    chart = agenda.published_per_week()
    assert (chart.total, chart.most) == (0, 0)
    assert {week.height for week in chart.weeks} == {1}


def test_the_page_asks_a_fixed_number_of_queries(
    client, eve, make_post, make_page, django_assert_num_queries
):
    client.force_login(eve)
    assert "Nothing waits for review." in client.get("/admin/").content.decode()
    for amount in (1, 9):
        for number in range(amount):
            post = make_post(title=f"Post {number}", author=eve, draft=True)
            submit_content(post, by=eve)
            link, _address = review_links.make_link(post, by=eve)
            review_links.add_comment(link, name="Zoe", text="Good.", address=str(number))
        make_post(author=eve, published_at=NOW + timedelta(days=1))
        make_page()
        save_task(Task(title="Check", assignee=eve), by=eve)
        with django_assert_num_queries(QUERIES):
            html = client.get("/admin/").content.decode()
    assert "Zoe about “Post 8”" in html
    assert "<rect" in html


def test_work_that_was_given_up_is_told_to_who_may_see_it(client, sam, eve, make_post):
    make_post(author=eve)
    event = Event.objects.first()
    Receipt.objects.create(
        event=event, handler="x", state=Receipt.State.PARKED, done_at=timezone.now()
    )
    client.force_login(sam)
    assert "1 piece of work was given up." in client.get("/admin/").content.decode()
    client.force_login(eve)
    html = client.get("/admin/").content.decode()
    assert "given up" not in html
    assert "/admin/work/" not in html
    assert "/admin/blog/page/add/" in html


def test_a_name_is_no_markup(client, ada, make_post):
    post = make_post(author=ada, title="<b>Bold</b>", draft=True)
    link, _ = review_links.make_link(post, by=ada)
    review_links.add_comment(link, name="<i>Zoe</i>", text="x", address="x")
    client.force_login(ada)
    html = client.get("/admin/").content.decode()
    assert "<i>Zoe" not in html
    assert "<b>Bold" not in html
    assert "&lt;i&gt;Zoe" in html
