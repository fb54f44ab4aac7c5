"""A post on its way: submitted, sent back, talked about, assigned; and who is mailed of it."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import Role
from accounts.services import set_role
from blog import review_links
from blog.models import Post, Remark, Site, Task
from blog.services import publish_content, save_site, submit_content, trash_content
from blog.tests.admin_forms import filled
from blog.workflow import add_remark, assign_post, request_changes, resolve_remark
from events.models import Mail
from events.relay import run_receipts

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(datetime(2026, 6, 2, 12, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def submitted(cleo, make_post) -> Post:
    post = make_post(author=cleo, draft=True)
    submit_content(post, by=cleo)
    return post


def page_of(post: Post) -> str:
    return f"/admin/blog/post/{post.pk}/workflow/"


def mailed() -> list[tuple[str, str]]:
    """To whom, and with which subject, after all handlers have run."""
    run_receipts(60)
    rows = Mail.objects.filter(kind="workflow").order_by("pk")
    return [(mail.to.partition("@")[0], mail.subject) for mail in rows]


# --- the steps --------------------------------------------------------------------------


def test_an_editor_asks_for_changes_and_it_is_a_draft_again(eve, submitted):
    remark = request_changes(submitted, by=eve, text="  Name your sources. \n")
    assert (submitted.status, remark.kind, remark.text) == (
        "draft",
        "changes",
        "Name your sources.",
    )
    assert submitted.revisions.latest("number").reason == "unpublished"


def test_what_does_not_wait_for_review_cannot_be_sent_back(eve, make_post):
    with pytest.raises(ValidationError):
        request_changes(make_post(), by=eve, text="Change it.")
    assert not Remark.objects.exists()


@pytest.mark.parametrize("text", ["", "   ", "x" * 5_001, "nul\x00"])
def test_a_remark_that_says_nothing_or_too_much_is_refused(text, eve, submitted):
    with pytest.raises(ValidationError):
        request_changes(submitted, by=eve, text=text)
    submitted.refresh_from_db()
    assert submitted.status == "in_review"


def test_who_may_not_is_refused(ada, bob, cleo, submitted):
    with pytest.raises(PermissionDenied):
        request_changes(submitted, by=cleo, text="Mine")
    with pytest.raises(PermissionDenied):
        add_remark(submitted, by=bob, text="Mine")
    with pytest.raises(ValidationError):
        assign_post(submitted, by=cleo, to=ada, due=None)


def test_writers_talk_on_about_what_is_published_or_theirs_no_more_to_change(cleo, eve, submitted):
    publish_content(submitted, by=eve)
    assert add_remark(submitted, by=cleo, text="Thank you!").author == cleo
    trash_content(submitted, by=eve)
    submitted.refresh_from_db()
    with pytest.raises(PermissionDenied):
        add_remark(submitted, by=cleo, text="Where is it?")


# --- mail -------------------------------------------------------------------------------


def test_editors_hear_of_a_submission(eve, sam, submitted):
    assert mailed() == [("eve", "For review: On ink")]


def test_with_a_reviewer_named_only_they_hear_of_it(cleo, eve, make_user, make_post):
    fay = make_user("fay", Role.EDITOR)
    post = make_post(author=cleo, draft=True)
    assign_post(post, by=eve, to=fay, due=date(2026, 6, 9))
    submit_content(post, by=cleo)
    assert mailed() == [
        ("fay", "For you to do: Review “On ink”"),
        ("fay", "For review: On ink"),
    ]
    text = Mail.objects.earliest("pk").text
    assert "Due on June 9, 2026." in text
    assert f"https://blog.test/admin/blog/task/{Task.objects.get().pk}/change/" in text


def test_writers_hear_what_to_change_and_nobody_hears_of_own_steps(eve, submitted):
    request_changes(submitted, by=eve, text="Name <b>your</b> sources.")
    assert mailed()[-1] == ("cleo", "Changes asked for: On ink")
    mail = Mail.objects.latest("pk")
    assert "Name <b>your</b> sources." in mail.text
    assert "Name &lt;b&gt;your&lt;/b&gt; sources." in mail.html
    assert page_of(submitted) in mail.text


def test_writers_hear_of_a_publication_by_somebody_else_only(ada, eve, submitted, make_post):
    publish_content(submitted, by=eve)
    publish_content(make_post(author=ada, draft=True, title="Own"), by=ada)
    make_post(title="Imported")
    assert mailed() == [("cleo", "Published: On ink")]


def test_a_remark_goes_to_the_writers_and_those_who_spoke(cleo, bob, eve, make_user, submitted):
    fay = make_user("fay", Role.EDITOR)
    add_remark(submitted, by=eve, text="First")
    add_remark(submitted, by=fay, text="Second")
    add_remark(submitted, by=cleo, text="Third")
    remarked = [name for name, subject in mailed() if subject.startswith("A remark")]
    assert sorted(remarked) == ["cleo", "cleo", "eve", "eve", "fay"]


def test_who_left_hears_nothing(cleo, eve, submitted):
    request_changes(submitted, by=eve, text="Change it.")
    cleo.is_active = False
    cleo.save()
    assert "cleo" not in [name for name, _ in mailed()]


# --- the page ---------------------------------------------------------------------------


def test_the_page_takes_each_step(client, cleo, eve, submitted):
    client.force_login(eve)
    html = client.get(page_of(submitted)).content.decode()
    assert "Ask for changes" in html
    assert "Search engines and shared links have no description" in html
    form = {"step": "changes", "text": "Name <your> sources."}
    html = client.post(page_of(submitted), form, follow=True).content.decode()
    assert "Name &lt;your&gt; sources." in html
    form = {"step": "assign", "assignee": cleo.pk, "title": "Sources", "due": "2026-06-09"}
    assert "Sources" in client.post(page_of(submitted), form, follow=True).content.decode()
    client.force_login(cleo)
    client.post(page_of(submitted), {"step": "remark", "text": "Done."})
    client.post(page_of(submitted), {"step": "submit"})
    submitted.refresh_from_db()
    assert (submitted.status, Remark.objects.count()) == ("in_review", 2)
    assert client.post(page_of(submitted), {"step": "publish"}).status_code == 404
    client.force_login(eve)
    assert client.post(page_of(submitted), {"step": "publish"}).status_code == 302
    submitted.refresh_from_db()
    assert submitted.status == "published"


def test_a_remark_is_resolved_on_the_page(client, cleo, bob, eve, submitted, make_post):
    remark = add_remark(submitted, by=eve, text="Name your sources.")
    client.force_login(cleo)
    assert "Resolve<" in client.get(page_of(submitted)).content.decode()
    form = {"step": "resolve", "remark": remark.pk}
    html = client.post(page_of(submitted), form, follow=True).content.decode()
    assert "Resolved by cleo" in html
    remark.refresh_from_db()
    assert remark.resolved_by == cleo
    client.post(page_of(submitted), {"step": "reopen", "remark": remark.pk})
    remark.refresh_from_db()
    assert (remark.resolved_at, remark.resolved_by) == (None, None)
    elsewhere = page_of(make_post(author=cleo, draft=True))
    assert client.post(elsewhere, form).status_code == 404
    assert client.post(page_of(submitted), {"step": "resolve", "remark": "x"}).status_code == 404
    with pytest.raises(PermissionDenied):
        resolve_remark(remark, by=bob)


def test_what_was_typed_stays_when_it_is_refused(client, eve, make_post):
    post = make_post(draft=True)
    client.force_login(eve)
    html = client.post(page_of(post), {"step": "changes", "text": "Typed"}).content.decode()
    assert "It does not wait for review." in html
    assert "Typed</textarea>" in html


def test_a_check_that_refuses_is_told_and_nothing_is_published(client, eve, make_post):
    site = Site.objects.get()
    site.publish_checks = {"missing_description": "blocking"}
    save_site(site, by=None)
    post = make_post(draft=True)
    client.force_login(eve)
    html = client.post(page_of(post), {"step": "publish"}).content.decode()
    assert "The checks of this site refuse to publish it." in html
    assert "Refused:" in html
    post.refresh_from_db()
    assert post.status == "draft"


def test_others_find_no_page(client, ada, bob, rita, make_post):
    post = make_post(author=ada, draft=True)
    for user in (bob, rita):
        client.force_login(user)
        assert client.get(page_of(post)).status_code == 404
        assert client.post(page_of(post), {"step": "remark", "text": "x"}).status_code == 404
    client.force_login(ada)
    assert client.put(page_of(post)).status_code == 405
    assert client.post(page_of(post), {"step": "anything"}).status_code == 404
    assert client.get("/admin/blog/post/999999/workflow/").status_code == 404


def test_the_page_takes_as_many_queries_however_long(
    client, eve, submitted, django_assert_num_queries
):
    for number in range(30):
        add_remark(submitted, by=eve, text=f"Number {number}")
    client.force_login(eve)
    client.get(page_of(submitted))
    with django_assert_num_queries(14):
        client.get(page_of(submitted))


def test_the_form_tells_what_the_checks_find(client, ada, make_post):
    post = make_post(author=ada, draft=True)
    address = f"/admin/blog/post/{post.pk}/change/"
    client.force_login(ada)
    html = client.post(address, filled(post, _check="1"), follow=True).content.decode()
    assert "Warn: Search engines and shared links have no description" in html
    post.refresh_from_db()
    assert post.status == "draft"
    form = filled(post, _check="1", excerpt="What ink is.")
    assert "The checks find nothing." in client.post(address, form, follow=True).content.decode()


def test_what_a_reviewer_says_is_mailed_once_to_writers_and_who_made_the_link(
    cleo, eve, bob, make_user, submitted
):
    fay = make_user("fay", Role.EDITOR)
    link, _address = review_links.make_link(submitted, by=fay)
    before = len(mailed())
    review_links.add_comment(link, name="<i>Zoe</i>", text="The <b>end</b> is weak.", address="x")
    subject = "A reviewer on: On ink"
    assert sorted(mailed()[before:]) == [("cleo", subject), ("fay", subject)]
    run_receipts(60)
    assert len(mailed()) == before + 2
    mail = Mail.objects.latest("pk")
    assert "A reviewer who goes by <i>Zoe</i> says" in mail.text
    assert "&lt;i&gt;Zoe" in mail.html
    assert "The &lt;b&gt;end&lt;/b&gt; is weak." in mail.html
    assert page_of(submitted) in mail.text


def test_who_may_discuss_it_no_more_hears_nothing_of_reviewers(cleo, make_user, submitted):
    fay = make_user("fay", Role.EDITOR)
    link, _address = review_links.make_link(submitted, by=fay)
    before = len(mailed())
    review_links.add_comment(link, name="Zoe", text="Good.", address="x")
    set_role(fay, Role.AUTHOR)
    assert [to for to, _subject in mailed()[before:]] == ["cleo"]
