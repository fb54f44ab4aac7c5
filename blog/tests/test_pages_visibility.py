"""Law 4: every address, by every role, against every state of a post. Nobody sees too much.

A new address fails `test_every_address_is_listed` until it stands in one of the tables here.
"""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts.models import User
from blog.models import Category, Page, Post, Series, Tag
from blog.services import save_content, submit_content, trash_content

pytestmark = pytest.mark.django_db

ROLES = ["anonymous", "rita", "cleo", "bob", "ada", "eve"]  # ada wrote everything
MEMBERS = {"rita", "cleo", "bob", "ada", "eve"}
WRITER_AND_EDITOR = {"ada", "eve"}

# Who finds a post in lists, feeds, search and counts, and who may open it, by its state.
STATES = {
    "public": (set(ROLES), set(ROLES)),
    "members": (MEMBERS, MEMBERS),
    "draft": (set(), WRITER_AND_EDITOR),
    "inreview": (set(), WRITER_AND_EDITOR),
    "scheduled": (set(), WRITER_AND_EDITOR),
    "expired": (set(), WRITER_AND_EDITOR),
    "trashed": (set(), set()),
}
LISTS, OPENS = 0, 1

# Addresses that show posts, and by which of the two rules.
POST_ADDRESSES = {
    **{f"blog:site_{kind}": LISTS for kind in ("atom", "rss", "json")},
    **{
        f"blog:{term}_{kind}": LISTS
        for term in ("category", "tag", "series", "author")
        for kind in ("detail", "list", "atom", "rss", "json")
    },
    "blog:home": LISTS,
    "blog:archive": LISTS,
    "blog:archive_year": LISTS,
    "blog:archive_month": LISTS,
    "blog:search": LISTS,
    "blog:search_atom": LISTS,
    "blog:search_rss": LISTS,
    "blog:search_json": LISTS,
    "blog:post_detail": OPENS,
    "blog:post_markdown": OPENS,
    # The API lists what one may open: its clients are also where people write.
    "api:post-list": OPENS,
    "api:post-detail": OPENS,
    "api:post-by-slug": OPENS,
    "api:post-stream": OPENS,
    "api:post-published": LISTS,
    "api:search-list": LISTS,
}
# What anonymous readers see is all that anyone sees.
SITEMAPS = {"blog:sitemap", "blog:sitemap_section", "blog:llms"}
# Pages have states of their own; see test_a_page_is_open_to_whom_it_should.
PAGES = {"blog:page_detail"}
# Nothing here comes from a post; or it is media, which is public by its unguessable address.
SAME_FOR_ALL = {
    "healthz",
    "readyz",
    "metrics",
    "public_keys",
    "blog:post_list",
    "blog:robots",
    "blog:manifest",
    "blog:favicon",
    "api:api-root",
    "api:schema",
    "api_docs",
    "api_redoc",
    "library:image",
    "avatar_file",
}
# These have tests of their own: the admin's, the library's, and the API's of terms.
ELSEWHERE = (
    # The feed shows each reader what they may open, and webhooks are for administrators:
    # see events/tests.
    *("api:event-", "api:webhook-"),
    *("admin:", "library:", "account_", "mfa_", "usersessions_", "own:"),
    # These belong to one person each; see accounts/tests.
    *("api:user-", "api:auth-", "api:session-", "api:token-"),
    # Its key is an unguessable token; see test_review_links.
    "blog:review",
    # What anyone may read, and nothing else; see test_sharing.
    *("blog:post_card", "blog:oembed"),
    # The to-do list of who writes; see test_tasks_api.
    "api:task-",
    # Changes, and what only those who may change it read; see test_api_writing.
    *("api:post-revision", "api:post-working", "api:post-bulk", "api:media-", "api:video-"),
    "api:collection-",
    # What is said of a post by those who work on it; see test_review_api.
    *("api:remark-", "api:review-", "api:post-request-changes"),
    "api:site",
    *(f"api:post-{step}" for step in ("submit", "publish", "schedule", "unpublish")),
    *("api:post-trash", "api:post-restore"),
    *("api:category-", "api:tag-", "api:series-", "api:author-", "api:page-", "api:count-"),
)


