"""The steps between states: each works, refuses who may not and the wrong state, and is kept."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError

from blog.models import Post, Revision
from blog.services import (
    delete_content,
    publish_content,
    restore_content,
    save_content,
    submit_content,
    trash_content,
    unpublish_content,
)
from events.models import Event

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


STEPS = {
    "submit": submit_content,
    "publish": publish_content,
    "unpublish": unpublish_content,
    "trash": trash_content,
    "restore": restore_content,
}


def in_state(make_post, state: str, author) -> Post:
    post = make_post(author=author, draft=state in ("draft", "in_review"), published_at=NOW - DAY)
    if state == "in_review":
        submit_content(post, by=author)
    if state == "scheduled":
        publish_content(post, by=None, at=NOW + DAY)
    if state == "expired":
        Post.objects.update(unpublish_at=NOW)
    if state == "trashed":
        trash_content(post, by=None)
    return Post.objects.get(pk=post.pk)


# From each state by each step: the state after, or None where it is refused.
MATRIX = {
    ("draft", "submit"): "in_review",
    ("draft", "publish"): "published",
    ("draft", "unpublish"): None,
    ("draft", "trash"): "trashed",
    ("draft", "restore"): None,
    ("in_review", "submit"): None,
    ("in_review", "publish"): "published",
    ("in_review", "unpublish"): "draft",
    ("in_review", "trash"): "trashed",
    ("published", "submit"): None,
    ("published", "publish"): None,
    ("published", "unpublish"): "draft",
    ("published", "trash"): "trashed",
    ("published", "restore"): None,
    ("scheduled", "publish"): None,
    ("scheduled", "unpublish"): "draft",
    ("expired", "publish"): "published",
    ("expired", "unpublish"): "draft",
    ("trashed", "submit"): None,
    ("trashed", "publish"): None,
    ("trashed", "unpublish"): None,
    ("trashed", "trash"): None,
    ("trashed", "restore"): "published",
}


@pytest.mark.parametrize(("state", "step"), MATRIX)
def test_a_step_leads_where_the_table_says(state, step, make_post, ada):
    post, after = in_state(make_post, state, ada), MATRIX[state, step]
    version, revisions = post.version, post.revisions.count()
    events = Event.objects.count()
    if after is None:
        with pytest.raises(ValidationError):
            STEPS[step](post, by=ada)
        stored = Post.objects.get()
        assert (stored.state, stored.version) == (state, version)
        assert (stored.revisions.count(), Event.objects.count()) == (revisions, events)
        return
    STEPS[step](post, by=ada)
    stored = Post.objects.get()
    assert (stored.state, post.state) == (after, after)
    assert (stored.version, stored.revisions.count()) == (version + 1, revisions + 1)
    assert Event.objects.count() == events + 1
    last = stored.revisions.first()
    assert (last.editor, last.snapshot["status"]) == (ada, stored.status)
    assert Event.objects.latest("id").kind == f"post.{last.reason}"


# Who may take which step with ada's post in a state that allows it.
ALLOWED = {
    "submit": ("draft", {"ada", "eve", "sam"}),
    "publish": ("draft", {"ada", "eve", "sam"}),
    "unpublish": ("published", {"ada", "eve", "sam"}),
    "trash": ("published", {"ada", "eve", "sam"}),
    "restore": ("trashed", {"ada", "eve", "sam"}),
}


@pytest.mark.parametrize("step", ALLOWED)
@pytest.mark.parametrize("person", ["rita", "cleo", "bob", "ada", "eve", "sam"])
def test_only_who_may_takes_a_step(person, step, make_post, ada, request):
    state, allowed = ALLOWED[step]
    post, user = in_state(make_post, state, ada), request.getfixturevalue(person)
    if person in allowed:
        STEPS[step](post, by=user)
        return
    with pytest.raises(PermissionDenied):
        STEPS[step](post, by=user)
    assert Post.objects.get().state == state


@pytest.mark.parametrize(
    ("state", "step", "allowed"),
    [
        ("draft", "submit", True),
        ("draft", "publish", False),
        ("in_review", "unpublish", True),
        ("in_review", "publish", False),
        ("draft", "trash", True),
        ("published", "unpublish", False),
        ("published", "trash", False),
    ],
)
def test_a_contributor_submits_and_withdraws_but_does_not_publish(
    state, step, allowed, cleo, make_post
):
    post = in_state(make_post, state, cleo)
    if allowed:
        STEPS[step](post, by=cleo)
        return
    with pytest.raises(PermissionDenied):
        STEPS[step](post, by=cleo)


def test_a_stale_copy_does_not_help_a_contributor_to_unpublish(cleo, eve, make_post):
    post = in_state(make_post, "in_review", cleo)
    stale = Post.objects.get()
    publish_content(post, by=eve)
    with pytest.raises(PermissionDenied):
        unpublish_content(stale, by=cleo)


def test_nothing_is_published_without_a_text(make_post, ada):
    post = make_post(author=ada, draft=True, body=" \n")
    with pytest.raises(ValidationError, match="Write something"):
        publish_content(post, by=ada)


def test_publishing_keeps_the_time_that_was_set(make_post, ada):
    post = make_post(author=ada, draft=True)
    post.published_at = NOW + DAY
    save_content(post, by=ada)
    publish_content(post, by=ada)
    assert (post.published_at, post.state) == (NOW + DAY, "scheduled")


def test_a_published_post_is_rescheduled_by_naming_a_time(make_post, ada):
    post = in_state(make_post, "published", ada)
    publish_content(post, by=ada, at=NOW + DAY)
    assert post.state == "scheduled"


def test_publishing_again_forgets_an_end_that_has_passed(make_post, ada):
    post = in_state(make_post, "expired", ada)
    unpublish_content(post, by=ada)
    publish_content(post, by=ada)
    assert (post.unpublish_at, post.state) == (None, "published")


def test_a_draft_whose_end_has_passed_is_published_without_it(make_post, ada):
    post = make_post(author=ada, draft=True)
    post.unpublish_at = NOW - DAY
    save_content(post, by=ada)
    publish_content(post, by=ada)
    assert (post.unpublish_at, post.published_at) == (None, NOW)


def test_a_time_after_the_end_is_refused(make_post, ada):
    post = make_post(author=ada, draft=True)
    post.unpublish_at = NOW + DAY
    save_content(post, by=ada)
    with pytest.raises(ValidationError, match="before its publication"):
        publish_content(post, by=ada, at=NOW + DAY)
    assert Post.objects.get().state == "draft"


def test_a_step_does_not_write_unsaved_text(make_post, ada):
    post = make_post(author=ada, draft=True)
    post.title = "Not saved"
    publish_content(post, by=ada)
    assert Post.objects.get().title == "On ink"


def test_only_an_administrator_deletes_for_ever_and_only_from_the_bin(make_post, ada, eve, sam):
    post = make_post(author=ada)
    with pytest.raises(ValidationError, match="bin"):
        delete_content(post, by=sam)
    trash_content(post, by=ada)
    for user in (ada, eve):
        with pytest.raises(PermissionDenied):
            delete_content(post, by=user)
    pk = post.pk
    delete_content(post, by=sam)
    assert not Post.objects.exists()
    assert not Revision.objects.exists()
    event = Event.objects.get(kind="post.deleted")
    assert (event.subject_id, event.actor, event.payload) == (str(pk), sam, {"title": "On ink"})
