"""The history in the admin: every save is there, any two are compared, any comes back."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from blog.models import Page, Post
from blog.services import publish_content, save_content, trash_content
from blog.tests.admin_forms import filled
from library.models import Image

pytestmark = pytest.mark.django_db


def url(content, tail: str) -> str:
    return f"/admin/blog/{content._meta.model_name}/{content.pk}/{tail}"


def text_of(response) -> str:
    assert response.status_code == 200, response.status_code
    return response.content.decode()


@pytest.fixture
def rewritten(ada, make_post) -> Post:
    """A draft with three revisions."""
    post = make_post(author=ada, draft=True, body="Black ink is old.\n\nPaper is not.\n")
    post.body = "Blue ink is old.\n\nPaper is not.\n"
    save_content(post, by=ada, reason="another colour")
    post.title, post.body = "On <paper>", "Blue ink is old.\n\nPaper is older.\n"
    save_content(post, by=ada)
    return post


def test_two_hundred_saves_are_two_hundred_revisions_that_one_reaches(client, ada, make_post):
    post = make_post(author=ada, draft=True)
    for number in range(2, 201):
        post.body = f"Text {number}"
        save_content(post, by=ada, reason=f"change {number}")
    client.force_login(ada)
    found, costs = set(), []
    for page in range(1, 5):
        with CaptureQueriesContext(connection) as queries:
            html = text_of(client.get(url(post, f"history/?p={page}")))
        costs.append(len(queries))
        found |= set(re.findall(r"/admin/blog/revision/(\d+)/change/", html))
        assert "200 saves" in html
    assert found == {str(key) for key in post.revisions.values_list("pk", flat=True)}
    assert len(found) == 200
    assert len(set(costs)) == 1
    assert costs[0] <= 9
    html = text_of(client.get(url(post, "history/compare/?from=3&to=177")))
    assert "change 177" in html


def test_a_comparison_shows_what_went_and_what_came(client, ada, rewritten):
    client.force_login(ada)
    html = text_of(client.get(url(rewritten, "history/compare/?from=1&to=3")))
    for went in ("Black", "not", "ink"):
        assert re.search(rf"<del><span[^>]*>\[removed: </span>[^<]*{went}", html), went
    for came in ("Blue", "older"):
        assert f"[added: </span>{came}<span" in html
    assert "&lt;paper&gt;" in html
    assert "<paper>" not in html
    # The last two, when none is named; and in the order of time, however they are named.
    html = text_of(client.get(url(rewritten, "history/compare/")))
    assert "Black" not in html
    assert "Revision 2" in html
    html = text_of(client.get(url(rewritten, "history/compare/?from=3&to=1")))
    assert html.index("Revision 1") < html.index("Revision 3")
    assert "[removed: </span>Black" in html


def test_what_is_linked_is_told_by_its_name(
    client, eve, ada, bob, make_post, make_tag, make_category
):
    cover = Image.objects.create(
        digest="0" * 64, file="0.png", name="Cover", width=1, height=1, size=1
    )
    post = make_post(
        author=ada, draft=True, tags=[make_tag("paper")], category=make_category("Old")
    )
    gone = make_category("Fleeting")
    post.category, post.cover, post.featured = gone, cover, True
    save_content(post, by=eve, authors=[bob], tags=[make_tag("ink")])
    gone.delete()
    client.force_login(eve)
    html = text_of(client.get(url(post, "history/compare/")))
    for words in ("paper", "Old", "Ada Lovelace", "No", "ink", "Bob", "Yes", "(deleted)", "Cover"):
        assert f"</span>{words}<span" in html, words


def test_any_revision_comes_back_whole_as_a_new_one(
    client, eve, ada, bob, make_post, make_tag, make_category, make_series
):
    cover = Image.objects.create(digest="0" * 64, file="0.png", name="0", width=1, height=1, size=1)
    fields = {
        "seo_title": "SEO",
        "seo_description": "For engines.",
        "slug": "first",
        "cover": cover,
    }
    fields |= {"category": make_category(), "series": make_series(), "series_part": 3}
    post = make_post(author=ada, draft=True, tags=[make_tag("paper")], **fields)
    first = post.revisions.get().snapshot
    for name in ("seo_title", "seo_description"):
        setattr(post, name, "")
    post.slug, post.title, post.cover, post.category, post.series = "second", "x", None, None, None
    save_content(post, by=eve, authors=[bob], tags=[make_tag("ink")])
    client.force_login(eve)
    response = client.post(url(post, "history/1/restore/"), follow=True)
    assert "back to what it was in revision 1" in text_of(response)
    stored = Post.objects.get()
    assert stored.snapshot() == first
    last = stored.revisions.first()
    assert (last.number, last.editor, last.reason) == (3, eve, "restored revision 1")


def test_a_restored_text_of_a_live_post_leaves_its_state(client, ada, make_post):
    post = make_post(author=ada)
    client.force_login(ada)
    client.post(url(post, "history/1/restore/"))  # a draft then
    stored = Post.objects.get()
    assert (stored.state, stored.published_at) == ("published", post.published_at)


def test_what_cannot_be_restored_says_why(client, ada, make_post):
    post = make_post(author=ada, draft=True, body="")
    post.body = "Ink."
    save_content(post, by=ada)
    publish_content(post, by=ada)
    client.force_login(ada)
    response = client.post(url(post, "history/1/restore/"), follow=True)
    assert "Write something before publishing." in text_of(response)
    post.refresh_from_db()
    assert (post.body, post.revisions.count()) == ("Ink.", 3)


def test_editors_see_the_history_of_pages(client, eve):
    page = save_content(Page(title="About", body="We."), by=eve)
    page.body = "You."
    save_content(page, by=eve)
    client.force_login(eve)
    assert "2 saves" in text_of(client.get(url(page, "history/")))
    assert "[added: </span>You.<span" in text_of(client.get(url(page, "history/compare/")))
    client.post(url(page, "history/1/restore/"))
    assert Page.objects.get().body == "We."


@pytest.mark.parametrize("tail", ["history/", "history/compare/", "history/1/restore/"])
def test_who_may_not_change_it_finds_no_history(client, bob, cleo, rita, rewritten, tail):
    send = client.post if tail.endswith("restore/") else client.get
    for person in (bob, cleo, rita):
        client.force_login(person)
        assert send(url(rewritten, tail)).status_code == 404
    assert rewritten.revisions.count() == 3


@pytest.mark.parametrize(
    "tail",
    [
        *("history/compare/?to=99", "history/compare/?to=x", "history/compare/?from=-1"),
        *("history/compare/?from=", "history/compare/?to=" + "9" * 40),
    ],
)
def test_what_is_not_there_is_a_404(client, ada, rewritten, tail):
    client.force_login(ada)
    assert client.get(url(rewritten, tail)).status_code == 404
    assert client.post(url(rewritten, "history/99/restore/")).status_code == 404
    assert client.get(url(rewritten, "history/1/restore/")).status_code == 405
    assert text_of(client.get(url(rewritten, "history/?p=x")))


def test_what_lies_in_the_bin_is_compared_and_not_restored(client, ada, rewritten):
    trash_content(rewritten, by=ada)
    client.force_login(ada)
    html = text_of(client.get(url(rewritten, "history/compare/?from=1&to=2")))
    assert "Restore revision" not in html
    client.post(url(rewritten, "history/1/restore/"))
    assert Post.objects.get().title == "On <paper>"


def test_a_save_says_why_in_the_words_of_the_writer(client, ada, rewritten):
    client.force_login(ada)
    form = filled(rewritten, body="Ink.", reason="Shorter, as Eve asked")
    assert client.post(url(rewritten, "change/"), form).status_code == 302
    assert "Shorter, as Eve asked" in text_of(client.get(url(rewritten, "history/")))
    client.post(url(rewritten, "change/"), filled(Post.objects.get()))
    assert [r.reason for r in rewritten.revisions.all()[:2]] == ["saved", "Shorter, as Eve asked"]
    form = filled(Post.objects.get(), reason="x" * 101)
    assert "at most 100 characters" in text_of(client.post(url(rewritten, "change/"), form))
