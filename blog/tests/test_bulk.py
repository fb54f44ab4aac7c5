"""One step for many: told before it is taken, taken for what was seen, and taken back."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from accounts.models import Role
from accounts.services import set_role
from blog import bulk
from blog.models import Page, Post, Revision
from blog.services import save_content, submit_content, trash_content
from events.models import Event

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
LIST = "/admin/blog/post/"
UNDO = f"{LIST}undo/"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def ask(client, action: str, *posts, address: str = LIST):
    """What the page of the preview says."""
    form = {"action": action, "_selected_action": [post.pk for post in posts]}
    return client.post(address, form)


def confirm(client, preview, *, address: str = LIST) -> str:
    """Send what the button of that page sends; the text of the list after it."""
    changes = preview.context["changes"]
    form = {
        "action": preview.context["step"],
        "confirmed": "yes",
        "_selected_action": [effect.content.pk for effect in changes],
        "seen": [f"{effect.content.pk}:{effect.content.version}" for effect in changes],
    }
    return client.post(address, form, follow=True).content.decode()


def rows() -> list[dict]:
    return list(Post.objects.order_by("pk").values())


def test_the_preview_tells_what_would_be_and_writes_nothing(client, ada, make_post):
    draft = make_post(author=ada, draft=True, title="<Draft>")
    empty = make_post(author=ada, draft=True, title="Empty", body="")
    live = make_post(author=ada, title="Live")
    before, events, revisions = rows(), Event.objects.count(), Revision.objects.count()
    client.force_login(ada)
    answer = ask(client, "publish", draft, empty, live)
    html = answer.content.decode()
    assert [effect.content for effect in answer.context["changes"]] == [draft]
    assert answer.context["changes"][0].after.state == "published"
    assert {effect.content.title: effect.reason for effect in answer.context["refusals"]} == {
        "Empty": "Write something before publishing.",
        "Live": "It is published already.",
    }
    assert "&lt;Draft&gt;" in html
    assert (rows(), Event.objects.count(), Revision.objects.count()) == (before, events, revisions)


@pytest.mark.parametrize(
    ("action", "state"),
    [
        ("publish", "draft"),
        ("publish", "in_review"),
        ("unpublish", "published"),
        ("unpublish", "in_review"),
        ("submit", "draft"),
        ("trash", "published"),
        ("restore", "trashed"),
    ],
)
def test_a_step_is_taken_and_taken_back(client, ada, make_post, action, state):
    post = make_post(author=ada, draft=state in ("draft", "in_review"))
    if state == "in_review":
        submit_content(post, by=ada)
    if state == "trashed":
        trash_content(post, by=ada)
    kept = Post.objects.values(*bulk.services.STEP_FIELDS).get()
    client.force_login(ada)
    address = f"{LIST}?state={state}"
    html = confirm(client, ask(client, action, post, address=address), address=address)
    assert Post.objects.get().state != state
    key = client.session["undo_post"]["key"]
    assert f'value="{key}"' in html
    told = client.post(UNDO, {"key": key}, follow=True).content.decode()
    assert "1 item is as it was." in told
    assert Post.objects.values(*bulk.services.STEP_FIELDS).get() == kept
    assert Post.objects.get().state == state
    # Both are steps like any other: in the history, and told to whoever follows.
    first, second = Event.objects.order_by("-pk")[:2]
    assert first.kind != second.kind
    assert (first.actor, second.actor) == (ada, ada)
    assert post.revisions.first().snapshot["status"] == kept["status"]
    assert "There is nothing to undo" in client.post(UNDO, {"key": key}, follow=True).text


def test_what_somebody_changed_since_the_preview_is_left_alone(client, ada, eve, make_post):
    first, second = (make_post(author=ada, title=title) for title in ("One", "Two"))
    client.force_login(ada)
    preview = ask(client, "trash", first, second)
    save_content(Post.objects.get(pk=first.pk), by=eve)
    html = confirm(client, preview)
    assert "“One”: Somebody else has saved this meanwhile." in html
    assert list(Post.objects.filter(trashed_at=None)) == [first]


def test_a_confirmation_of_what_was_never_shown_does_nothing(client, ada, make_post):
    post = make_post(author=ada)
    client.force_login(ada)
    form = {"action": "trash", "_selected_action": [post.pk], "confirmed": "yes"}
    for seen in ([], ["x"], [f"{post.pk}:"], [f"{post.pk}:{'9' * 40}"]):
        assert client.post(LIST, {**form, "seen": seen}).status_code == 302
    assert Post.objects.get().trashed_at is None


def test_only_what_nobody_changed_since_is_taken_back(client, ada, eve, make_post):
    first, second = (make_post(author=ada, title=title) for title in ("One", "Two"))
    client.force_login(ada)
    confirm(client, ask(client, "unpublish", first, second))
    save_content(Post.objects.get(pk=first.pk), by=eve)
    html = client.post(UNDO, {"key": client.session["undo_post"]["key"]}, follow=True).text
    assert "1 item is as it was." in html
    assert "“One”: Somebody else has saved this meanwhile." in html
    assert Post.objects.get(pk=first.pk).state == "draft"
    assert Post.objects.get(pk=second.pk).state == "published"


def test_after_ten_minutes_it_stays(client, clock, ada, make_post):
    post = make_post(author=ada)
    client.force_login(ada)
    confirm(client, ask(client, "trash", post))
    key = client.session["undo_post"]["key"]
    clock.move_to(NOW + timedelta(minutes=10))
    assert 'class="undo"' not in client.get(LIST).text
    assert "There is nothing to undo" in client.post(UNDO, {"key": key}, follow=True).text
    assert Post.objects.get().trashed_at == NOW


def test_who_may_no_more_takes_nothing_back(client, ada, make_post):
    post = make_post(author=ada)
    client.force_login(ada)
    confirm(client, ask(client, "unpublish", post))
    key = client.session["undo_post"]["key"]
    set_role(ada, Role.CONTRIBUTOR)
    assert "“On ink”: You may not do this." in client.post(UNDO, {"key": key}, follow=True).text
    assert Post.objects.get().state == "draft"


def test_another_person_and_another_way_find_nothing(client, ada, bob, make_post):
    post = make_post(author=ada)
    client.force_login(ada)
    confirm(client, ask(client, "trash", post))
    key = client.session["undo_post"]["key"]
    assert client.get(UNDO).status_code == 405
    client.logout()
    client.force_login(bob)
    assert "There is nothing to undo" in client.post(UNDO, {"key": key}, follow=True).text
    assert Post.objects.get().trashed_at == NOW


def test_pages_as_well(client, eve, make_page):
    page = make_page()
    client.force_login(eve)
    address = "/admin/blog/page/"
    confirm(client, ask(client, "trash", page, address=address), address=address)
    key = client.session["undo_page"]["key"]
    client.post(f"{address}undo/", {"key": key})
    assert Page.objects.get().state == "published"
