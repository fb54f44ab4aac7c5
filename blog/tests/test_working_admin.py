"""Editing what is live in the admin: which button changes what readers see."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from blog import review_links, working
from blog.leaving import write_posts
from blog.models import Autosave, Post, Site, WorkingRevision
from blog.services import save_content, unpublish_content
from blog.tests.admin_forms import filled

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
AT = {"publish_at_0": "2026-06-02", "publish_at_1": "08:00:00"}


def url(content, tail: str = "change/") -> str:
    return f"/admin/blog/{content._meta.model_name}/{content.pk}/{tail}"


@pytest.fixture
def live(ada, make_post) -> Post:
    with time_machine.travel(NOW - timedelta(1), tick=False):
        return make_post(author=ada, tags=["paper"])


def told(response) -> str:
    return " ".join(str(message) for message in response.context["messages"])


def test_save_keeps_the_changes_and_publish_shows_them(client, ada, live):
    client.force_login(ada)
    html = client.get(url(live)).content.decode()
    for button in ("Save changes", "Publish changes", "Schedule changes"):
        assert f">{button}</button>" in html
    assert "not published yet" not in html
    before = client.get("/posts/on-ink/").content
    Autosave.objects.create(user=ada, key="a" * 32, kind="post", post=live)
    form = filled(live, title="New title", body="New.", tags=[], reason="Better", _continue="x")
    response = client.post(url(live), form | {"autosave_key": "a" * 32}, follow=True)
    assert told(response) == "The changes are kept. Readers see them when you publish them."
    assert Autosave.objects.get().is_done
    html = response.content.decode()
    assert "The form shows changes that are not published yet." in html
    for text in ('value="New title"', ">\nNew.</textarea>", 'name="opened_working" value="1"'):
        assert text in html
    assert client.get("/posts/on-ink/").content == before
    page = client.get(url(live, "working/")).content.decode()
    assert "New title" in page
    assert "Better" in page
    form = filled(live, title="New title", body="Newer.", opened_working=1, tags=[], _publish="x")
    response = client.post(url(live), form, follow=True)
    assert "readers see them now" in told(response)
    assert b"Newer." in client.get("/posts/on-ink/").content
    assert not WorkingRevision.objects.exists()


@time_machine.travel(NOW, tick=False)
def test_changes_are_scheduled_and_called_off(client, ada, live, settings):
    settings.SITE_TIME_ZONE = "Asia/Shanghai"
    client.force_login(ada)
    response = client.post(url(live), filled(live, title="New", _schedule="x"))
    assert "Say when the changes are to be published." in response.content.decode()
    past = AT | {"publish_at_0": "2026-05-02"}
    response = client.post(url(live), filled(live, title="New", **past, _schedule="x"))
    assert "Give a time in the future" in response.content.decode()
    assert not WorkingRevision.objects.exists()
    response = client.post(url(live), filled(live, title="New", **AT, _schedule="x"), follow=True)
    assert "June 2, 2026, 8 a.m." in told(response)
    assert 'value="2026-06-02"' in response.content.decode()
    assert WorkingRevision.objects.get().publish_at == datetime(2026, 6, 2, tzinfo=UTC)
    # A later save is scheduled like the one before.
    client.post(url(live), filled(live, title="Newer", opened_working=1))
    row = WorkingRevision.objects.get()
    assert (row.last.snapshot["title"], row.publish_at is None) == ("Newer", False)
    client.post(url(live, "working/"), {"step": "unschedule"})
    assert WorkingRevision.objects.get().publish_at is None


def test_the_page_of_the_changes_publishes_or_discards_them(client, ada, live):
    client.force_login(ada)
    assert "There are none" in client.get(url(live, "working/")).content.decode()
    assert "no changes" in client.post(url(live, "working/"), {"step": "publish"}).content.decode()
    for step, title in (("discard", "On ink"), ("publish", "New")):
        client.post(url(live), filled(live, title="New"))
        assert client.post(url(live, "working/"), {"step": step}).status_code == 302
        assert (Post.objects.get().title, WorkingRevision.objects.count()) == (title, 0)
    assert client.post(url(live, "working/"), {"step": "x"}).status_code == 404
    assert client.put(url(live, "working/")).status_code == 405


def test_who_may_not_edit_it_finds_no_changes(client, bob, cleo, rita, eve, live):
    for person in (bob, cleo, rita):
        client.force_login(person)
        for method in (client.get, client.post):
            assert method(url(live, "working/"), {"step": "discard"}).status_code == 404
    client.force_login(eve)
    assert client.get(url(live, "working/")).status_code == 200


def test_checks_that_refuse_keep_what_was_typed(client, ada, live):
    Site.objects.update(publish_checks={"missing_alt": "blocking"})
    client.force_login(ada)
    form = filled(live, body="![](/x.png)", _publish="x")
    html = client.post(url(live), form).content.decode()
    assert "no alternative text" in html
    assert "![](/x.png)" in html
    assert Post.objects.get().body == live.body
    response = client.post(url(live), form | {"_publish": "", "_check": "x"}, follow=True)
    assert response.status_code == 200


def test_save_and_check_tells_of_the_changes(client, ada, live):
    client.force_login(ada)
    response = client.post(url(live), filled(live, body="![](/x.png)", _check="x"), follow=True)
    assert "no alternative text" in told(response)
    assert Post.objects.get().body == live.body


def test_unpublish_takes_what_was_typed_into_the_draft(client, ada, live):
    client.force_login(ada)
    client.post(url(live), filled(live, title="New"))
    client.post(url(live), filled(live, title="Newer", opened_working=1, _unpublish="x"))
    stored = Post.objects.get()
    assert (stored.title, stored.status, WorkingRevision.objects.count()) == ("Newer", "draft", 0)


def test_a_draft_that_was_live_takes_its_changes_with_the_next_save(client, ada, live):
    working.keep_changes(live, {"title": "New"}, by=ada)
    unpublish_content(live, by=ada)
    client.force_login(ada)
    html = client.get(url(live)).content.decode()
    assert 'value="New"' in html
    assert ">Save</button>" in html
    form = filled(live, title="New", subtitle="Sub", opened_working=1)
    form |= {"opened_version": WorkingRevision.objects.get().last.started_from}
    assert client.post(url(live), form).status_code == 302
    stored = Post.objects.get()
    assert (stored.title, stored.subtitle, stored.status) == ("New", "Sub", "draft")


def test_two_editors_of_the_changes_see_both(client, ada, eve, live):
    working.keep_changes(live, {"title": "Eve's", "subtitle": "Sub"}, by=eve)
    client.force_login(ada)
    opened = filled(live, title="Ada's", excerpt="Short.")
    response = client.post(url(live), opened)
    html = response.content.decode()
    assert "Somebody else has saved this" in html
    assert "Saved by eve" in html
    assert "Eve&#x27;s" in html
    form = response.context["adminform"].form
    assert (form["opened_working"].value(), form["subtitle"].value()) == ("1", "Sub")
    again = {"opened_working": "1", "subtitle": "Sub"}
    assert client.post(url(live), opened | again).status_code == 302
    snapshot = WorkingRevision.objects.get().last.snapshot
    assert (snapshot["title"], snapshot["subtitle"]) == ("Ada's", "Sub")
    # What does not overlap is merged, and told.
    working.keep_changes(live, {"title": "Eve's second"}, by=eve)
    mine = filled(live, title="Ada's", excerpt="Mine", subtitle="Sub", opened_working="2")
    response = client.post(url(live), mine, follow=True)
    assert "eve saved this while you were writing" in told(response)
    snapshot = WorkingRevision.objects.get().last.snapshot
    assert (snapshot["title"], snapshot["excerpt"]) == ("Eve's second", "Mine")


def test_what_became_live_meanwhile_is_merged_or_shown(client, ada, eve, live):
    working.keep_changes(live, {"title": "New"}, by=ada)
    other = Post.objects.get()
    other.title = "Live"
    save_content(other, by=eve)
    client.force_login(ada)
    opened = filled(live, title="New", opened_working=1, _publish="x")
    html = client.post(url(live), opened).content.decode()
    assert "Live" in html
    assert f'name="opened_version" value="{other.version}"' in html
    assert (
        "changed the same"
        in client.post(url(live, "working/"), {"step": "publish"}).content.decode()
    )
    client.post(url(live), opened | {"opened_version": other.version})
    assert Post.objects.get().title == "New"


def test_an_editor_sees_the_byline_that_waits(client, ada, bob, eve, live):
    working.keep_changes(live, {"authors": [bob.pk, ada.pk, eve.pk]}, by=eve)
    client.force_login(eve)
    formset = client.get(url(live)).context["inline_admin_formsets"][0].formset
    users = [form["user"].value() for form in formset.forms]
    assert [getattr(user, "pk", user) for user in users] == [bob.pk, ada.pk, eve.pk, None]
    working.keep_changes(live, {"authors": [bob.pk]}, by=eve)
    working.publish_changes(live, by=eve)
    working.keep_changes(live, {"authors": [ada.pk, bob.pk]}, by=eve)
    working.publish_changes(live, by=eve)
    working.keep_changes(live, {"authors": [bob.pk]}, by=eve)
    html = client.get(url(live)).content.decode()
    assert 'name="post_authors-1-DELETE" id="id_post_authors-1-DELETE" checked' in html


def test_a_review_link_shows_the_changes(client, ada, live, make_tag):
    _link, address = review_links.make_link(live, by=ada)
    path = address.removeprefix("http://testserver").partition("/review/")[2]
    assert b"Ink is" in client.get(f"/review/{path}").content
    working.keep_changes(live, {"title": "New", "body": "Not public."}, by=ada)
    html = client.get(f"/review/{path}").content.decode()
    assert "<p>Not public.</p>" in html
    assert "<h1>New</h1>" in html
    assert b"Not public." not in client.get("/posts/on-ink/").content


def test_a_form_that_changes_nothing_keeps_nothing(client, ada, make_post):
    live = make_post(author=ada, published_at=datetime(2026, 5, 1, 12, 0, 3, 141_592, UTC))
    client.force_login(ada)
    response = client.post(url(live), filled(live, _continue="x"), follow=True)
    assert told(response) == "Nothing differs from what is live."
    assert not WorkingRevision.objects.exists()
    client.post(url(live), filled(live, title="New", _publish="x"))
    assert Post.objects.get().published_at == live.published_at


def test_the_list_names_what_is_being_reworked(client, ada, live, make_post):
    make_post(author=ada, title="Other")
    working.keep_changes(live, {"title": "New"}, by=ada)
    client.force_login(ada)
    html = client.get("/admin/blog/post/").content.decode()
    assert html.count("Published, with unpublished changes") == 1
    assert ">New<" not in html.partition("result_list")[2]


def test_the_saves_of_changes_are_in_the_copy_of_ones_data(live, ada, eve):
    working.keep_changes(live, {"title": "New"}, by=ada)
    working.keep_changes(live, {"title": "Of eve"}, by=eve)

    class Archive:
        found = {}

        def add_json(self, name, rows):
            self.found[name] = list(rows)

    write_posts(ada, Archive())
    saves = Archive.found["unpublished_changes"]
    assert [(save["post_id"], save["snapshot"]["title"]) for save in saves] == [(live.pk, "New")]
