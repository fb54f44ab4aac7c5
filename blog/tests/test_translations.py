"""The same text in several languages: linked once, told alike everywhere, hidden like the rest."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from defusedxml.ElementTree import fromstring
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blog.models import Post, Site
from blog.services import save_content, trash_content
from blog.tests.admin_forms import filled
from blog.translations import link_translation, unlink_translation
from events.models import Event

pytestmark = pytest.mark.django_db
POSTS = "/api/v1/posts/"


@pytest.fixture
def pair(make_post, ada) -> tuple[Post, Post]:
    """Ada's post in English, and its translation."""
    english = make_post(title="On ink", author=ada)
    chinese = make_post(title="论墨", slug="lun-mo", language="zh-hans", author=ada)
    link_translation(chinese, english, by=ada)
    return english, chinese


def fresh(*posts: Post) -> list[Post]:
    return [Post.objects.get(pk=post.pk) for post in posts]


def linked(post: Post) -> set[str]:
    return set(
        Post.objects.linked_with(Post.objects.get(pk=post.pk)).values_list("slug", flat=True)
    )


def hreflang(client, path: str) -> dict[str, str]:
    html = client.get(path).content.decode().partition("</head>")[0]
    return dict(re.findall(r'<link rel="alternate" hreflang="([^"]+)" href="([^"]+)">', html))


# --- linking ------------------------------------------------------------------------------


def test_a_link_holds_in_both_directions_and_is_told(pair, ada):
    english, chinese = fresh(*pair)
    assert linked(english) == {"lun-mo"}
    assert linked(chinese) == {"on-ink"}
    told = Event.objects.filter(kind="post.updated", payload={"changed": ["translations"]})
    assert {event.subject_id for event in told} == {str(english.pk), str(chinese.pk)}
    link_translation(english, chinese, by=ada)  # again: nothing happens
    assert told.count() == 2


def test_a_third_language_joins_all(pair, make_post, ada):
    english, _chinese = pair
    arabic = make_post(title="حبر", slug="hibr", language="ar", author=ada)
    link_translation(english, arabic, by=ada)
    assert linked(arabic) == {"on-ink", "lun-mo"}
    unlink_translation(english, by=ada)
    assert linked(english) == set()
    assert linked(arabic) == {"lun-mo"}


def test_a_language_is_there_once(pair, make_post, ada):
    other = make_post(title="Another", author=ada)
    with pytest.raises(ValidationError, match="two texts in one language: English"):
        link_translation(other, pair[1], by=ada)
    chinese = fresh(pair[1])[0]
    chinese.language = "en"
    with pytest.raises(ValidationError, match="another text in this language"):
        save_content(chinese, by=ada)


def test_two_groups_become_one(pair, make_post, ada):
    french, arabic = (make_post(slug=tag, language=tag, author=ada) for tag in ("fr", "ar"))
    link_translation(french, arabic, by=ada)
    link_translation(french, pair[0], by=ada)
    assert linked(arabic) == {"fr", "on-ink", "lun-mo"}


def test_what_cannot_be_linked(pair, make_post, make_page, ada):
    page = make_page(language="fr")
    binned = make_post(slug="binned", language="fr", author=ada)
    trash_content(binned, by=ada)
    for other in (pair[0], page, binned):
        with pytest.raises(ValidationError):
            link_translation(pair[0], other, by=None)


def test_who_may_link(pair, make_post, bob, cleo, eve):
    """Who may edit one of two, and sees the other."""
    french = make_post(slug="fr", language="fr", author=bob)
    hidden = make_post(slug="ar", language="ar", author=cleo, draft=True)
    with pytest.raises(PermissionDenied):
        link_translation(pair[0], french, by=bob)  # not his
    with pytest.raises(PermissionDenied):
        link_translation(french, hidden, by=bob)  # not seen by him
    with pytest.raises(PermissionDenied):
        unlink_translation(pair[0], by=bob)
    link_translation(french, pair[0], by=bob)
    link_translation(hidden, pair[0], by=eve)
    assert linked(french) == {"on-ink", "lun-mo", "ar"}


# --- readers ------------------------------------------------------------------------------