def names(patterns=None, prefix: str = "") -> set[str]:
    """The names of all addresses of the site; those without a name by their route."""
    found = set()
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            space = f"{pattern.namespace}:" if pattern.namespace else ""
            found |= names(pattern.url_patterns, prefix + space)
        elif isinstance(pattern, URLPattern):
            found.add(prefix + (pattern.name or str(pattern.pattern)))
    return found


def test_every_address_is_listed():
    known = {*POST_ADDRESSES, *SITEMAPS, *PAGES, *SAME_FOR_ALL, "^api(/|$)"}
    unknown = {name for name in names() - known if not name.startswith(ELSEWHERE)}
    assert unknown == set()
    assert {name for name in (*POST_ADDRESSES, *SITEMAPS, *PAGES) if name not in names()} == set()


@pytest.fixture
def cast(ada, bob, cleo, eve, rita) -> dict[str, User | None]:
    return {"anonymous": None, **{user.username: user for user in (ada, bob, cleo, eve, rita)}}


@pytest.fixture
def post_in(make_post, make_category, make_tag, make_series, cast):
    """`post_in(state)`: a post in that state, alone in its category, tag and series."""

    def make(state: str) -> Post:
        now = timezone.now()
        fields = {
            "title": f"Marker of {state}",
            "body": "Secret words.",
            "category": make_category(f"Category {state}"),
            "tags": [make_tag(f"tag {state}")],
            "series": make_series(f"Series {state}"),
            "published_at": datetime(2026, 5, 1, 12, tzinfo=UTC),
        }
        if state == "members":
            fields["visibility"] = "members"
        if state == "scheduled":
            fields["published_at"] = now + timedelta(days=1)
        post = make_post(author=cast["ada"], draft=state in ("draft", "inreview"), **fields)
        if state in ("draft", "inreview"):
            post.published_at = fields["published_at"]  # planned, which shows nothing by itself
            save_content(post, by=None)
        if state == "expired":
            Post.objects.filter(pk=post.pk).update(unpublish_at=now - timedelta(days=1))
        if state == "inreview":
            submit_content(post, by=cast["ada"])
        if state == "trashed":
            trash_content(post, by=None)
        return Post.objects.get(pk=post.pk)

    return make


def address(name: str, post: Post) -> str:
    """The address called `name` that would show `post`."""
    kind = name.partition(":")[2].partition("_")[0]
    local = timezone.localtime(post.published_at)
    subject = {
        "category": post.category,
        "tag": post.tags.first(),
        "series": post.series,
    }.get(kind)
    if name.endswith("_list") or kind in ("home", "site"):
        return reverse(name)
    if subject is not None:
        return reverse(name, args=[subject.slug])
    if kind == "author":
        return reverse(name, args=["ada"])
    if name == "blog:archive_year":
        return reverse(name, args=[local.year])
    if name == "blog:archive_month":
        return reverse(name, args=[local.year, local.month])
    if name.startswith("blog:search"):
        return reverse(name) + "?q=marker"
    if name == "api:search-list":
        return reverse(name) + "?q=marker"
    if name == "api:post-detail":
        return reverse(name, args=[post.pk])
    if kind == "post" or name == "api:post-by-slug":
        return reverse(name, args=[post.slug])
    return reverse(name)


def shows(name: str, post: Post, response) -> bool:
    """Whether an answer tells that `post` exists, by a word that only it can have put there."""
    if response.status_code == 404:
        return False
    assert response.status_code == 200
    html = b"".join(response).decode()
    if name.endswith("_list") and not name.startswith("api"):
        kind = name.partition(":")[2].removesuffix("_list")
        return reverse(f"blog:{kind}_detail", args=[address_key(kind, post)]) in html
    if name == "blog:archive":
        return f"/archive/{timezone.localtime(post.published_at).year}/" in html
    if name == "blog:post_markdown":
        return "Secret words" in html
    return post.title in html.replace("<mark>", "").replace("</mark>", "")


