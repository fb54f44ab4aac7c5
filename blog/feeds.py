"""Following a listing: Atom, RSS 2.0 and JSON Feed 1.1, with the full text.

One view makes all of them: it fetches the newest posts of a listing without their text, answers
304 when the client has them, and only then reads the texts and writes the feed. For anonymous
readers the entry of each post is kept as it is written (blog.fragments).
"""

import json
from datetime import UTC, datetime
from io import StringIO
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.templatetags.static import static
from django.utils.feedgenerator import Atom1Feed, Enclosure, Rss201rev2Feed, SyndicationFeed
from django.utils.feedgenerator import rfc3339_date as rfc3339
from django.utils.html import escape, format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.xmlutils import SimplerXMLGenerator
from django.views.decorators.http import require_safe

from blog import fragments
from blog.caching import etag_of, is_current, reader_page, stamp
from blog.fragments import during_state, during_version, found_of_version
from blog.head import absolute
from blog.languages import bcp47
from blog.listings import Finder, Listing, in_language
from blog.models import Post, Site
from blog.versions import Versions
from lib.markdown import absolutise
from lib.text import clean_text

POSTS_PER_FEED = 20
MAY_BE_EMPTY = {"site", "search"}  # and still be followed
# Goes into the entity tags: raise it when the same posts make another feed.
FEED_VERSION = 1


# In a frame the place of the entries: no text of ours has it, and XML cannot.
_PLACE = "\0"


class _Written(SyndicationFeed):
    """A feed that is put together of a frame and of entries that are written apart."""

    between = b""

    def entry(self, item: dict) -> bytes:
        """What stands for `item` between the two parts of any frame."""
        raise NotImplementedError

    def frame(self) -> tuple[bytes, bytes]:
        """What stands before the entries, and what after them."""
        raise NotImplementedError

    def latest_post_date(self) -> datetime:
        return self.feed["latest"] or super().latest_post_date()


class _WrittenXml(_Written):
    """Django's writing of one entry at a time."""

    def entry(self, item: dict) -> bytes:
        self.items = [item]
        out = StringIO()
        self.write_items(SimplerXMLGenerator(out, "utf-8", short_empty_elements=True))
        return out.getvalue().encode()

    def frame(self) -> tuple[bytes, bytes]:
        out = StringIO()
        self.write(out, "utf-8")
        before, _, after = out.getvalue().partition(_PLACE)
        return before.encode(), after.encode()

    def write_items(self, handler: SimplerXMLGenerator) -> None:
        if self.items:
            super().write_items(handler)
        else:
            handler.ignorableWhitespace(_PLACE)


class Atom(_WrittenXml, Atom1Feed):
    """Atom (RFC 4287) with the full text beside the summary, and every author."""

    content_type = "application/atom+xml; charset=utf-8"

    def add_root_elements(self, handler) -> None:
        super().add_root_elements(handler)
        handler.addQuickElement("icon", self.feed["icon"])
        if self.feed["hub"]:
            handler.addQuickElement("link", "", {"rel": "hub", "href": self.feed["hub"]})
        if self.feed["next_url"]:
            handler.addQuickElement("link", "", {"rel": "next", "href": self.feed["next_url"]})

    def item_attributes(self, item: dict) -> dict[str, str]:
        return {"xml:lang": item["language"]}

    def add_item_elements(self, handler, item: dict) -> None:
        super().add_item_elements(handler, item)
        for person in item["people"]:
            handler.startElement("author", {})
            handler.addQuickElement("name", person["name"])
            handler.addQuickElement("uri", person["url"])
            handler.endElement("author")
        handler.addQuickElement("content", item["content"], {"type": "html"})


class Rss(_WrittenXml, Rss201rev2Feed):
    """RSS 2.0 with content:encoded, every author as dc:creator, and atom:updated."""

    content_type = "application/rss+xml; charset=utf-8"

    def rss_attributes(self) -> dict[str, str]:
        return {
            **super().rss_attributes(),
            "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
            "xmlns:dc": "http://purl.org/dc/elements/1.1/",
        }

    def add_root_elements(self, handler) -> None:
        super().add_root_elements(handler)
        if self.feed["next_url"]:
            link = {"rel": "next", "href": self.feed["next_url"]}
            handler.addQuickElement("atom:link", None, link)
        if self.feed["hub"]:
            link = {"rel": "hub", "href": self.feed["hub"]}
            handler.addQuickElement("atom:link", None, link)

    def add_item_elements(self, handler, item: dict) -> None:
        super().add_item_elements(handler, item)
        for person in item["people"]:
            handler.addQuickElement("dc:creator", person["name"])
        handler.addQuickElement("dc:language", item["language"])
        handler.addQuickElement("atom:updated", rfc3339(item["updateddate"]))
        handler.addQuickElement("content:encoded", item["content"])