def test_pages_name_each_other_for_search_engines(client, pair):
    addresses = {
        "en": "https://blog.test/posts/on-ink/",
        "zh-Hans": "https://blog.test/posts/lun-mo/",
        "x-default": "https://blog.test/posts/on-ink/",
    }
    assert hreflang(client, "/posts/on-ink/") == hreflang(client, "/posts/lun-mo/") == addresses
    Site.objects.update(language="zh-hans")
    assert hreflang(client, "/posts/on-ink/")["x-default"] == addresses["zh-Hans"]


def test_a_reader_gets_to_the_other_language(client, pair):
    html = client.get("/posts/on-ink/").content.decode()
    assert 'href="/posts/lun-mo/" hreflang="zh-Hans" lang="zh-Hans" dir="ltr"' in html
    assert ">简体中文</a>" in html
    assert "Read this in" in html
    assert "English</a>" in client.get("/posts/lun-mo/").content.decode()


@pytest.mark.parametrize("state", ["draft", "scheduled", "expired", "trashed", "members"])
def test_what_is_not_public_is_named_nowhere(client, pair, state, rita):
    now = timezone.now()
    changes = {
        "draft": {"status": "draft"},
        "scheduled": {"published_at": now + timedelta(days=1)},
        "expired": {"unpublish_at": now - timedelta(days=1)},
        "trashed": {"trashed_at": now},
        "members": {"visibility": "members"},
    }
    english, chinese = pair
    Post.objects.filter(pk=chinese.pk).update(**changes[state])
    html = client.get("/posts/on-ink/").content.decode()
    assert "hreflang" not in html
    assert "lun-mo" not in html
    assert "lun-mo" not in client.get("/sitemap-posts.xml").content.decode()
    assert client.get(f"{POSTS}{english.pk}/").json()["translations"] == []
    client.force_login(rita)
    html = client.get("/posts/on-ink/").content.decode()
    assert ("/posts/lun-mo/" in html) == (state == "members")
    assert '<link rel="alternate" hreflang' not in html


def test_a_scheduled_translation_appears_by_the_clock(client, pair):
    later = datetime(2030, 1, 1, tzinfo=UTC)
    Post.objects.filter(pk=pair[1].pk).update(published_at=later)
    for moment, there in ((later - timedelta(seconds=1), False), (later, True)):
        with time_machine.travel(moment, tick=False):
            assert ("/posts/lun-mo/" in client.get("/posts/on-ink/").content.decode()) == there


def test_what_was_published_elsewhere_first_is_left_to_the_other_site(client, pair):
    Post.objects.filter(pk=pair[1].pk).update(canonical_url="https://elsewhere.example/mo")
    assert hreflang(client, "/posts/on-ink/") == hreflang(client, "/posts/lun-mo/") == {}
    assert "/posts/lun-mo/" in client.get("/posts/on-ink/").content.decode()


def test_pages_are_linked_as_posts_are(client, make_page):
    about, ours = make_page(), make_page(title="关于", slug="guan-yu", language="zh-hans")
    link_translation(ours, about, by=None)
    assert set(hreflang(client, "/about-us/")) == {"en", "zh-Hans", "x-default"}
    assert "English</a>" in client.get("/guan-yu/").content.decode()


def test_the_sitemap_names_all_languages(client, pair, make_post):
    make_post(title="Alone")

    def found(section: str) -> list[dict[str, str]]:
        root = fromstring(client.get(f"/sitemap-{section}.xml").content)
        links = [url.findall("{*}link") for url in root]
        return [{link.get("hreflang"): link.get("href") for link in some} for some in links]

    expected = hreflang(client, "/posts/on-ink/")
    assert found("posts") == [expected, {}]
    assert found("posts-zh-hans") == [expected]


def test_the_cost_is_one_query(client, pair, make_post, django_assert_num_queries):
    alone = make_post(title="Alone")
    with CaptureQueriesContext(connection) as queries:
        client.get(alone.get_absolute_url())
    with django_assert_num_queries(len(queries) + 1):
        client.get("/posts/on-ink/")
    for tag in ("fr", "ar", "ja"):
        link_translation(make_post(slug=tag, language=tag), pair[0], by=None)
    with django_assert_num_queries(len(queries) + 1):
        assert client.get("/posts/on-ink/").content.decode().count('<li><a rel="alternate"') == 4
    with django_assert_num_queries(3):  # the site, the posts, their translations
        client.get("/sitemap-posts.xml")


# --- the API ------------------------------------------------------------------------------


