"""Who sees and who may change what: every role and state, on the boundary instants too."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied

from accounts.models import Role
from accounts.services import set_role
from blog import policy
from blog.models import Content, Page, Post
from blog.services import save_content, submit_content, trash_content

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def posts(make_post, make_user, ada, cleo):
    """One post in each state, half by ada (an author), half by cleo (a contributor)."""

    def five(writer):
        made = {
            "draft": make_post(author=writer, title="Draft", draft=True),
            "in_review": make_post(author=writer, title="In review", draft=True),
            "live": make_post(author=writer, title="Live", published_at=NOW - TICK),
            "members": make_post(
                author=writer, title="Members", visibility="members", published_at=NOW - TICK
            ),
            "scheduled": make_post(author=writer, title="Scheduled", published_at=NOW + TICK),
            "expired": make_post(author=writer, title="Expired", published_at=NOW - 2 * TICK),
            "trashed": make_post(author=writer, title="Trashed", published_at=NOW - TICK),
        }
        submit_content(made["in_review"], by=writer)
        Post.objects.filter(pk=made["expired"].pk).update(unpublish_at=NOW - TICK)
        trash_content(made["trashed"], by=None)
        return {state: post.pk for state, post in made.items()}

    return {"ada": five(ada), "cleo": five(cleo)}


def states(queryset, posts, writer) -> set[str]:
    found = set(queryset.values_list("pk", flat=True))
    return {state for state, pk in posts[writer].items() if pk in found}


EVERYTHING = {"draft", "in_review", "live", "members", "scheduled", "expired", "trashed"}
PUBLIC = {"live"}
MEMBERS = {"live", "members"}
# person: what is listed, visible of ada's, visible of cleo's, editable of ada's, of cleo's
TABLE = {
    "anonymous": (PUBLIC, PUBLIC, PUBLIC, set(), set()),
    "rita": (MEMBERS, MEMBERS, MEMBERS, set(), set()),
    "cleo": (MEMBERS, MEMBERS, EVERYTHING - {"trashed"}, set(), {"draft", "in_review"}),
    "ada": (MEMBERS, EVERYTHING - {"trashed"}, MEMBERS, EVERYTHING, set()),
    "bob": (MEMBERS, MEMBERS, MEMBERS, set(), set()),
    "eve": (MEMBERS, EVERYTHING - {"trashed"}, EVERYTHING - {"trashed"}, EVERYTHING, EVERYTHING),
    "sam": (MEMBERS, EVERYTHING - {"trashed"}, EVERYTHING - {"trashed"}, EVERYTHING, EVERYTHING),
}


@pytest.mark.parametrize("name", TABLE)
def test_each_person_finds_opens_and_changes_what_the_table_says(name, posts, request):
    user = AnonymousUser() if name == "anonymous" else request.getfixturevalue(name)
    listed, ada_visible, cleo_visible, ada_editable, cleo_editable = TABLE[name]
    assert states(Post.objects.listed_for(user), posts, "ada") == listed
    assert states(Post.objects.listed_for(user), posts, "cleo") == listed
    assert states(Post.objects.visible_to(user), posts, "ada") == ada_visible
    assert states(Post.objects.visible_to(user), posts, "cleo") == cleo_visible
    assert states(Post.objects.editable_by(user), posts, "ada") == ada_editable
    assert states(Post.objects.editable_by(user), posts, "cleo") == cleo_editable


def test_a_deactivated_writer_may_change_nothing(posts, ada):
    ada.is_active = False
    assert not Post.objects.editable_by(ada).exists()
    assert not policy.may_publish(ada, Post.objects.get(pk=posts["ada"]["live"]))


def test_a_post_is_published_from_its_very_instant(make_post):
    post = make_post(published_at=NOW)
    assert post.is_published
    assert Post.objects.published().get() == post
    assert not Post.objects.published(NOW - TICK).exists()


def test_a_post_is_gone_at_the_very_instant_it_is_taken_down(make_post):
    post = make_post(published_at=NOW - 2 * TICK)
    Post.objects.update(unpublish_at=NOW)
    post.refresh_from_db()
    assert post.is_expired
    assert not post.is_published
    assert not Post.objects.published().exists()
    assert Post.objects.published(NOW - TICK).get() == post


def test_the_derived_state_and_the_queryset_say_the_same(posts):
    for state in Content.State:
        for post in Post.objects.in_state(state):
            assert post.state == state
            assert post.state_label == state.label
    assert sum(Post.objects.in_state(state).count() for state in Content.State) == 14


def test_a_page_is_changed_by_editors_only(make_page, ada, cleo, eve, rita):
    draft = make_page(draft=True)
    assert list(Page.objects.editable_by(eve)) == [draft]
    for user in (ada, cleo, rita):
        assert not Page.objects.editable_by(user).exists()
        assert not Page.objects.visible_to(user).exists()


POLICY = {
    # person: may_create post, page; may_edit, publish, unpublish, delete ada's live post
    "rita": (False, False, False, False, False, False),
    "cleo": (True, False, False, False, False, False),
    "bob": (True, False, False, False, False, False),
    "ada": (True, False, True, True, True, False),
    "eve": (True, True, True, True, True, False),
    "sam": (True, True, True, True, True, True),
}


@pytest.mark.parametrize("name", POLICY)
def test_the_policy_answers_as_the_table_says(name, request, make_post, ada):
    user, post = request.getfixturevalue(name), make_post(author=ada)
    assert (
        policy.may_create(user, Post),
        policy.may_create(user, Page),
        policy.may_edit(user, post),
        policy.may_publish(user, post),
        policy.may_unpublish(user, post),
        policy.may_delete(user, post),
    ) == POLICY[name]


def test_only_who_edits_everything_names_other_authors(ada, bob, cleo, eve, sam, rita):
    assert [
        user.username for user in (rita, cleo, ada, bob, eve, sam) if policy.may_name_authors(user)
    ] == [
        "eve",
        "sam",
    ]


def test_a_demoted_writer_loses_the_right_to_change(make_user, make_post):
    ida = make_user("ida", Role.AUTHOR)
    post = make_post(author=ida, draft=True)
    assert policy.may_edit(ida, post)
    set_role(ida, None)
    ida = type(ida).objects.get(pk=ida.pk)
    assert not policy.may_edit(ida, post)
    with pytest.raises(PermissionDenied):
        save_content(post, by=ida)
