"""The bin is emptied by the clock, and all that follows a deletion follows."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from blog import trash
from blog.models import Page, Post
from blog.search import matching
from blog.services import restore_content, trash_content
from events import schedule
from events.models import Event, ScheduledJob
from library.models import ImageUse

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def test_after_thirty_days_it_is_gone_with_all_that_follows(clock, ada, eve, make_post, make_page):
    gone, page = make_post(author=ada, title="Gone"), make_page()
    key = gone.pk
    kept = make_post(author=ada, title="Kept")
    trash_content(gone, by=ada)
    trash_content(page, by=eve)
    clock.move_to(NOW + 30 * DAY - timedelta(seconds=1))
    assert trash.sweep(100) == 0
    trash_content(kept, by=ada)
    clock.move_to(NOW + 30 * DAY)
    assert trash.sweep(100) == 2
    assert list(Post.objects.all()) == [kept]
    assert not Page.objects.exists()
    assert not Event.objects.filter(kind="page.deleted").exclude(actor=None).exists()
    event = Event.objects.get(kind="post.deleted")
    assert (event.subject_id, event.actor, event.payload) == (str(key), None, {"title": "Gone"})
    assert not matching(Post.objects.all(), "Gone").exists()
    assert not ImageUse.objects.exists()
    assert trash.sweep(100) == 0


def test_what_was_taken_out_begins_anew(clock, ada, make_post):
    post = make_post(author=ada)
    trash_content(post, by=ada)
    clock.move_to(NOW + 29 * DAY)
    restore_content(post, by=ada)
    trash_content(post, by=ada)
    clock.move_to(NOW + 31 * DAY)
    assert trash.sweep(100) == 0
    assert trash.goes_at(post) == NOW + 59 * DAY


def test_a_run_takes_no_more_than_it_should(clock, ada, eve, make_post, make_page):
    for number in range(3):
        trash_content(make_post(author=ada, title=f"Post {number}"), by=ada)
    trash_content(make_page(), by=eve)
    clock.move_to(NOW + 31 * DAY)
    assert [trash.sweep(2), trash.sweep(2), trash.sweep(2)] == [2, 2, 0]


def test_it_stays_for_ever_where_the_site_says_so(clock, settings, ada, make_post):
    settings.TRASH_DAYS = 0
    post = make_post(author=ada)
    trash_content(post, by=ada)
    clock.move_to(NOW + 1_000 * DAY)
    assert trash.sweep(100) == 0
    assert trash.goes_at(post) is None


def test_the_clock_runs_it(clock, ada, make_post):
    trash_content(make_post(author=ada), by=ada)
    ScheduledJob.objects.create(name="trash", slot=NOW, ended_at=NOW)
    clock.move_to(NOW + 31 * DAY)
    slot = next(slot for job, slot in schedule.due() if job.name == "trash")
    assert schedule.run("trash", slot)
    assert not Post.objects.exists()


def test_the_list_of_the_bin_says_how_long(clock, client, ada, make_post):
    post = make_post(author=ada, title="Thrown away")
    trash_content(post, by=ada)
    client.force_login(ada)
    html = client.get("/admin/blog/post/?state=trashed").content.decode()
    assert "What lies here for 30 days" in html
    assert "Thrown away" in html
    form = client.get(f"/admin/blog/post/{post.pk}/change/").content.decode()
    assert "It is deleted for ever after July 1, 2026" in form
    html = client.get("/admin/blog/post/").content.decode()
    assert "What lies here" not in html
    assert 'href="?state=trashed"' in html
    assert "/admin/blog/post/calendar/" in html