class JsonFeed(_Written):
    """JSON Feed 1.1, https://www.jsonfeed.org/version/1.1/"""

    content_type = "application/feed+json; charset=utf-8"

    between = b", "

    def frame(self) -> tuple[bytes, bytes]:
        feed = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": self.feed["title"],
            "home_page_url": self.feed["link"],
            "feed_url": self.feed["feed_url"],
            "description": self.feed["description"],
            "icon": self.feed["icon"],
            "language": self.feed["language"],
            "items": [_PLACE],
        }
        if self.feed["next_url"]:
            feed["next_url"] = self.feed["next_url"]
        if self.feed["hub"]:
            feed["hubs"] = [{"type": "WebSub", "url": self.feed["hub"]}]
        before, _, after = json.dumps(feed, ensure_ascii=False).partition(json.dumps(_PLACE))
        return before.encode(), after.encode()

    def entry(self, item: dict) -> bytes:
        entry = {
            "id": item["unique_id"],
            "url": item["link"],
            "title": item["title"],
            "content_html": item["content"],
            "summary": item["summary"],
            "date_published": rfc3339(item["pubdate"]),
            "date_modified": rfc3339(item["updateddate"]),
            "authors": item["people"],
            "tags": item["categories"],
            "language": item["language"],
        }
        for enclosure in item["enclosures"]:
            entry["image"] = enclosure.url
        return json.dumps(entry, ensure_ascii=False).encode()


FORMATS: dict[str, type[_Written]] = {
    "atom.xml": Atom,
    "rss.xml": Rss,
    "feed.json": JsonFeed,
}


class Entry(NamedTuple):
    """A post in a feed: its facts and its date, and how it is written."""

    facts: tuple
    modified_at: datetime
    written: bytes


@reader_page
@require_safe
def feed(request: HttpRequest, find: Finder, file: str, **captured: str) -> HttpResponse:
    """The feed called `file` of the listing that `find` finds, or with ?page= an older part of it.

    One without posts is a 404 as its page is, except those of the site and of a search.
    """

    def found() -> Listing:
        return in_language(find(request.user, **captured), request.list_language)

    return feed_of(request, during_state(request, ("listing", request.path), found), file)


def feed_of(request: HttpRequest, listing: Listing, file: str) -> HttpResponse:
    """The feed called `file` of `listing`, as `feed`."""
    page = _page_number(request)
    start = (page - 1) * POSTS_PER_FEED
    span = slice(start, start + POSTS_PER_FEED + 1)
    versions = fragments.versions(request)
    if versions is not None:
        is_search = listing.kind == "search"
        posts = listing.posts.newest_first() if is_search else listing.for_anyone()
        keys = [key for (key,) in posts[span].values_list("pk")]
        entries = _kept_entries(versions, keys[:POSTS_PER_FEED], file, request)
        has_next = len(keys) > POSTS_PER_FEED
        facts = [(entry.facts, entry.modified_at) for entry in entries]
    else:
        posts = list(listing.posts.newest_first().for_listing()[span])
        posts, has_next = posts[:POSTS_PER_FEED], len(posts) > POSTS_PER_FEED
        facts = [(_facts(post), post.modified_at) for post in posts]
    is_known = listing.kind in MAY_BE_EMPTY or bool(facts) or listing.is_translated_away
    if not is_known or (not facts and page > 1):
        raise Http404
    site = request.site
    about = (site.name, site.tagline, site.description, site.language, listing.title)
    about = (*about, listing.language, settings.WEBSUB_HUB)
    etag = etag_of(FEED_VERSION, file, page, has_next, *about, *(fact for fact, _ in facts))
    last_modified = max((date for _, date in facts), default=None)
    if is_current(request, etag, last_modified):
        return stamp(HttpResponseNotModified(), etag, last_modified)
    if versions is None:
        entries = _entries(posts, file)

    def frame() -> tuple[bytes, bytes]:
        latest = last_modified and last_modified.astimezone(UTC)
        return _open(listing, site, file, page=page, has_next=has_next, latest=latest).frame()

    key = ("frame", request.path, listing.query, page, has_next, last_modified)
    before, after = during_state(request, key, frame)
    written = FORMATS[file].between.join(entry.written for entry in entries)
    response = HttpResponse(before + written + after, content_type=FORMATS[file].content_type)
    return stamp(response, etag, last_modified)


