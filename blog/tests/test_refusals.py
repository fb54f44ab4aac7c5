"""Changes that are refused at their time: who scheduled and who wrote them get one mail."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import OperationalError

from accounts.services import set_role
from blog import agenda, refusals, working
from blog.models import Post, WorkingRevision
from blog.services import save_content, trash_content
from events.models import Event, Mail
from events.relay import run_receipts

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def refused(ada, eve, make_post, clock) -> Post:
    """Ada's live post; its changes, scheduled by Eve, want an address that is taken by then."""
    post = make_post(author=ada)
    working.keep_changes(post, {"title": "New", "slug": "wanted"}, by=ada)
    working.schedule_changes(post, LATER, by=eve)
    make_post(title="Other", slug="wanted")
    clock.move_to(LATER)
    return post


def mailed() -> list[tuple[str, str]]:
    run_receipts(60)
    rows = Mail.objects.filter(subject__startswith="Changes not published").order_by("to")
    return [(mail.to.partition("@")[0], mail.subject) for mail in rows]


def test_who_scheduled_and_who_wrote_them_get_one_mail_each(client, refused, ada, eve):
    # Whatever the reader speaks who comes first: it is told in the language of Eve.
    eve.language = "en"
    eve.save(update_fields=["language"])
    assert client.get("/zh-hans/").status_code in (200, 404)
    for _again in range(2):
        assert working.publish_due() == 0
        assert mailed() == [
            ("ada", "Changes not published: On ink"),
            ("eve", "Changes not published: On ink"),
        ]
    text = Mail.objects.filter(to__startswith="ada").latest("pk").text
    assert "June 1, 2026, 1 p.m." in text
    assert "has this address" in text
    assert f"/admin/blog/post/{refused.pk}/working/" in text
    assert Event.objects.filter(kind="changes.refused").count() == 1


def test_of_two_processes_one_tells(refused):
    row = WorkingRevision.objects.get()
    error = ValueError("nobody foresaw it")
    assert refusals.keep_refusal(row.pk, LATER, error)
    assert not refusals.keep_refusal(row.pk, LATER, error)
    row.refresh_from_db()
    assert (row.publish_at, "publish them by hand" in row.refusal) == (None, True)
    assert len(mailed()) == 2


def test_a_database_that_is_away_is_asked_again_by_the_next_read(refused, monkeypatch):
    def away(*args):
        raise OperationalError

    with monkeypatch.context() as broken:
        broken.setattr(refusals, "_keep", away)
        assert working.publish_due() == 0
    assert WorkingRevision.objects.get().publish_at == LATER
    assert working.publish_due() == 0
    assert WorkingRevision.objects.get().publish_at is None


def test_who_has_lost_the_post_hears_nothing_and_its_writers_do(refused, ada, bob, eve):
    save_content(Post.objects.get(pk=refused.pk), by=eve, authors=[bob])
    set_role(eve, None)
    working.publish_due()
    assert mailed() == [("bob", "Changes not published: On ink")]


@pytest.mark.parametrize("what", ["trashed", "discarded", "scheduled again"])
def test_nobody_is_told_of_what_is_settled_by_then(refused, eve, what):
    working.publish_due()
    if what == "trashed":
        trash_content(refused, by=eve)
    elif what == "discarded":
        working.discard_changes(refused, by=eve)
    else:
        working.keep_changes(refused, {"slug": "another"}, by=eve)
        working.schedule_changes(refused, LATER + timedelta(hours=1), by=eve)
    assert mailed() == []


def test_pages_have_it_too_and_the_desk_shows_both(client, refused, ada, bob, eve, make_page):
    page = make_page(title="About us")
    working.keep_changes(page, {"body": "New."}, by=eve)
    working.schedule_changes(page, LATER + timedelta(hours=1), by=eve)
    client.force_login(eve)
    assert "About us" in client.get("/admin/").content.decode()
    calendar = client.get("/admin/blog/post/calendar/").content.decode()
    assert f'<a href="/admin/blog/page/{page.pk}/change/">About us</a>' in calendar
    with time_machine.travel(LATER + timedelta(hours=1), tick=False):
        row = WorkingRevision.objects.get(page=page)
        refusals.keep_refusal(row.pk, LATER + timedelta(hours=1), ValueError())
        working.publish_due()
        assert ("eve", "Changes not published: About us") in mailed()

        def sent_back(user) -> list[tuple[str, str]]:
            box = next(box for box in agenda.boxes(user) if box.key == "returned")
            return [(entry.text, entry.aside.partition(":")[0]) for entry in box.entries]

        told = "not published at its time"
        assert sent_back(eve) == [("About us", told), ("On ink", told)]
        assert sent_back(ada) == [("On ink", told)]
        assert sent_back(bob) == []
