"""Saves of changes beside what is live: any two compared, any brought back, as in the history."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blog import working
from blog.former_saves import restore_save
from blog.models import Post, Site, WorkingRevision, WorkingSave
from blog.services import save_content, trash_content, unpublish_content

pytestmark = pytest.mark.django_db


def url(content, tail: str) -> str:
    return f"/admin/blog/{content._meta.model_name}/{content.pk}/working/{tail}"


def text_of(response) -> str:
    assert response.status_code == 200, response.status_code
    return response.content.decode()


@pytest.fixture
def reworked(ada, make_post, make_tag) -> Post:
    """A live post with three saves of changes beside it."""
    post = make_post(author=ada, body="Black ink is old.\n\nPaper is not.\n")
    working.keep_changes(post, {"body": "Blue ink is old.\n\nPaper is not.\n"}, by=ada)
    values = {"title": "On <paper>", "tags": [make_tag("paper").pk]}
    working.keep_changes(post, values, by=ada, reason="another title")
    working.keep_changes(post, {"body": "Short.", "tags": []}, by=ada)
    return post


def test_a_comparison_shows_what_went_and_what_came(client, ada, reworked):
    client.force_login(ada)
    page = text_of(client.get(url(reworked, "")))
    assert "another title" in page
    assert 'name="from" value="1"' in page
    html = text_of(client.get(url(reworked, "compare/?from=1&to=2")))
    assert "&lt;paper&gt;" in html
    assert "<paper>" not in html
    for save in (1, 2):
        assert f"Restore save {save}</button>" in html
    # The last two, when none is named; and in the order of time, however they are named.
    html = text_of(client.get(url(reworked, "compare/")))
    assert "[added: </span>Short" in html
    assert "Restore save 2</button>" in html
    assert "Restore save 3</button>" not in html
    html = text_of(client.get(url(reworked, "compare/?from=3&to=1")))
    assert html.index("Save 1") < html.index("Save 3")
    # Before the first one was what was live.
    html = text_of(client.get(url(reworked, "compare/?to=1")))
    assert "[removed: </span>Black" in html
    assert f"Revision {reworked.version}" in html
    assert "Restore revision" not in html


def test_any_save_comes_back_as_a_new_one_and_readers_see_nothing(client, ada, reworked, make_tag):
    before = client.get("/posts/on-ink/").content
    client.force_login(ada)
    answer = client.post(url(reworked, "2/restore/"), follow=True)
    assert "what they were in save 2" in text_of(answer)
    row = WorkingRevision.objects.get()
    second = WorkingSave.objects.get(number=2)
    assert (row.last.number, row.last.editor, row.last.reason) == (4, ada, "restored save 2")
    assert row.last.snapshot == second.snapshot
    client.logout()
    assert client.get("/posts/on-ink/").content == before


def test_saves_of_changes_that_were_discarded_come_back(client, ada, eve, reworked):
    working.discard_changes(reworked, by=ada)
    changed = Post.objects.get()
    changed.subtitle = "New"
    save_content(changed, by=eve)
    client.force_login(ada)
    assert "Saves of changes" in text_of(client.get(url(reworked, "")))
    client.post(url(reworked, "1/restore/"))
    row = WorkingRevision.objects.get()
    # What was saved live in between is among what differs: nothing is merged unseen.
    live, would_be = working.sides(changed, row)
    assert {name for name in live if live[name] != would_be[name]} == {"body", "subtitle"}
    assert row.last.started_from == changed.version


def test_what_was_published_comes_back_and_what_is_live_is_nothing_to_keep(client, ada, reworked):
    working.publish_changes(reworked, by=ada)
    client.force_login(ada)
    answer = client.post(url(reworked, "3/restore/"), follow=True)
    assert "no changes any more" in text_of(answer)
    assert not WorkingRevision.objects.exists()
    client.post(url(reworked, "1/restore/"))
    assert WorkingRevision.objects.get().last.snapshot["title"] == "On ink"


def test_what_is_not_live_any_more_gets_the_text_itself(client, ada, reworked):
    working.discard_changes(reworked, by=ada)
    unpublish_content(reworked, by=ada)
    client.force_login(ada)
    answer = client.post(url(reworked, "2/restore/"), follow=True)
    assert "The text is what it was in save 2." in text_of(answer)
    post = Post.objects.get()
    assert (post.title, post.status, [tag.name for tag in post.tags.all()]) == (
        "On <paper>",
        "draft",
        ["paper"],
    )


def test_who_may_not_name_authors_brings_the_byline_of_today(ada, bob, eve, reworked):
    working.keep_changes(reworked, {"authors": [bob.pk, ada.pk]}, by=eve)
    working.keep_changes(reworked, {"authors": [ada.pk]}, by=eve)
    save = WorkingSave.objects.get(number=4)
    restore_save(reworked, save, by=ada)
    # As it is: nothing is left to differ in the byline.
    assert WorkingRevision.objects.get().last.snapshot["authors"] == [ada.pk]
    restore_save(reworked, save, by=eve)
    assert WorkingRevision.objects.get().last.snapshot["authors"] == [bob.pk, ada.pk]


def test_the_checks_are_asked_when_the_changes_are_scheduled(client, ada, reworked):
    Site.objects.update(publish_checks={"missing_alt": "blocking"})
    working.keep_changes(reworked, {"body": "![](/x.png)"}, by=ada)
    working.keep_changes(reworked, {"body": "Short."}, by=ada)
    working.schedule_changes(reworked, timezone.now() + timedelta(1), by=ada)
    client.force_login(ada)
    answer = client.post(url(reworked, "4/restore/"), follow=True)
    assert "The checks of this site refuse" in text_of(answer)
    assert WorkingRevision.objects.get().last.number == 5


def test_only_who_may_edit_it_and_nothing_from_elsewhere(
    client, ada, bob, cleo, rita, make_post, reworked
):
    other = make_post(author=ada, title="Other")
    save = WorkingSave.objects.get(number=1)
    with pytest.raises(PermissionDenied):
        restore_save(reworked, save, by=bob)
    with pytest.raises(ValidationError):
        restore_save(other, save, by=ada)
    for person in (bob, cleo, rita):
        client.force_login(person)
        for tail in ("compare/", "compare/?to=1"):
            assert client.get(url(reworked, tail)).status_code == 404
        assert client.post(url(reworked, "1/restore/")).status_code == 404
    client.force_login(ada)
    for tail in ("?to=99", "?to=x", "?from=-1", "?from=", "?to=0", "?to=" + "9" * 40):
        assert client.get(url(reworked, f"compare/{tail}")).status_code == 404, tail
    assert client.get(url(other, "compare/")).status_code == 404
    assert client.post(url(other, "1/restore/")).status_code == 404
    assert client.get(url(reworked, "1/restore/")).status_code == 405
    trash_content(reworked, by=ada)
    answer = client.post(url(reworked, "1/restore/"), follow=True)
    assert "Take it out of the bin first." in text_of(answer)
    assert WorkingSave.objects.count() == 3


def test_all_saves_are_reached_page_by_page(client, eve, make_page, monkeypatch):
    monkeypatch.setattr("blog.admin.saves.PAGE_SIZE", 5)
    page = make_page()
    for number in range(1, 13):
        working.keep_changes(page, {"title": f"Title {number}"}, by=eve)
    client.force_login(eve)
    found, costs = set(), []
    for number in (1, 2, 3):
        with CaptureQueriesContext(connection) as queries:
            html = text_of(client.get(url(page, f"?p={number}")))
        costs.append(len(queries))
        found |= set(re.findall(r'name="to" value="(\d+)"', html))
    assert len(found) == 12
    assert len(set(costs)) == 1
    assert "save 7" in text_of(client.get(url(page, "compare/?from=3&to=7")))
