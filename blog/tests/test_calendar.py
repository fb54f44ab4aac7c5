"""The month calendar: each post on the day it has where the site is, and moved by a form."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser

from blog import planning
from blog.models import Post
from blog.services import publish_content, save_content, submit_content, trash_content
from events.models import Receipt

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CALENDAR = "/admin/blog/post/calendar/"
QUERIES = 10


@pytest.fixture(autouse=True)
def first_of_march():
    with time_machine.travel(NOW, tick=False):
        yield


def days(user, day: date) -> dict[int, list[str]]:
    month = planning.month_of(day, user)
    return {each.date.day: [post.title for post in each.posts] for each in month.days if each.posts}


def moving(post: Post, at: str, **values) -> dict:
    return {"at": at, "version": post.version, **values}


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Europe/Berlin", date(2026, 3, 29)),  # 23 hours
        ("Europe/Berlin", date(2026, 10, 25)),  # 25 hours
        ("Africa/Cairo", date(2026, 4, 24)),  # begins at 01:00: there is no midnight
        ("Africa/Cairo", date(2026, 10, 29)),  # at 24:00 it is 23:00 again
        ("America/Havana", date(2026, 11, 1)),  # has midnight twice
    ],
)
def test_a_day_is_all_of_it_and_no_more(settings, make_post, eve, zone, day):
    settings.SITE_TIME_ZONE = zone
    zone = ZoneInfo(zone)
    first = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    tomorrow = day + timedelta(days=1)
    end = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=zone).astimezone(UTC)
    assert end - first != timedelta(days=1)
    second = timedelta(seconds=1)
    for title, moment in {
        "before": first - second,
        "first": first,
        "last": end - second,
        "after": end,
    }.items():
        make_post(title=title, published_at=moment)
    for asked, titles in {
        day - timedelta(days=1): ["before"],
        day: ["first", "last"],
        tomorrow: ["after"],
    }.items():
        assert days(eve, asked)[asked.day] == titles


def test_the_last_second_of_a_month_is_in_it(settings, make_post, eve):
    settings.SITE_TIME_ZONE = "Pacific/Auckland"
    end = datetime(2026, 3, 31, 11, tzinfo=UTC)  # midnight there
    make_post(title="March", published_at=end - timedelta(seconds=1))
    make_post(title="April", published_at=end)
    assert days(eve, date(2026, 3, 5)) == {31: ["March"]}
    assert days(eve, date(2026, 4, 30)) == {1: ["April"]}


def test_who_finds_what_in_it(ada, bob, cleo, eve, make_post):
    make_post(author=ada, title="Public", published_at=NOW - timedelta(hours=1))
    make_post(author=ada, title="Scheduled", published_at=NOW + timedelta(hours=1))
    make_post(author=ada, title="Planned", draft=True, published_at=None)
    planned = Post.objects.get(title="Planned")
    planning.move(planned, by=ada, at=NOW + timedelta(hours=2))
    trash_content(
        make_post(author=ada, title="Gone", published_at=NOW + timedelta(hours=1)), by=ada
    )
    everything = {1: ["Public", "Scheduled", "Planned"]}
    assert days(ada, NOW.date()) == days(eve, NOW.date()) == everything
    only_public = {1: ["Public"]}
    assert days(bob, NOW.date()) == days(cleo, NOW.date()) == only_public
    assert days(AnonymousUser(), NOW.date()) == only_public
    assert planned.status == Post.Status.DRAFT


def test_the_page_is_a_table_with_ways_to_other_months(
    client, ada, make_post, django_assert_num_queries
):
    post = make_post(author=ada, title="<Soon>", published_at=NOW + timedelta(days=3))
    make_post(author=ada, title="No day", draft=True)
    client.force_login(ada)
    html = client.get(CALENDAR).content.decode()
    assert "March 2026" in html
    assert 'href="?month=2026-02"' in html
    assert 'href="?month=2026-04"' in html
    assert "&lt;Soon&gt;" in html
    assert f"move={post.pk}" in html
    assert html.count('role="columnheader"') == 7
    assert "No day" in html
    for number in range(5):
        make_post(author=ada, published_at=NOW + timedelta(days=number))
        with django_assert_num_queries(QUERIES):
            client.get(CALENDAR, {"month": "2026-03"})


def test_a_day_with_five_hundred_entries_is_bounded_and_all_of_them_are_reached(
    client, settings, eve, make_post, make_page, django_assert_num_queries
):
    settings.SITE_TIME_ZONE = "Asia/Tokyo"
    first = make_post(title="Post 0", published_at=datetime(2026, 3, 9, 15, tzinfo=UTC))
    fields = {field.attname: getattr(first, field.attname) for field in Post._meta.concrete_fields}
    Post.objects.bulk_create(
        Post(
            **fields
            | {
                "id": None,
                "title": f"Post {number}",
                "slug": f"post-{number}",
                "published_at": first.published_at + timedelta(minutes=number),
            }
        )
        for number in range(1, 500)
    )
    page = make_page(title="A page", draft=True)
    publish_content(page, by=None, at=datetime(2026, 3, 9, 15, 2, 30, tzinfo=UTC))
    last = make_post(title="The next day", published_at=datetime(2026, 3, 10, 15, tzinfo=UTC))
    client.force_login(eve)
    month = planning.month_of(date(2026, 3, 10), eve)
    day = month.days[9]
    assert (day.total, len(day.posts), day.more) == (501, 6, 495)
    assert [entry.thing.title for entry in day.shown][2:5] == ["Post 2", "A page", "Post 3"]
    # Whatever comes after so many is there, too.
    assert [post.pk for post in month.days[10].posts] == [last.pk]
    html = client.get(CALENDAR, {"month": "2026-03"}).content.decode()
    assert '<a href="?day=2026-03-10">and 495 more' in html
    assert len(html) < 120_000
    seen = []
    for number, length in ((1, 100), (6, 1)):
        with django_assert_num_queries(QUERIES + 4):
            answer = client.get(CALENDAR, {"day": "2026-03-10", "p": number})
        entries = answer.context["entries"]
        assert (len(entries), entries.paginator.count) == (length, 501)
        seen += [entry.thing.title for entry in entries]
    assert seen[:2] == ["Post 0", "Post 1"]
    assert seen[-1] == "Post 499"


@pytest.mark.parametrize("day", ["2026-02-30", "2026-3-1", "x", "1899-12-31", "२०२६-०३-०१"])
def test_a_day_that_is_none_is_not_found(client, ada, day):
    client.force_login(ada)
    assert client.get(CALENDAR, {"day": day}).status_code == 404


def test_an_empty_day_says_so_and_others_see_no_pages(client, ada, make_page):
    page = make_page(title="A page", draft=True)
    publish_content(page, by=None, at=NOW + timedelta(days=1))
    client.force_login(ada)
    html = client.get(CALENDAR, {"day": "2026-03-02"}).content.decode()
    assert "Nothing is on this day." in html
    assert "A page" not in html


@pytest.mark.parametrize("month", ["2026-13", "2026-00", "x", "1899-12", "2200-01", "२०२६-०३"])
def test_a_month_that_is_none_is_not_found(client, ada, month):
    client.force_login(ada)
    assert client.get(CALENDAR, {"month": month}).status_code == 404


def test_the_first_and_the_last_month_lead_back_only(client, ada):
    client.force_login(ada)
    assert 'rel="prev"' not in client.get(CALENDAR, {"month": "1900-01"}).content.decode()
    assert 'rel="next"' not in client.get(CALENDAR, {"month": "2199-12"}).content.decode()


def test_a_scheduled_post_is_moved_in_the_time_of_the_site(client, settings, ada, make_post):
    settings.SITE_TIME_ZONE = "Europe/Berlin"
    post = make_post(author=ada, published_at=NOW + timedelta(days=1))
    client.force_login(ada)
    html = client.get(CALENDAR, {"move": post.pk}).content.decode()
    assert 'value="2026-03-02T13:00"' in html
    # The day before the clocks change, and the day after.
    for typed, moment in {
        "2026-03-28T09:00": datetime(2026, 3, 28, 8, tzinfo=UTC),
        "2026-03-30T09:00": datetime(2026, 3, 30, 7, tzinfo=UTC),
    }.items():
        answer = client.post(f"{CALENDAR}?move={post.pk}", moving(post, typed))
        assert answer["Location"] == f"{CALENDAR}?month=2026-03"
        post.refresh_from_db()
        assert (post.published_at, post.state) == (moment, Post.State.SCHEDULED)
    assert post.revisions.first().editor == ada


def test_a_time_that_the_clock_leaves_out_is_refused(client, settings, ada, make_post):
    settings.SITE_TIME_ZONE = "Europe/Berlin"
    post = make_post(author=ada, published_at=NOW + timedelta(days=1))
    client.force_login(ada)
    answer = client.post(f"{CALENDAR}?move={post.pk}", moving(post, "2026-03-29T02:30"))
    assert answer.status_code == 200
    assert answer.context["form"].errors["at"]
    post.refresh_from_db()
    assert post.published_at == NOW + timedelta(days=1)


def test_a_draft_gets_a_day_and_stays_a_draft(client, cleo, make_post):
    post = make_post(author=cleo, draft=True)
    client.force_login(cleo)
    client.post(f"{CALENDAR}?move={post.pk}", moving(post, "2026-04-02T10:00"))
    post.refresh_from_db()
    assert post.status == Post.Status.DRAFT
    assert post.published_at == datetime(2026, 4, 2, 10, tzinfo=UTC)


@pytest.mark.parametrize("at", ["2026-02-28T10:00", "", "soon", "99999-01-01T00:00"])
def test_a_time_that_has_passed_or_is_none_is_refused(client, ada, make_post, at):
    post = make_post(author=ada, published_at=NOW + timedelta(days=1))
    client.force_login(ada)
    answer = client.post(f"{CALENDAR}?move={post.pk}", moving(post, at))
    assert answer.context["form"].errors["at"]


def test_a_post_that_somebody_changed_meanwhile_is_not_moved(client, ada, eve, make_post):
    post = make_post(author=ada, published_at=NOW + timedelta(days=1))
    save_content(Post.objects.get(pk=post.pk), by=eve)
    client.force_login(ada)
    answer = client.post(f"{CALENDAR}?move={post.pk}", moving(post, "2026-04-02T10:00"))
    assert "Somebody else" in str(answer.context["form"].errors)


def test_who_may_not_move_it_finds_nothing(client, ada, bob, cleo, make_post):
    post = make_post(author=ada, published_at=NOW + timedelta(days=1))
    live = make_post(author=ada, published_at=NOW - timedelta(days=1))
    of_cleo = make_post(author=cleo, published_at=NOW + timedelta(days=1))
    for user, asked in ((bob, post), (cleo, of_cleo), (ada, live)):
        client.force_login(user)
        form = moving(asked, "2026-04-02T10:00")
        assert client.post(f"{CALENDAR}?move={asked.pk}", form).status_code == 404
    client.force_login(ada)
    assert client.post(CALENDAR, moving(post, "2026-04-02T10:00")).status_code == 404
    assert client.get(CALENDAR, {"move": "1e9"}).status_code == 404
    assert client.put(CALENDAR).status_code == 405


def test_what_followed_from_a_publication_is_told(client, ada, eve, make_post):
    post = make_post(author=ada, draft=True)
    submit_content(post, by=ada)
    client.force_login(eve)
    client.post(f"/admin/blog/post/{post.pk}/workflow/", {"step": "publish"})
    Receipt.objects.filter(handler="mail_of_publication").update(
        planned_at=NOW, started_at=NOW + timedelta(seconds=90), done_at=NOW + timedelta(seconds=91)
    )
    html = client.get(f"/admin/blog/post/{post.pk}/workflow/").content.decode()
    assert "mail_of_publication" in html
    assert "90.0" in html
    assert "2026-03-01 12:01:31" in html