def address_key(kind: str, post: Post) -> str:
    if kind == "author":
        return "ada"
    return {"category": post.category, "tag": post.tags.first(), "series": post.series}[kind].slug


@pytest.mark.parametrize("state", STATES)
def test_a_post_is_shown_to_whom_it_should_and_to_nobody_else(client, post_in, cast, state):
    post = post_in(state)
    wrong = []
    for role, user in cast.items():
        client.logout()
        if user:
            client.force_login(user)
        for name, rule in POST_ADDRESSES.items():
            expected = role in STATES[state][rule]
            if shows(name, post, client.get(address(name, post))) != expected:
                wrong.append((role, name, expected))
    assert wrong == []


@pytest.mark.parametrize("state", [state for state in STATES if state != "public"])
def test_a_sitemap_shows_only_what_anyone_sees(client, post_in, cast, state):
    post_in(state)
    client.force_login(cast["eve"])
    assert "sitemap-" not in client.get("/sitemap.xml").content.decode()
    for section in ("posts", "pages", "categories", "tags", "series", "authors"):
        assert client.get(f"/sitemap-{section}.xml").status_code == 404
    llms = client.get("/llms.txt").content.decode()
    assert "Marker" not in llms
    assert "Category" not in llms


@pytest.mark.parametrize("state", [state for state in STATES if state != "public"])
def test_what_surrounds_a_post_shows_only_what_is_listed(client, post_in, make_post, state):
    """Previous, next, the parts of a series, and a 404 give no hidden post away."""
    hidden = post_in(state)
    other = make_post(
        title="Neighbour",
        series=hidden.series,
        category=hidden.category,
        tags=[hidden.tags.first()],
        published_at=datetime(2026, 4, 1, tzinfo=UTC),
    )
    for url in (other.get_absolute_url(), hidden.series.get_absolute_url(), "/nowhere/"):
        html = client.get(url).content.decode()
        assert hidden.title not in html
        assert hidden.slug not in html


PAGE_STATES = {
    "public": set(ROLES),
    "members": MEMBERS,
    "draft": {"eve"},
    "scheduled": {"eve"},
    "trashed": set(),
}


@pytest.mark.parametrize("state", PAGE_STATES)
def test_a_page_is_open_to_whom_it_should(client, cast, make_page, state):
    page = make_page(
        draft=state == "draft",
        visibility="members" if state == "members" else "public",
        menu_position=1,
    )
    if state == "scheduled":
        Page.objects.filter(pk=page.pk).update(published_at=timezone.now() + timedelta(days=1))
    if state == "trashed":
        trash_content(page, by=None)
    opened, in_menu = set(), set()
    for role, user in cast.items():
        client.logout()
        if user:
            client.force_login(user)
        if client.get(page.get_absolute_url()).status_code == 200:
            opened.add(role)
        if page.title in client.get("/").content.decode():
            in_menu.add(role)
    assert opened == PAGE_STATES[state]
    # The menu is the same for everyone, so that it may be kept.
    assert in_menu == (set(ROLES) if state == "public" else set())


@pytest.mark.parametrize("model", [Category, Tag, Series])
def test_a_term_without_posts_is_nowhere(client, db, model):
    model.objects.create(name="Hidden", slug="hidden")
    for path in ("/", "/categories/", "/tags/", "/series/", "/sitemap.xml"):
        assert "hidden" not in client.get(path).content.decode().lower().replace(
            "visually-hidden", ""
        ).replace("aria-hidden", "").replace(" hidden data-scheme", "")


def test_a_signed_in_answer_is_never_kept_by_others(client, make_post, rita):
    post = make_post()
    client.force_login(rita)
    for url in ("/", "/atom.xml", post.get_absolute_url(), "/search/?q=ink", "/sitemap.xml"):
        assert client.get(url)["Cache-Control"] == "private, no-store", url
