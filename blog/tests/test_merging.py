"""Two people save the same post: nothing is lost, and nobody wins silently."""

import html as markup
from datetime import UTC, datetime

import pytest
import time_machine

from blog.merging import merge_snapshots
from blog.models import Page, Post
from blog.services import publish_content, save_content
from blog.tests.admin_forms import filled

pytestmark = pytest.mark.django_db
BODY = "The cat sat on the mat.\n\nInk is black.\n\nPaper is white.\n"
AT = datetime(2026, 6, 2, 8, tzinfo=UTC)


@pytest.fixture
def post(ada, make_post, make_tag) -> Post:
    tags = [make_tag("paper"), make_tag("ink")]
    return make_post(author=ada, draft=True, title="On ink", body=BODY, tags=tags)


@pytest.fixture
def by_eve(eve):
    """`by_eve(post, **changes)`: the same post as eve saved it meanwhile."""

    def save(content, *, tags=None, **changes):
        other = type(content).objects.get(pk=content.pk)
        for name, value in changes.items():
            setattr(other, name, value)
        return save_content(other, by=eve, **({} if tags is None else {"tags": tags}))

    return save


def url(content) -> str:
    return f"/admin/blog/{content._meta.model_name}/{content.pk}/change/"


def test_a_field_goes_to_the_side_that_changed_it():
    base = {"title": "A", "slug": "a", "tags": [1, 2], "published_at": None, "body": "x\n\ny"}
    mine = base | {"title": "B", "tags": [2, 3], "body": "x1\n\ny"}
    theirs = base | {"slug": "b", "tags": [1, 2, 4], "published_at": "2026-06-02T08:00:00+00:00"}
    theirs |= {"body": "x\n\ny2", "status": "published"}
    merge = merge_snapshots(base, mine, theirs)
    assert merge.overlaps == []
    assert merge.values == {
        "title": "B",
        "slug": "b",
        "tags": [2, 3, 4],
        "published_at": "2026-06-02T08:00:00+00:00",
        "body": "x1\n\ny2",
    }


def test_the_same_moment_in_another_zone_is_no_difference():
    base = {"published_at": "2026-06-02T08:00:00+00:00"}
    mine = {"published_at": "2026-06-02T10:00:00+02:00"}
    theirs = {"published_at": "2026-07-01T08:00:00+00:00"}
    assert merge_snapshots(base, mine, theirs).values == theirs


def test_what_both_changed_is_told_with_all_sides():
    merge = merge_snapshots({"title": "A"}, {"title": "B"}, {"title": "C"})
    assert merge.values == {"title": "B"}
    assert [overlap[:4] for overlap in merge.overlaps] == [("title", "A", "B", "C")]


# --- in the admin -----------------------------------------------------------------------


def test_edits_that_do_not_overlap_are_one_save(client, ada, post, by_eve, make_tag, make_category):
    theirs = BODY.replace("black", "blue")
    category, new = make_category(), make_tag("new")
    kept = list(post.tags.all())
    by_eve(post, body=theirs, subtitle="Of eve", category=category, tags=[*kept, new])
    client.force_login(ada)
    opened = filled(post, title="Mine", body=BODY.replace("cat", "black cat"), tags=[kept[0].pk])
    response = client.post(url(post), opened, follow=True)
    told = [str(message) for message in response.context["messages"]]
    assert told[0] == "eve saved this while you were writing. Both changes are in it now."
    stored = Post.objects.get()
    assert stored.body == theirs.replace("cat", "black cat")
    assert "black cat" in stored.body_html
    assert "blue" in stored.body_html
    assert (stored.title, stored.subtitle, stored.category) == ("Mine", "Of eve", category)
    assert set(stored.tags.all()) == {kept[0], new}
    revisions = list(post.revisions.order_by("number"))
    assert [r.snapshot["body"] for r in revisions] == [BODY, theirs, stored.body]


def test_a_save_that_changed_nothing_undoes_nothing(client, ada, post, by_eve):
    by_eve(post, title="Theirs", body="All new.", featured=True)
    client.force_login(ada)
    assert client.post(url(post), filled(post)).status_code == 302
    stored = Post.objects.get()
    assert (stored.title, stored.body, stored.featured) == ("Theirs", "All new.", True)


def test_an_overlap_shows_the_base_and_both_and_the_next_save_keeps_the_rest(
    client, ada, post, by_eve, make_category
):
    theirs = BODY.replace("black", "<blue>").replace("white", "grey")
    category = make_category()
    with time_machine.travel(datetime(2026, 6, 1, tzinfo=UTC), tick=False):
        by_eve(post, body=theirs, subtitle="Of eve", featured=True, published_at=AT, tags=[])
        by_eve(post, category=category)
    client.force_login(ada)
    opened = filled(post, body=BODY.replace("black", "red").replace("cat", "dog"))
    response = client.post(url(post), opened)
    html = response.content.decode()
    assert "Somebody else has saved this" in html
    for text in ("Ink is black.", "Ink is &lt;blue&gt;.", "Ink is red."):
        assert f"<pre>{text}\n</pre>" in html
    assert "<blue>" not in html
    assert "Before, in revision 1" in html
    assert Post.objects.get().body == theirs
    # The form has mine where both changed it, and theirs everywhere else.
    both = BODY.replace("black", "red").replace("cat", "dog").replace("white", "grey")
    assert markup.escape(both) in html
    assert 'value="Of eve"' in html
    form = response.context["adminform"].form
    again = {name: form[name].value() for name in ("title", "subtitle", "body", "featured")}
    again |= {"tags": form["tags"].value(), "category": form["category"].value()}
    again |= {"opened_version": form["opened_version"].value(), "published_at_0": "2026-06-02"}
    assert (form["published_at"].value(), again["tags"]) == (["2026-06-02", "08:00:00"], [])
    again["featured"] = "on" if again["featured"] else ""
    answer = client.post(url(post), filled(post, published_at_1="08:00:00", **again))
    assert answer.status_code == 302
    stored = Post.objects.get()
    assert (stored.body, stored.subtitle, stored.featured) == (both, "Of eve", True)
    assert (stored.category, stored.published_at, stored.tags.count()) == (category, AT, 0)