def _kept_entries(
    versions: Versions, keys: list[int], file: str, request: HttpRequest
) -> list[Entry]:
    """The entries of the posts with these keys, in this order; four queries if one is new."""

    entries = {key: found_of_version(versions.of(Post, key), file) for key in keys}
    if new := [key for key, entry in entries.items() if entry is None]:
        posts = list(Post.objects.listed_for(request.user).filter(pk__in=new).for_listing())
        for post, entry in zip(posts, _entries(posts, file), strict=True):
            version = versions.of(Post, post.pk)
            entries[post.pk] = during_version(version, file, lambda entry=entry: entry)
    return [entry for entry in entries.values() if entry]  # One may have gone a moment ago.


def _entries(posts: list[Post], file: str) -> list[Entry]:
    """How `posts` are written in the feed called `file`. One query: only now the texts, and only
    of what was just listed for this reader."""
    texts = Post.objects.filter(pk__in=[post.pk for post in posts]).values_list("pk", "body_html")
    html, form = dict(texts), FORMATS[file]("", "", "")
    return [
        Entry(_facts(post), post.modified_at, form.entry(_item(post, html.get(post.pk, ""))))
        for post in posts
    ]


def _page_number(request: HttpRequest) -> int:
    number = request.GET.get("page", "1")
    if not (number.isascii() and number.isdigit() and len(number) < 7 and int(number)):
        raise Http404
    return int(number)


def _facts(post: Post) -> tuple:
    """Everything of a post that a feed shows, short of its text, which has a version."""
    return (
        *(post.pk, post.version, post.renderer_version, post.slug, post.modified_at),
        *(post.cover_id, post.category and post.category.name),
        *((user.username, user.name) for user in post.byline),
        *(tag.name for tag in post.tags.all()),
    )


def _open(
    listing: Listing,
    site: Site,
    file: str,
    *,
    page: int,
    has_next: bool,
    latest: datetime | None,
) -> _Written:
    """The feed called `file` of `listing`, still without posts."""
    title = f"{listing.title} · {site.name}" if listing.title else site.name
    kind = f"{listing.language}/{listing.kind}" if listing.language else listing.kind
    address, subject = absolute(f"{listing.path}{file}"), listing.subject and listing.subject.pk
    return FORMATS[file](
        title=clean_text(title),
        link=_with(absolute(listing.path), listing),
        description=clean_text(listing.description or site.description or site.tagline or title),
        subtitle=clean_text(listing.description or site.tagline) or None,
        language=bcp47(listing.language or site.language),
        feed_url=_with(address, listing, page=page),
        feed_guid=_identity(kind, subject or quote(listing.query, safe="") or 0),
        next_url=_with(address, listing, page=page + 1) if has_next else None,
        icon=absolute(static("img/icon-512.png")),
        latest=latest,
        # Of the feeds it is told of: not of searches, nor of older pages.
        hub=settings.WEBSUB_HUB if page == 1 and listing.kind != "search" else "",
    )


def _with(address: str, listing: Listing, *, page: int = 1) -> str:
    """`address` with the words of a search and the number of a later page."""
    asked = {"q": listing.query} if listing.query else {}
    if page > 1:
        asked["page"] = str(page)
    return f"{address}?{urlencode(asked)}" if asked else address


def _item(post: Post, html: str) -> dict[str, Any]:
    """`post` as Django's feeds take it."""
    url = absolute(post.get_absolute_url())
    summary = clean_text(post.summary)
    categories = [post.category.name] if post.category else []
    cover = post.cover
    feed = SyndicationFeed("", "", "")
    feed.add_item(
        title=clean_text(post.title),
        link=url,
        # Both XML formats read a description as HTML; `summary` is the plain text.
        description=escape(summary),
        summary=summary,
        unique_id=_identity("post", post.pk),
        unique_id_is_permalink=False,
        pubdate=post.published_at.astimezone(UTC),
        updateddate=post.modified_at.astimezone(UTC),
        categories=dict.fromkeys([*categories, *(tag.name for tag in post.tags.all())]),
        enclosures=(
            [Enclosure(absolute(cover.url), str(cover.size), cover.media_type)] if cover else []
        ),
        content=clean_text(absolutise(html, url) + _corrections(post)),
        language=bcp47(post.language),
        people=[
            {
                "name": clean_text(user.name),
                "url": absolute(user.get_absolute_url()),
                **({"avatar": absolute(user.avatar_url)} if user.avatar else {}),
            }
            for user in post.byline
        ],
    )
    return feed.items[0]


def _corrections(post: Post) -> str:
    """What ends the text on its page, for those who do not come by it."""
    notes = format_html_join("", "<li>{}</li>", ([note] for note in post.correction_notes))
    return format_html("<hr><h2>{}</h2><ul>{}</ul>", _("Corrections"), notes) if notes else ""


def _identity(kind: str, key: int | str) -> str:
    """A tag URI (RFC 4151): made of keys only, so no new slug and no new title changes it."""
    return f"tag:{urlsplit(settings.SITE_URL).hostname},2026:{kind}/{key}"
