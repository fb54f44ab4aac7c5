"""The lists of the admin: what each person finds, what actions answer, and what it all costs."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from blog.models import OldAddress, Post
from blog.services import submit_content, trash_content
from events.models import Event

pytestmark = pytest.mark.django_db
LIST = "/admin/blog/post/"
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def posts(make_post, ada, cleo):
    """One post in each state by ada, and a draft and a live one by cleo."""
    with time_machine.travel(NOW, tick=False):
        made = {
            "draft": make_post(author=ada, title="Ada draft", draft=True),
            "in_review": make_post(author=ada, title="Ada in review", draft=True),
            "published": make_post(author=ada, title="Ada live", published_at=NOW - DAY),
            "scheduled": make_post(author=ada, title="Ada scheduled", published_at=NOW + DAY),
            "expired": make_post(author=ada, title="Ada expired", published_at=NOW - 2 * DAY),
            "trashed": make_post(author=ada, title="Ada trashed"),
            "cleo draft": make_post(author=cleo, title="Cleo draft", draft=True),
            "cleo live": make_post(author=cleo, title="Cleo live", published_at=NOW - DAY),
        }
        submit_content(made["in_review"], by=ada)
        Post.objects.filter(pk=made["expired"].pk).update(unpublish_at=NOW - DAY)
        trash_content(made["trashed"], by=ada)
        yield made


def found(client, query: str = "") -> set[str]:
    response = client.get(LIST + query)
    assert response.status_code == 200, query
    return {post.title for post in response.context["cl"].result_list}


OWN = {"Ada draft", "Ada in review", "Ada live", "Ada scheduled", "Ada expired"}


# person: what the list shows, and what is reached besides through the filter of the bin
FINDS = {
    "cleo": ({"Cleo draft"}, set()),
    "ada": (OWN, {"Ada trashed"}),
    "bob": (set(), set()),
    "eve": (OWN | {"Cleo draft", "Cleo live"}, {"Ada trashed"}),
    "sam": (OWN | {"Cleo draft", "Cleo live"}, {"Ada trashed"}),
}


@pytest.mark.parametrize("person", FINDS)
def test_each_person_finds_what_they_may_change_and_the_rest_is_not_there(
    person, request, client, posts
):
    client.force_login(request.getfixturevalue(person))
    listed, binned = FINDS[person]
    assert found(client) == listed
    for post in posts.values():
        address, there = f"{LIST}{post.pk}/", post.title in listed | binned
        assert client.get(f"{address}change/").status_code == (200 if there else 404)
        assert client.get(f"{address}history/").status_code == (200 if there else 404)
        may_delete = post.title in listed or (there and person == "sam")
        assert client.get(f"{address}delete/").status_code == (200 if may_delete else 404)


def test_strangers_are_sent_to_the_sign_in_and_readers_find_nothing(client, rita, posts):
    assert client.get(LIST)["Location"] == f"/admin/login/?next={LIST}"
    client.force_login(rita)
    assert client.get(LIST).status_code == 404


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("?state=draft", {"Ada draft"}),
        ("?state=in_review", {"Ada in review"}),
        ("?state=published", {"Ada live"}),
        ("?state=scheduled", {"Ada scheduled"}),
        ("?state=expired", {"Ada expired"}),
        ("?state=trashed", {"Ada trashed"}),
        ("?state=nonsense", OWN),
        ("?mine=1", OWN),
        ("?q=live", {"Ada live"}),
        ("?q=ADA+sched", {"Ada scheduled"}),
        ("?q=nothing", set()),
        ("?visibility__exact=members", set()),
    ],
)
def test_the_list_is_filtered_and_searched(query, titles, client, ada, posts):
    client.force_login(ada)
    assert found(client, query) == titles


@pytest.mark.parametrize(
    "query",
    [
        "?q=%00",
        "?q=" + "x" * 5000,
        "?p=999",
        "?p=x",
        "?o=99",
        "?o=-1.2.x",
        "?state=%00",
        "?category__id__exact=x",
        "?tags__id__exact=9999999999999999999999",
        "?authors__password__startswith=a",
        "?nonsense=1",
        "?all=",
        "?_facets=True",
    ],
)
def test_a_hostile_query_is_answered(query, client, ada, posts):
    client.force_login(ada)
    assert client.get(LIST + query).status_code in (200, 302, 400, 404)


def test_the_list_says_the_state_and_the_byline(client, ada, posts):
    client.force_login(ada)
    html = client.get(LIST).content.decode()
    for words in ("Draft", "In review", "Published", "Scheduled", "Expired", "Ada Lovelace"):
        assert words in html


# --- actions ----------------------------------------------------------------------------


def act(client, action: str, *posts) -> str:
    data = {"action": action, "_selected_action": [post.pk for post in posts], "confirmed": "yes"}
    versions = Post.objects.in_bulk([post.pk for post in posts])
    data["seen"] = [f"{post.pk}:{post.version}" for post in versions.values()]
    return client.post(f"{LIST}?state={posts[0].state}", data, follow=True).content.decode()


def test_an_action_answers_for_each_item(client, ada, posts, make_post):
    client.force_login(ada)
    empty = make_post(author=ada, title="Ada empty", body="", draft=True)
    html = act(client, "publish", posts["draft"], empty)
    assert "1 item published." in html
    assert "“Ada empty”: Write something before publishing." in html
    assert Post.objects.get(pk=posts["draft"].pk).state == "published"
    event = Event.objects.filter(kind="post.published", actor=ada).get()
    assert event.subject_id == str(posts["draft"].pk)
    assert Post.objects.get(pk=empty.pk).state == "draft"


@pytest.mark.parametrize(
    ("action", "before", "after"),
    [
        ("publish", "in_review", "published"),
        ("unpublish", "published", "draft"),
        ("submit", "draft", "in_review"),
        ("trash", "scheduled", "trashed"),
        ("restore", "trashed", "published"),
    ],
)
def test_each_action_takes_its_step(action, before, after, client, eve, posts):
    client.force_login(eve)
    act(client, action, posts[before])
    assert Post.objects.get(pk=posts[before].pk).state == after


def test_a_contributor_has_no_action_to_publish(client, cleo, posts):
    client.force_login(cleo)
    html = client.get(LIST).content.decode()
    assert 'value="submit"' in html
    assert 'value="publish"' not in html
    act(client, "publish", posts["cleo draft"])
    assert Post.objects.get(pk=posts["cleo draft"].pk).state == "draft"


def test_an_action_does_not_reach_what_one_does_not_find(client, bob, posts):
    client.force_login(bob)
    act(client, "trash", posts["published"])
    assert Post.objects.get(pk=posts["published"].pk).state == "published"


def test_there_is_no_bulk_deletion(client, sam, posts):
    client.force_login(sam)
    assert "delete_selected" not in client.get(LIST).content.decode()
    act(client, "delete_selected", posts["trashed"])
    assert Post.objects.filter(pk=posts["trashed"].pk).exists()


def test_too_many_at_once_are_refused(client, eve, posts, monkeypatch):
    monkeypatch.setattr("blog.admin.bulk.MAX_ITEMS_PER_ACTION", 1)
    client.force_login(eve)
    html = act(client, "trash", posts["published"], posts["cleo live"])
    assert "Choose at most 1 at a time." in html
    assert Post.objects.filter(trashed_at__isnull=False).count() == 1


# --- what it costs ----------------------------------------------------------------------


# Address and the most queries it may take, session, user, permissions and site included.
COSTS = {
    LIST: 12,
    f"{LIST}?q=post": 12,
    "/admin/blog/page/": 9,
    "/admin/blog/tag/": 8,
    "/admin/blog/category/": 8,
    "/admin/blog/series/": 8,
    "/admin/blog/revision/": 8,
    "/admin/blog/oldaddress/": 12,
    "/admin/events/event/": 12,
    "/admin/autocomplete/?app_label=blog&model_name=post&field_name=tags": 8,
}


def test_a_list_costs_the_same_for_3_and_30_rows(
    client, sam, make_post, make_page, make_tag, make_category, make_series
):
    client.force_login(sam)
    counts = {address: [] for address in COSTS}
    for start, end in ((0, 3), (3, 30)):
        for number in range(start, end):
            category, series = make_category(f"c{number}"), make_series(f"s{number}")
            tags = [make_tag(f"t{number}")]
            title = f"Post {number}"
            post = make_post(title=title, tags=tags, category=category, series=series)
            page = make_page(title=f"Page {number}")
            for thing in (post, page, category, series, *tags):
                OldAddress.objects.remember(f"/{thing._meta}/{number}", thing)
        for address, found in counts.items():
            client.get(address)  # what is read once for each process, such as content types
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            found.append(len(queries))
    for address, (few, many) in counts.items():
        assert many <= few <= COSTS[address], address


def test_a_list_reads_no_text(client, eve, posts):
    client.force_login(eve)
    for address in (LIST, "/admin/blog/revision/"):
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        sql = " ".join(query["sql"] for query in queries)
        assert '"body_html"' not in sql
        assert '"body"' not in sql
        assert '"snapshot"' not in sql


def test_opening_a_post_costs_the_same_with_many_tags_and_authors(
    client, eve, make_post, make_tag, make_user
):
    client.force_login(eve)
    counts = []
    for size in (2, 10):
        tags = [make_tag(f"{size}-{number}") for number in range(size)]
        people = [make_user(f"user_{size}_{number}") for number in range(size)]
        post = make_post(authors=people, tags=tags)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"{LIST}{post.pk}/change/").status_code == 200
        counts.append(len(queries))
    # Each row of the byline asks for the name it shows: one small query by key.
    assert counts[1] - counts[0] == 8
    assert counts[0] <= 20


def test_autocompletes_answer_who_writes_and_nobody_else(client, cleo, rita, make_tag):
    make_tag("paper")
    query = "/admin/autocomplete/?app_label=blog&model_name=post&field_name=tags&term=pap"
    client.force_login(cleo)
    assert [tag["text"] for tag in json.loads(client.get(query).content)["results"]] == ["paper"]
    for wrong in ("field_name=authors", "field_name=password", "model_name=user", "app_label=x"):
        name = wrong.split("=")[0]
        parts = [part for part in query.split("?")[1].split("&") if not part.startswith(name)]
        assert client.get("/admin/autocomplete/?" + "&".join([*parts, wrong])).status_code == 404
    client.force_login(rita)
    assert client.get(query).status_code == 404
    client.logout()
    assert client.get(query).status_code == 302


@pytest.mark.parametrize("words", ["病夫", "granite", "GRANIT", "a-slug-of", "磨墨"])
def test_posts_are_found_by_title_text_or_address(client, eve, make_post, words):
    make_post(title="研墨", body="磨墨如病夫。 And granite.", slug="a-slug-of-its-own", draft=True)
    make_post(title="Another", body="Nothing.")
    client.force_login(eve)
    html = client.get("/admin/blog/post/", {"q": words}).content.decode()
    assert "研墨" in html
    assert "Another" not in html