def test_a_third_save_meanwhile_is_not_lost_either(client, ada, post, by_eve):
    by_eve(post, title="Theirs")
    client.force_login(ada)
    opened = filled(post, title="Mine")
    client.post(url(post), opened)
    by_eve(post, title="Theirs again")
    html = client.post(url(post), opened | {"opened_version": 2}).content.decode()
    assert "Theirs again" in html
    assert Post.objects.get().title == "Theirs again"


def test_a_text_is_not_merged_into_what_was_published_meanwhile(client, ada, eve, post, by_eve):
    publish_content(by_eve(post, subtitle="Of eve"), by=eve)
    client.force_login(ada)
    html = client.post(url(post), filled(post, body="Half a thought")).content.decode()
    assert "Its state is now: Published." in html
    assert 'value="Of eve"' in html
    assert Post.objects.get().body == BODY


def test_a_version_that_never_was_is_refused(client, ada, post):
    client.force_login(ada)
    for version in (0, 99):
        form = filled(post, title="Mine") | {"opened_version": version}
        html = client.post(url(post), form).content.decode()
        assert "Somebody else has saved this" in html
    assert Post.objects.get().title == "On ink"


def test_pages_merge_too(client, eve, by_eve):
    page = save_content(Page(title="About", body=BODY), by=eve)
    by_eve(page, body=BODY.replace("black", "blue"))
    client.force_login(eve)
    mine = BODY.replace("cat", "dog")
    assert client.post(url(page), filled(page, body=mine, menu_position="3")).status_code == 302
    stored = Page.objects.get()
    assert (stored.body, stored.menu_position) == (mine.replace("black", "blue"), 3)


# --- over the API -----------------------------------------------------------------------


@pytest.fixture
def patch(client, ada, post):
    """`patch(data, version=1, prefer="merge")`: ada's change, made from that version."""

    def send(data, version=1, prefer="merge", method="patch"):
        client.force_login(ada)
        return getattr(client, method)(
            f"/api/v1/posts/{post.pk}/",
            data,
            content_type="application/json",
            headers={"If-Match": f'"v{version}.0"', "Prefer": prefer},
        )

    return send


def test_a_client_that_prefers_it_gets_both_changes_merged(patch, post, by_eve, make_category):
    category = make_category()
    by_eve(post, body=BODY.replace("black", "blue"), tags=[], title="Theirs", published_at=AT)
    mine = {"body": BODY.replace("cat", "dog"), "tags": ["ink", "paper"], "reason": "An animal"}
    mine |= {"category_id": category.pk, "title": "On ink", "published_at": None}
    response = patch(mine, prefer="respond-async, merge; wait=1")
    assert response.status_code == 200, response.json()
    assert response["Preference-Applied"] == "merge"
    assert response["ETag"].startswith('"v3.')
    body = response.json()
    assert body["body"] == BODY.replace("black", "blue").replace("cat", "dog")
    assert (body["title"], body["tags"], body["category"]["id"]) == ("Theirs", [], category.pk)
    assert body["published_at"] == "2026-06-02T08:00:00Z"
    assert post.revisions.first().reason == "An animal"


def test_without_the_wish_a_stale_change_is_refused_as_ever(patch, post, by_eve):
    by_eve(post, subtitle="Of eve")
    for prefer in ("", "merged", "return=minimal"):
        response = patch({"title": "Mine"}, prefer=prefer)
        assert response.status_code == 412
        assert "overlaps" not in response.json()
    assert Post.objects.get().title == "On ink"


def test_what_overlaps_is_told_with_all_sides(patch, post, by_eve):
    by_eve(post, title="Theirs", body=BODY.replace("black", "blue"), subtitle="Of eve")
    mine = {"title": "Mine", "body": BODY.replace("black", "red"), "excerpt": "Short."}
    response = patch(mine, method="put")
    assert response.status_code == 412
    body = response.json()
    assert (body["type"], body["your_version"]) == ("urn:inkstone:problem:stale-version", 1)
    assert body["overlaps"] == [
        {"field": "title", "base": "On ink", "yours": "Mine", "theirs": "Theirs"},
        {
            "field": "body",
            "base": "Ink is black.\n",
            "yours": "Ink is red.\n",
            "theirs": "Ink is blue.\n",
        },
    ]
    stored = Post.objects.get()
    assert (stored.title, stored.excerpt, stored.version) == ("Theirs", "", 2)


def test_a_change_of_state_is_never_merged_over(patch, post, eve):
    publish_content(post, by=eve)
    response = patch({"body": "Half a thought"})
    assert response.status_code == 412
    assert response.json()["overlaps"][0] == {"field": "status", "base": "draft"}
    assert Post.objects.get().body == BODY


def test_a_wish_changes_nothing_for_the_present_version_or_one_that_never_was(patch, post, ada):
    response = patch({"title": "Mine"})
    assert response.status_code == 200
    assert "Preference-Applied" not in response
    assert patch({"title": "Lost"}, version=77).status_code == 412
    assert Post.objects.get().title == "Mine"