def test_the_api_tells_and_links(client, pair, make_post, ada, django_assert_num_queries):
    english, chinese = pair
    assert client.get(f"{POSTS}{english.pk}/").json()["translations"] == [
        {"id": chinese.pk, "language": "zh-hans", "url": "https://blog.test/posts/lun-mo/"}
    ]
    french = make_post(slug="fr", language="fr", author=ada)
    client.force_login(ada)
    path = f"{POSTS}{french.pk}/"

    def patch(other: int | None):
        return client.patch(path, {"translation_of_id": other}, content_type="application/json")

    answer = patch(english.pk)
    assert answer.status_code == 200
    assert [one["language"] for one in answer.json()["translations"]] == ["en", "zh-hans"]
    assert patch(None).json()["translations"] == []
    assert linked(english) == {"lun-mo"}
    new = {"title": "Tinte", "body": "Tinte.", "language": "de", "translation_of_id": english.pk}
    answer = client.post(POSTS, new, content_type="application/json")
    assert answer.status_code == 201
    assert [one["language"] for one in answer.json()["translations"]] == ["en", "zh-hans"]


def test_the_api_refuses(client, pair, make_post, bob):
    english = pair[0]
    mine, hidden = (
        make_post(title="Mine", author=bob),
        make_post(title="No", language="fr", draft=True),
    )
    client.force_login(bob)

    def patch(post: Post, other):
        body = {"translation_of_id": other}
        return client.patch(f"{POSTS}{post.pk}/", body, content_type="application/json").status_code

    assert patch(mine, english.pk) == 409  # a second one in English
    assert patch(mine, hidden.pk) == patch(mine, 0) == patch(mine, "x") == 400
    assert patch(english, mine.pk) == 403


def test_a_list_tells_translations_on_request_at_the_cost_of_a_query(
    client, pair, django_assert_num_queries
):
    rows = client.get(f"{POSTS}?include=translations").json()["results"]
    assert {row["slug"]: [one["language"] for one in row["translations"]] for row in rows} == {
        "on-ink": ["zh-hans"],
        "lun-mo": ["en"],
    }
    assert "translations" not in client.get(POSTS).json()["results"][0]


# --- the admin ----------------------------------------------------------------------------


def test_the_writing_screen_links_and_unlinks(client, pair, make_post, ada):
    english, _chinese = pair
    french = make_post(title="Encre", slug="encre", language="fr", author=ada)
    client.force_login(ada)
    screen = f"/admin/blog/post/{french.pk}/change/"
    html = client.get(screen).content.decode()
    assert f"/admin/blog/post/add/?translation_of={french.pk}" in html
    assert "unlink_translations" not in html
    answer = client.post(screen, filled(french, translation_of=english.pk))
    assert answer.status_code == 302
    assert linked(french) == {"on-ink", "lun-mo"}
    html = client.get(screen).content.decode()
    assert f'href="/admin/blog/post/{english.pk}/change/" lang="en"' in html
    assert "论墨" in html
    french = fresh(french)[0]
    assert client.post(screen, filled(french, unlink_translations="on")).status_code == 302
    assert linked(french) == set()


def test_the_writing_screen_tells_what_cannot_be(client, pair, make_post, ada, bob):
    other = make_post(title="Other", author=ada)
    hidden = make_post(title="Hidden", language="fr", author=bob, draft=True)
    client.force_login(ada)
    screen = f"/admin/blog/post/{other.pk}/change/"
    html = client.post(screen, filled(other, translation_of=pair[0].pk)).content.decode()
    assert "two texts in one language: English" in html
    for key in (hidden.pk, "9" * 30, "x"):
        answer = client.post(screen, filled(other, translation_of=key))
        assert answer.status_code == 200
        assert "Select a valid choice" in answer.content.decode()
    assert linked(other) == set()


def test_a_translation_begins_from_the_screen_of_the_other(client, pair, ada):
    client.force_login(ada)
    path = f"/admin/blog/post/add/?translation_of={pair[0].pk}"
    assert f'<option value="{pair[0].pk}" selected' in client.get(path).content.decode()
    form = filled(title="Tinte", body="Tinte.", language="de", translation_of=pair[0].pk)
    assert client.post(path, form).status_code == 302
    assert linked(Post.objects.get(title="Tinte")) == {"on-ink", "lun-mo"}
