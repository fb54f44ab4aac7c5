"""Writing in the admin: every save goes through the service, and nothing typed is lost."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.contrib.contenttypes.models import ContentType

from accounts.models import User
from blog.models import Page, Post, Revision
from blog.services import publish_content, save_content, trash_content
from blog.tests.admin_forms import filled
from events.models import Event

pytestmark = pytest.mark.django_db
LIST, ADD = "/admin/blog/post/", "/admin/blog/post/add/"
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def url(content, tail: str = "change/") -> str:
    return f"/admin/blog/{content._meta.model_name}/{content.pk}/{tail}"


def errors(response) -> str:
    assert response.status_code == 200, response.status_code
    html = response.content.decode()
    assert "errornote" in html
    return html


# --- it works ---------------------------------------------------------------------------


def test_a_contributor_makes_a_draft_with_tags_and_one_revision(client, cleo, make_tag):
    tag = make_tag("ink")
    client.force_login(cleo)
    assert client.get(ADD).status_code == 200
    response = client.post(ADD, filled(title="On ink", body="Ink.", tags=[tag.pk]))
    assert (response.status_code, response["Location"]) == (302, LIST)
    post = Post.objects.get()
    assert (post.byline, list(post.tags.all()), post.state) == ([cleo], [tag], "draft")
    assert (post.version, post.revisions.count()) == (1, 1)
    assert Event.objects.get(kind="post.created").actor == cleo


def test_a_save_is_one_revision_and_one_event_with_everything_in_it(
    client, ada, make_post, make_tag, make_category
):
    post = make_post(author=ada, draft=True)
    tags, category = [make_tag("a"), make_tag("b")], make_category()
    client.force_login(ada)
    changes = {"title": "New", "tags": [tag.pk for tag in tags], "category": category.pk}
    assert client.post(url(post), filled(post, **changes)).status_code == 302
    assert (post.revisions.count(), Event.objects.filter(kind="post.updated").count()) == (2, 1)
    last = post.revisions.first()
    assert (last.snapshot["title"], last.snapshot["category_id"]) == ("New", category.pk)
    assert last.snapshot["tags"] == sorted(tag.pk for tag in tags)


def test_the_body_comes_back_as_it_was_stored(client, ada, make_post):
    post = make_post(author=ada, body="    code first\n\n\ttab\nlast  \n\n", draft=True)
    client.force_login(ada)
    html = client.get(url(post)).content.decode()
    assert ">\n    code first\n\n\ttab\nlast  \n\n</textarea>" in html
    sent = post.body.replace("\n", "\r\n")
    client.post(url(post), filled(post, body=sent))
    assert Post.objects.get().body == post.body


def test_editors_order_the_byline(client, eve, ada, bob, make_post):
    post = make_post(author=ada)
    client.force_login(eve)
    form = filled(post, byline=True)
    form |= {"post_authors-TOTAL_FORMS": "3", "post_authors-0-place": "2"}
    form |= {"post_authors-1-id": "", "post_authors-1-post": post.pk}
    form |= {"post_authors-1-user": bob.pk, "post_authors-1-place": "1"}
    form |= {"post_authors-2-id": "", "post_authors-2-post": post.pk, "post_authors-2-user": eve.pk}
    assert client.post(url(post), form | {"_publish": "x"}).status_code == 302
    assert Post.objects.get().byline == [bob, ada, eve]
    form = filled(Post.objects.get(), byline=True) | {"post_authors-0-DELETE": "on"}
    assert client.post(url(post), form | {"_publish": "x"}).status_code == 302
    assert Post.objects.get().byline == [ada, eve]
    assert post.revisions.count() == 4


def test_a_post_without_any_author_is_refused_in_the_form(client, eve, ada, make_post):
    post = make_post(author=ada)
    client.force_login(eve)
    form = filled(post, byline=True) | {"post_authors-0-DELETE": "on"}
    assert "at least one author" in errors(client.post(url(post), form))
    assert Post.objects.get().byline == [ada]


def test_an_editor_who_names_nobody_is_the_author(client, eve):
    client.force_login(eve)
    client.post(ADD, filled(byline=True, title="On ink"))
    assert Post.objects.get().byline == [eve]


def test_an_author_has_no_byline_to_change(client, ada, bob, make_post):
    post = make_post(author=ada)
    client.force_login(ada)
    assert "post_authors" not in client.get(url(post)).content.decode()
    planted = {"post_authors-TOTAL_FORMS": "1", "post_authors-INITIAL_FORMS": "0"}
    planted |= {"post_authors-0-user": bob.pk, "authors": [bob.pk]}
    client.post(url(post), filled(post, **planted))
    assert Post.objects.get().byline == [ada]


def test_fields_that_are_not_in_the_form_are_never_set(client, cleo, make_post):
    post = make_post(author=cleo, draft=True)
    planted = {"status": "published", "version": "99", "trashed_at": "2026-01-01", "body_html": "x"}
    planted |= {"created_at": "2001-01-01", "id": "1000", "renderer_version": "9"}
    client.force_login(cleo)
    assert client.post(url(post), filled(post, **planted)).status_code == 302
    stored = Post.objects.get()
    assert (stored.status, stored.version, stored.trashed_at) == ("draft", 2, None)
    assert (stored.pk, stored.created_at) == (post.pk, post.created_at)


def test_editors_make_pages(client, eve):
    client.force_login(eve)
    client.post("/admin/blog/page/add/", filled(title="About", menu_position="1", _publish="x"))
    assert not Page.objects.exists()  # nothing to read yet
    form = filled(title="About", body="We.", menu_position="1", _publish="x")
    client.post("/admin/blog/page/add/", form)
    page = Page.objects.get()
    assert (page.state, page.menu_position, page.revisions.count()) == ("published", 1, 2)


# --- the buttons ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "state", "shown", "hidden"),
    [
        ("cleo", "draft", {"_submit"}, {"_publish", "_unpublish"}),
        ("cleo", "in_review", {"_unpublish"}, {"_publish", "_submit"}),
        ("ada", "draft", {"_publish", "_submit"}, {"_unpublish"}),
        ("ada", "published", {"_unpublish", "_publish", "_schedule"}, {"_submit"}),
        ("eve", "in_review", {"_publish", "_unpublish"}, {"_submit"}),
    ],
)
def test_the_form_offers_the_steps_that_the_person_may_take(
    person, state, shown, hidden, request, client, make_post
):
    user = request.getfixturevalue(person)
    post = make_post(author=user, draft=state != "published")
    if state == "in_review":
        Post.objects.update(status="in_review")
    client.force_login(user)
    html = client.get(url(post)).content.decode()
    assert {name for name in shown | hidden if f'name="{name}"' in html} == shown
    for always in ('name="_save"', 'name="_continue"', f'href="{url(post, "delete/")}"'):
        assert always in html


def test_save_and_publish_does_both_and_stays_at_the_text(client, ada, make_post):
    post = make_post(author=ada, draft=True)
    client.force_login(ada)
    response = client.post(url(post), filled(post, title="Now", _publish="x"))
    assert (response.status_code, response["Location"]) == (302, url(post))
    stored = Post.objects.get()
    assert (stored.title, stored.state) == ("Now", "published")
    reasons = [revision.reason for revision in post.revisions.order_by("number")]
    assert reasons == ["saved", "saved", "published"]


def test_a_planted_button_does_not_publish_for_a_contributor(client, cleo, make_post):
    post = make_post(author=cleo, draft=True)
    client.force_login(cleo)
    assert client.post(url(post), filled(post, title="Live", _publish="x")).status_code == 404
    assert Post.objects.get().state == "draft"
    client.post(url(post), filled(post, _submit="x"))
    assert Post.objects.get().state == "in_review"


def test_a_step_that_is_refused_saves_nothing_and_keeps_what_was_typed(client, ada, make_post):
    post = make_post(author=ada, draft=True)
    client.force_login(ada)
    form = filled(post, title="Typed just now", body=" ", _publish="x")
    html = errors(client.post(url(post), form))
    assert "Write something before publishing." in html
    assert "Typed just now" in html
    assert (Post.objects.get().title, post.revisions.count()) == ("On ink", 1)


@time_machine.travel(NOW, tick=False)
def test_a_time_in_the_future_schedules_in_the_zone_of_the_site(client, ada, make_post, settings):
    settings.SITE_TIME_ZONE = "Asia/Shanghai"
    post = make_post(author=ada, draft=True)
    client.force_login(ada)
    at = {"published_at_0": "2026-06-02", "published_at_1": "08:00:00"}
    response = client.post(url(post), filled(post, **at, _publish="x"), follow=True)
    stored = Post.objects.get()
    assert stored.published_at == datetime(2026, 6, 2, 0, 0, tzinfo=UTC)
    html = response.content.decode()
    assert stored.state == "scheduled"
    assert 'value="2026-06-02"' in html
    assert 'value="08:00:00"' in html
    assert "June 2, 2026, 8 a.m." in html


def test_a_time_that_the_clocks_skip_is_refused(client, ada, make_post, settings):
    settings.SITE_TIME_ZONE = "Europe/Berlin"
    post = make_post(author=ada, draft=True)
    client.force_login(ada)
    skipped = {"published_at_0": "2027-03-28", "published_at_1": "02:30:00"}
    assert "interpreted in time zone" in errors(client.post(url(post), filled(post, **skipped)))


# --- bad input --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"title": ""},
        {"title": "x" * 201},
        {"title": "nul \x00"},
        {"body": "nul \x00"},
        {"body": "x" * 1_100_000},
        {"slug": "a/b"},
        {"slug": "taken"},
        {"slug": "per%cent"},
        {"language": "<b>"},
        {"excerpt": "x" * 1_001},
        {"canonical_url": "javascript:alert(1)"},
        {"category": "999999"},
        {"category": "x"},
        {"category": "9" * 40},
        {"cover": "x"},
        {"tags": ["999999"]},
        {"tags": ["x"]},
        {"tags": ["9" * 40]},
        {"series_part": "-1"},
        {"visibility": "nobody"},
        {"published_at_0": "yesterday"},
        {"published_at_0": "2026-01-01", "published_at_1": ""},
        {"opened_version": ""},
        {"opened_version": "x"},
        {"opened_version": "-1"},
    ],
)
def test_bad_input_is_told_in_the_form_and_changes_nothing(changes, client, ada, make_post):
    make_post(author=ada, slug="taken", title="Taken")
    post = make_post(author=ada, draft=True, title="Mine")
    client.force_login(ada)
    errors(client.post(url(post), filled(post, **changes)))
    stored = Post.objects.get(pk=post.pk)
    assert (stored.title, stored.version, stored.revisions.count()) == ("Mine", 1, 1)


def test_characters_that_xml_forbids_are_stripped(client, ada):
    client.force_login(ada)
    client.post(ADD, filled(title="On\x0b ink", body="a\x01b"))
    post = Post.objects.get()
    assert (post.title, post.body) == ("On ink", "ab")


@pytest.mark.parametrize(
    "address", ["999999/change/", "x/change/", "1%00/change/", "999999/delete/"]
)
def test_what_is_not_there_answers_404(address, client, eve):
    client.force_login(eve)
    assert client.get(LIST + address).status_code == 404


# --- two people -------------------------------------------------------------------------


def test_a_stale_save_shows_both_texts_and_the_next_one_is_taken(client, ada, eve, make_post):
    post = make_post(author=ada)
    opened = filled(post, title="Mine", body="My text.")
    other = Post.objects.get()
    other.title, other.body = "Theirs", "Their <b>text</b>."
    save_content(other, by=eve)
    client.force_login(ada)
    html = errors(client.post(url(post), opened))
    assert "Somebody else has saved this" in html
    assert "Saved by eve" in html
    for text in ("Mine", "My text.", "Theirs", "Their &lt;b&gt;text&lt;/b&gt;."):
        assert text in html
    assert Post.objects.get().title == "Theirs"
    assert f'name="opened_version" value="{other.version}"' in html
    again = opened | {"opened_version": other.version, "_publish": "x"}
    assert client.post(url(post), again).status_code == 302
    assert Post.objects.get().title == "Mine"
    titles = [r.snapshot["title"] for r in post.revisions.order_by("number")]
    assert titles[-2:] == ["Theirs", "Mine"]


def test_a_change_of_state_makes_an_open_form_stale_too(client, ada, eve, make_post):
    post = make_post(author=ada, draft=True)
    opened = filled(post)
    publish_content(post, by=eve)
    client.force_login(ada)
    errors(client.post(url(post), opened))
    assert Post.objects.get().is_published


# --- the bin and the history ------------------------------------------------------------


def test_delete_is_the_bin_and_the_bin_gives_back(client, ada, make_post):
    post = make_post(author=ada)
    client.force_login(ada)
    assert "to the bin" in client.get(url(post, "delete/")).content.decode()
    client.post(url(post, "delete/"), {"post": "yes"})
    assert Post.objects.get().state == "trashed"
    html = client.get(url(post)).content.decode()
    assert "restore/" in html
    assert 'name="_save"' not in html
    assert client.post(url(post), filled(post)).status_code == 404
    assert client.get(url(post, "restore/")).status_code == 405
    client.post(url(post, "restore/"))
    assert Post.objects.get().state == "published"


def test_only_an_administrator_empties_the_bin(client, ada, eve, sam, make_post):
    post = make_post(author=ada)
    trash_content(post, by=ada)
    for user in (ada, eve):
        client.force_login(user)
        assert client.post(url(post, "delete/"), {"post": "yes"}).status_code == 404
    client.force_login(sam)
    assert "for ever" in client.get(url(post, "delete/")).content.decode()
    client.post(url(post, "delete/"), {"post": "yes"})
    assert not Post.objects.exists()
    assert not Revision.objects.exists()


def test_every_revision_is_read_from_the_post_and_none_is_changed(client, ada, make_post):
    post = make_post(author=ada, body="First words.")
    client.force_login(ada)
    response = client.get(url(post, "history/"), follow=True)
    html = response.content.decode()
    for revision in post.revisions.all():
        address = f"/admin/blog/revision/{revision.pk}/change/"
        assert address in html
        page = client.get(address)
        assert "First words." in page.content.decode()
        assert client.post(address, {"reason": "x"}).status_code == 404
        assert client.post(f"/admin/blog/revision/{revision.pk}/delete/").status_code == 404
    assert client.get("/admin/blog/revision/add/").status_code == 404


def test_view_on_site_leads_to_the_post_for_who_finds_it_only(client, ada, bob, make_post):
    post = make_post(author=ada, draft=True)
    client.force_login(ada)
    assert f'href="{post.get_absolute_url()}"' in client.get(url(post)).content.decode()
    shortcut = f"/admin/r/{ContentType.objects.get_for_model(Post).pk}/{post.pk}/"
    assert client.get(shortcut)["Location"] == post.get_absolute_url()
    client.force_login(bob)
    assert client.get(shortcut).status_code == 404
    people = ContentType.objects.get_for_model(User).pk
    assert client.get(f"/admin/r/{people}/{ada.pk}/").status_code == 404
    assert client.get("/admin/r/9999/1/").status_code == 404
