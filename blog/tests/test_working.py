"""Changes beside what is live: nobody sees them until they are published, at their time say."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from blog import working
from blog.checks import NotPublishable
from blog.merging import MergeConflict
from blog.models import Post, Revision, Site, WorkingRevision, WorkingSave
from blog.services import save_content, trash_content, unpublish_content
from events.models import Event
from library.models import ImageUse

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
# Everything by which the text of a post gets out.
DOORS = (
    *("/", "/posts/on-ink/", "/posts/on-ink.md", "/atom.xml", "/rss.xml", "/archive/"),
    *("/sitemap.xml", "/search/?q=ink", "/tags/paper/", "/api/v1/posts/", "/api/v1/site/"),
    *("/api/v1/posts/slug/on-ink/", "/api/v1/search/?q=ink", "/api/v1/events/"),
)


@pytest.fixture
def live(ada, make_post) -> Post:
    with time_machine.travel(NOW - timedelta(1), tick=False):
        return make_post(author=ada, body="Ink is *black*.\n\nIt dries.", tags=["paper"])


def seen(client) -> dict[str, tuple]:
    """What a reader gets at each door."""
    found = {}
    for door in DOORS:
        answer = client.get(door)
        found[door] = (answer.status_code, answer.headers.get("ETag"), answer.content)
    return found


@time_machine.travel(NOW, tick=False)
def test_readers_get_the_same_bytes_until_the_changes_are_published(client, live, ada, make_tag):
    before, events = seen(client), Event.objects.count()
    assert {status for status, *_ in before.values()} == {200}
    values = {"title": "New", "body": "Quite new.", "tags": [make_tag("new").pk], "slug": "new"}
    before, events = seen(client), Event.objects.count()  # the tag is an event
    row = working.keep_changes(live, values, by=ada)
    assert (row.last.number, row.last.editor, row.last.started_from) == (1, ada, live.version)
    assert (seen(client), Event.objects.count()) == (before, events)
    working.schedule_changes(live, LATER, by=ada)
    assert seen(client) == before
    working.discard_changes(live, by=ada)
    assert seen(client) == before
    assert Post.objects.get().version == live.version
    # And when they are published all of it is another.
    working.publish_changes(live, values=values, by=ada)
    now = seen(client)
    assert now["/posts/on-ink/"][0] == 301
    assert b"Quite new." in client.get("/posts/new/").content
    assert b">New<" in now["/"][2]


def test_publishing_is_one_save_through_the_services(live, ada):
    working.keep_changes(live, {"body": "One."}, by=ada)
    row = working.keep_changes(live, {"title": "Two"}, by=ada, number=1, reason="a better title")
    assert row.last.number == 2
    post = working.publish_changes(live, by=ada)
    assert (post.title, post.body, post.version) == ("Two", "One.", live.version + 1)
    assert "<p>One.</p>" in Post.objects.get().body_html
    last = Revision.objects.first()
    assert (last.number, last.editor, last.reason) == (post.version, ada, "a better title")
    assert Event.objects.filter(kind="post.updated", actor=ada).count() == 1
    assert not WorkingRevision.objects.exists()
    with pytest.raises(ValidationError, match="no changes"):
        working.publish_changes(live, by=ada)
    # Each save of the way there stays.
    assert [save.number for save in working.saves_of(live)] == [2, 1]
    assert working.keep_changes(live, {"title": "Three"}, by=ada).last.number == 3


def test_what_does_not_differ_is_not_kept(live, ada):
    assert working.keep_changes(live, live.snapshot(), by=ada) is None
    working.keep_changes(live, {"title": "New"}, by=ada)
    assert working.keep_changes(live, {"title": live.title}, by=ada) is None
    assert not WorkingRevision.objects.exists()


def test_who_may_not_edit_it_may_not_keep_publish_or_discard(live, ada, bob, cleo, rita, eve):
    working.keep_changes(live, {"title": "New"}, by=ada)
    for person in (bob, cleo, rita):
        for act in (
            lambda by: working.keep_changes(live, {"title": "Mine"}, by=by),
            lambda by: working.publish_changes(live, by=by),
            lambda by: working.take_over_changes(live, {}, by=by),
            lambda by: working.schedule_changes(live, timezone.now() + timedelta(1), by=by),
            lambda by: working.discard_changes(live, by=by),
        ):
            with pytest.raises(PermissionDenied):
                act(person)
    with pytest.raises(PermissionDenied):
        working.keep_changes(live, {"authors": [bob.pk]}, by=ada)
    working.keep_changes(live, {"authors": [bob.pk, ada.pk]}, by=eve)
    assert Post.objects.get().byline == [ada]
    # Ada publishes what an editor has decided.
    assert working.publish_changes(live, by=ada).byline == [bob, ada]


def test_what_cannot_be_stored_is_refused_when_it_is_kept(live, ada, make_post):
    make_post(title="Taken")
    for values in ({"title": ""}, {"slug": "taken"}, {"body": " "}, {"language": "<b>"}):
        with pytest.raises(ValidationError):
            working.keep_changes(live, values, by=ada)
    draft = make_post(author=ada, draft=True, title="Draft")
    with pytest.raises(ValidationError, match="not public"):
        working.keep_changes(draft, {"title": "New"}, by=ada)
    trash_content(live, by=ada)
    with pytest.raises(ValidationError, match="bin"):
        working.keep_changes(live, {"title": "New"}, by=ada)
    assert not WorkingSave.objects.exists()


def test_the_checks_look_at_the_changes(live, ada):
    Site.objects.update(publish_checks={"missing_alt": "blocking"})
    working.keep_changes(live, {"body": "![](/x.png)"}, by=ada)
    with pytest.raises(NotPublishable):
        working.publish_changes(live, by=ada)
    with pytest.raises(NotPublishable):
        working.schedule_changes(live, timezone.now() + timedelta(1), by=ada)
    assert (Post.objects.get().body, WorkingRevision.objects.get().publish_at) == (live.body, None)


# --- two people -------------------------------------------------------------------------


def test_two_editors_of_the_changes_are_merged_or_asked(live, ada, eve):
    working.keep_changes(live, {"body": live.body.replace("dries", "dries slowly")}, by=ada)
    # Eve opened it before Ada saved.
    row = working.keep_changes(
        live, {"title": "Eve's", "body": live.body}, by=eve, number=0, started_from=live.version
    )
    assert (row.last.snapshot["title"], "dries slowly" in row.last.snapshot["body"]) == (
        "Eve's",
        True,
    )
    with pytest.raises(MergeConflict) as caught:
        working.keep_changes(live, {"title": "Ada's"}, by=ada, number=1, started_from=live.version)
    assert [overlap.field for overlap in caught.value.merge.overlaps] == ["title"]
    assert (caught.value.from_number, caught.value.from_version) == (2, live.version)


def test_what_was_saved_live_meanwhile_is_merged_when_publishing(live, ada, eve):
    working.keep_changes(live, {"title": "New"}, by=ada)
    other = Post.objects.get()
    other.body = other.body.replace("black", "blue")
    save_content(other, by=eve)
    post = working.publish_changes(live, by=ada)
    assert (post.title, "blue" in post.body, "blue" in post.body_html) == ("New", True, True)
    working.keep_changes(post, {"title": "Newer"}, by=ada)
    other = Post.objects.get()
    other.title = "Eve's"
    save_content(other, by=eve)
    with pytest.raises(MergeConflict) as caught:
        working.publish_changes(post, by=ada)
    # Who has seen both sides goes on from what is live.
    working.publish_changes(
        post, values={"title": "Mine"}, by=ada, started_from=caught.value.from_version
    )
    assert Post.objects.get().title == "Mine"


def test_changes_of_what_is_taken_down_go_into_the_draft(live, ada):
    working.keep_changes(live, {"title": "New"}, by=ada)
    working.schedule_changes(live, timezone.now() + timedelta(1), by=ada)
    unpublish_content(live, by=ada)
    assert WorkingRevision.objects.get().publish_at is None
    post = working.take_over_changes(live, {"subtitle": "Sub"}, by=ada)
    assert (post.title, post.subtitle, post.status) == ("New", "Sub", "draft")
    assert not WorkingRevision.objects.exists()


# --- at a time --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "door", ["/posts/on-ink/", "/api/v1/posts/slug/on-ink/", "/search/?q=quite", "/atom.xml"]
)
def test_the_first_read_after_their_time_shows_them_with_nothing_running(client, live, ada, door):
    with time_machine.travel(NOW, tick=False):
        working.keep_changes(live, {"body": "Quite new."}, by=ada)
        working.schedule_changes(live, LATER, by=ada)
    with time_machine.travel(LATER - timedelta(seconds=1), tick=False):
        assert b"Quite new." not in client.get(door).content
    with time_machine.travel(LATER, tick=False):
        assert b"Quite" in client.get(door).content
    post = Post.objects.get()
    assert (post.body, post.updated_at) == ("Quite new.", LATER)
    assert Revision.objects.first().editor == ada
    assert not WorkingRevision.objects.exists()
    assert working.publish_due(LATER) == 0


def test_a_read_costs_no_query_more_for_it(client, live, ada, django_assert_num_queries):
    working.keep_changes(live, {"body": "Quite new."}, by=ada)
    with time_machine.travel(NOW, tick=False):
        working.schedule_changes(live, LATER, by=ada)
        for door in ("/robots.txt", "/api/v1/posts/slug/on-ink/"):
            client.get(door)
            with django_assert_num_queries(1 if door == "/robots.txt" else 3):
                client.get(door)


@time_machine.travel(NOW, tick=False)
def test_what_cannot_be_published_at_its_time_is_told_and_breaks_nothing(
    client, live, ada, eve, make_post
):
    working.keep_changes(live, {"title": "New", "slug": "wanted"}, by=ada)
    for wrong in (NOW, NOW - timedelta(seconds=1)):
        with pytest.raises(ValidationError, match="future"):
            working.schedule_changes(live, wrong, by=ada)
    working.schedule_changes(live, LATER, by=ada)
    make_post(title="Other", slug="wanted")
    with time_machine.travel(LATER, tick=False):
        assert client.get("/posts/on-ink/").status_code == 200
    row = WorkingRevision.objects.get()
    assert (row.publish_at, "has this address" in row.refusal) == (None, True)
    assert Post.objects.get(pk=live.pk).title == "On ink"


def test_a_schedule_is_called_off(live, ada):
    working.keep_changes(live, {"title": "New"}, by=ada)
    at = timezone.now() + timedelta(1)
    working.schedule_changes(live, at, by=ada)
    assert working.schedule_changes(live, None, by=ada).publish_at is None
    assert working.publish_due(at) == 0


def test_images_of_the_changes_are_used(live, ada, make_image):
    image = make_image()
    working.keep_changes(live, {"body": f"![Pot]({image.url})"}, by=ada)
    assert [use.place for use in ImageUse.objects.all()] == ["working"]
    working.publish_changes(live, by=ada)
    assert [use.place for use in ImageUse.objects.all()] == ["text"]
    working.keep_changes(live, {"body": "None.", "cover_id": image.pk}, by=ada)
    working.discard_changes(live, by=ada)
    assert [use.place for use in ImageUse.objects.all()] == ["text"]


def test_pages_have_them_too(client, eve, make_page):
    page = make_page()
    working.keep_changes(page, {"body": "New words.", "menu_position": 3}, by=eve)
    assert b"New words." not in client.get("/about-us/").content
    assert working.for_preview(page).body_html == "<p>New words.</p>\n"
    working.publish_changes(page, by=eve)
    assert b"New words." in client.get("/about-us/").content
