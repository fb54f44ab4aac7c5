"""Parts of pages that are kept: new after every change that they show, and no sooner."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Role
from accounts.services import save_user
from blog import fragments, versions
from blog.models import Post, Site
from blog.services import (
    delete_term,
    publish_content,
    save_content,
    save_site,
    save_term,
    trash_content,
    unpublish_content,
)
from blog.state import content_state
from blog.translations import link_translation, unlink_translation
from config.tests.fronts import HOUR, NOW, forget
from events.services import record
from lib.tests.make_images import photo
from library.services import describe_image, store_image

pytestmark = pytest.mark.django_db
PATHS = ["/", "/tags/paper/", "/categories/craft/", "/series/making-ink/", "/authors/ada/"]
PATHS += ["/posts/on-ink/", "/posts/on-paper/", "/about-us/", "/zh-hans/"]
PATHS += ["/atom.xml", "/rss.xml", "/feed.json", "/tags/paper/atom.xml"]


@pytest.fixture
def site_of_two(front, settings, make_post, make_page, make_category, make_series):
    """Two posts that share all that posts can share; no whole page is kept."""
    settings.PAGE_CACHE_BYTES = 1
    shared = {"category": make_category(), "series": make_series(), "tags": ["paper"]}
    image = store_image(photo(), "stone.jpg")
    posts = [
        make_post(title=title, slug=slug, cover=image, published_at=NOW - hours * HOUR, **shared)
        for title, slug, hours in (("On ink", "on-ink", 2), ("On paper", "on-paper", 1))
    ]
    make_page(menu_position=1)
    return posts


def changes(ink: Post, paper: Post, make_post):
    """(what changes, the change, a path that shows it)."""

    def edit(content, **fields):
        for name, value in fields.items():
            setattr(content, name, value)
        content.version = type(content).objects.get(pk=content.pk).version
        save_content(content, by=None)

    def rename(thing, **fields):
        for name, value in fields.items():
            setattr(thing, name, value)
        save_term(thing)

    def describe():
        ink.cover.alt = "A slab of slate"
        describe_image(ink.cover, by=None)

    def site(**fields):
        row = Site.objects.get()
        for name, value in fields.items():
            setattr(row, name, value)
        save_site(row, by=None)

    def person():
        author = ink.author
        author.display_name = "Augusta"
        save_user(author, role=Role.AUTHOR, by=None)

    chinese = make_post(title="墨", slug="mo", language="zh-hans", published_at=NOW - 9 * HOUR)
    return [
        ("text", lambda: edit(ink, body="It is *blue*."), "/posts/on-ink/"),
        ("text, in a feed", lambda: edit(ink, body="It is *red*."), "/feed.json"),
        ("title, beside another", lambda: edit(ink, title="On red ink"), "/posts/on-paper/"),
        ("corrections", lambda: edit(ink, corrections="It was blue."), "/atom.xml"),
        ("category", lambda: rename(ink.category, name="Trade"), "/posts/on-ink/"),
        ("tag", lambda: rename(ink.tags.get(), name="Leaves"), "/posts/on-ink/"),
        ("series", lambda: rename(ink.series, name="Inks"), "/posts/on-paper/"),
        ("author", person, "/posts/on-ink/"),
        ("picture", describe, "/posts/on-ink/"),
        ("site", lambda: site(name="Slate", description="Of stones."), "/posts/on-ink/"),
        ("linked", lambda: link_translation(ink, chinese, by=None), "/posts/on-ink/"),
        ("title of a translation", lambda: edit(chinese, title="墨水"), "/posts/on-ink/"),
        ("unlinked", lambda: unlink_translation(chinese, by=None), "/posts/on-ink/"),
        ("for members", lambda: edit(paper, visibility="members"), "/posts/on-paper/"),
        ("for all", lambda: edit(paper, visibility="public"), "/posts/on-paper/"),
        ("language of a text", lambda: edit(paper, language="fr"), "/posts/on-paper/"),
        ("language of the site", lambda: site(language="zh-hans"), "/posts/on-paper/"),
        ("no tag", lambda: delete_term(ink.tags.get(), by=None), "/posts/on-ink/"),
        ("withdrawn", lambda: unpublish_content(paper, by=None), "/posts/on-ink/"),
        ("back", lambda: publish_content(paper, by=None, at=NOW - HOUR), "/posts/on-ink/"),
        ("in the bin", lambda: trash_content(paper, by=None), "/posts/on-ink/"),
    ]


@pytest.mark.parametrize(
    "paths", [[], pytest.param(PATHS, marks=pytest.mark.slow)], ids=["shown", "all"]
)
def test_each_change_is_seen_at_the_next_request(front, client, site_of_two, make_post, paths):
    ink, paper = site_of_two
    for name, change, shown_on in changes(ink, paper, make_post):
        before = front.get(shown_on).body
        change()
        for path in [shown_on, *paths]:
            answer, direct, told = front.get(path), client.get(path), (name, path)
            assert (answer.status, answer.body) == (direct.status_code, direct.content), told
            assert front.get(path).body == direct.content, told
        assert front.get(shown_on).body != before, name


def test_parts_obey_the_clock(front, client, clock, site_of_two, make_post):
    make_post(title="Later", tags=["paper"], published_at=NOW + HOUR)
    Post.objects.filter(slug="on-paper").update(unpublish_at=NOW + 2 * HOUR)
    forget()  # an update behind the services' back is not seen by itself
    seen = []
    for at in (NOW, NOW + HOUR - timedelta(microseconds=1), NOW + HOUR, NOW + 2 * HOUR):
        clock.move_to(at)
        for path in [*PATHS, "/posts/later/"]:
            answer, direct = front.get(path), client.get(path)
            assert (answer.status, answer.body) == (direct.status_code, direct.content), (path, at)
        seen.append((front.get("/posts/later/").status, front.get("/posts/on-paper/").status))
    assert seen == [(404, 200), (404, 200), (200, 200), (200, 404)]


def test_what_one_text_shows_outlives_the_change_of_another(front, site_of_two):
    _ink, paper = site_of_two
    for _ in range(2):
        front.get("/posts/on-ink/")
        front.get("/atom.xml")
    paper.title = "On rice paper"
    save_content(paper, by=None)
    with CaptureQueriesContext(connection) as queries:
        assert b"On rice paper" in front.get("/posts/on-ink/").body
    # The look for changes and which texts they are of; the site and its menu; whether the post is
    # there, and what is around it. Its text is not read.
    assert len(queries) <= 2 + 1 + 2 + 2, [query["sql"][:80] for query in queries]
    assert not any("body_html" in query["sql"] for query in queries)


def test_versions_tell_texts_apart(make_post, make_page, make_tag):
    ink, paper, page, tag = make_post(), make_post(title="On paper"), make_page(), make_tag()
    texts = [(Post, ink.pk), (Post, paper.pk), (type(page), page.pk)]

    def found():
        known = versions.versions_in(content_state())
        return [known.of(*text) for text in texts]

    before = found()
    assert found() == before
    record("post.updated", ink)
    after = found()
    assert [one == other for one, other in zip(before, after, strict=True)] == [False, True, True]
    record("page.updated", page)
    assert [one == other for one, other in zip(after, found(), strict=True)] == [True, True, False]
    before = found()
    record("tag.updated", tag)
    assert not set(before) & set(found())


def test_too_many_changes_at_once_are_changes_of_all(make_post, monkeypatch):
    ink, paper = make_post(), make_post(title="On paper")
    before = versions.versions_in(content_state()).of(Post, paper.pk)
    for _ in range(versions.RECENT_EVENTS + 1):
        record("post.updated", ink)
    assert versions.versions_in(content_state()).of(Post, paper.pk) != before
    before = versions.versions_in(content_state()).of(Post, paper.pk)
    monkeypatch.setattr(versions, "MAX_CHANGED", 0)
    record("post.updated", ink)
    assert versions.versions_in(content_state()).of(Post, paper.pk) != before


def test_a_feed_is_whole_after_its_entries_aged(front, client, clock, site_of_two):
    """What no event tells of is seen in an entry after a while, and the others stay in the feed."""
    whole = front.get("/atom.xml").body
    fragments.texts.limit = 30_000  # of which an eighth may be one value
    try:
        for _ in range(3):
            clock.shift(timedelta(seconds=fragments.PART_SECONDS - 1))
            assert front.get("/rss.xml").body == client.get("/rss.xml").content
            assert front.get("/atom.xml").body == whole == client.get("/atom.xml").content
    finally:
        fragments.texts.limit = fragments.LIMIT


def test_what_no_event_tells_of_is_seen_within_a_minute(front, settings, clock, site_of_two):
    """Though parts are in parts, and those in a page."""
    settings.PAGE_CACHE_BYTES = 2_000_000
    front.get("/posts/on-paper/")  # what its links to other posts are made of
    clock.shift(timedelta(seconds=fragments.PART_SECONDS - 1))
    for path in ("/", "/posts/on-ink/", "/posts/on-paper/"):
        front.get(path)
    Post.objects.filter(slug="on-ink").update(title="On something else")
    for _ in range(60):
        clock.shift(timedelta(seconds=1))
        seen = [b"On something else" in front.get(path).body for path in ("/", "/posts/on-paper/")]
        if all(seen):
            return
    raise AssertionError(seen)
