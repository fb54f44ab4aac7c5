"""What a page says of itself to search engines, other sites and feed readers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from blog.cards import HEIGHT, WIDTH, card_of
from blog.languages import bcp47, interface_language, list_path, prefix_of
from blog.listings import FEED_FILES, Listing
from blog.models import Content, Post, Site
from blog.translations import default_of
from lib.text import truncate

MAX_DESCRIPTION = 160  # characters; search engines show no more
FEED_TYPES = dict(
    zip(
        FEED_FILES,
        ("application/atom+xml", "application/rss+xml", "application/feed+json"),
        strict=True,
    )
)
OEMBED_TYPES = {"application/json+oembed": "json", "text/xml+oembed": "xml"}


@dataclass(frozen=True)
class FeedLink:
    title: str
    url: str
    media_type: str


class Alternate(NamedTuple):
    """Where the same is said in a language (its BCP 47 tag), or "x-default" for all others."""

    language: str
    url: str


@dataclass(frozen=True)
class Picture:
    """What other sites show beside the address."""

    url: str
    width: int
    height: int
    alt: str


@dataclass
class Head:
    """The facts that _head.html writes down."""

    canonical: str  # absolute
    title: str = ""  # "" for the home page
    description: str = ""
    kind: str = "website"  # Open Graph's type: website, article or profile
    hidden: bool = False  # from search engines
    content: Content | None = None  # what an article is about
    feeds: list[FeedLink] = field(default_factory=list)
    alternates: list[Alternate] = field(default_factory=list)  # all of them, itself among them
    facts: list[dict[str, Any]] = field(default_factory=list)  # schema.org
    picture: Picture | None = None
    # Where another site asks what it may show of this page, by media type.
    oembed: dict[str, str] = field(default_factory=dict)

    @property
    def robots(self) -> str:
        return "noindex" if self.hidden else ""

    @property
    def markdown(self) -> str:
        """Where the page is found as it was typed; "" when nowhere."""
        is_post = isinstance(self.content, Post)
        return absolute(reverse("blog:post_markdown", args=[self.content.slug])) if is_post else ""

    @property
    def structured_data(self) -> dict[str, Any] | None:
        return {"@context": "https://schema.org", "@graph": self.facts} if self.facts else None


def absolute(path: str) -> str:
    """The address of `path` on this site: from the settings, never from a request."""
    return settings.SITE_URL + path


def plain_head(path: str, title: str, *, site: Site, hidden: bool = False, page: int = 1) -> Head:
    """The head of a page that is about nothing in particular: the archive, the search."""
    return Head(
        canonical=_numbered(path, page),
        title=_with_page(title, page),
        feeds=feed_links(list_path("/"), site.name),
        hidden=hidden,
    )


def listing_head(listing: Listing, site: Site, *, page: int = 1) -> Head:
    """The head of a page of posts. Each page is its own canonical address."""
    head = Head(
        canonical=_numbered(listing.path, page),
        title=_with_page(listing.title, page),
        description=truncate(listing.description or "", MAX_DESCRIPTION),
        kind="profile" if listing.kind == "author" else "website",
        feeds=feed_links(list_path("/"), site.name),
    )
    if listing.kind == "site":
        head.alternates = list_alternates("/", site) if page == 1 else []
        own = site.description or site.tagline or _("The newest posts of %s.") % site.name
        head.description = truncate(own, MAX_DESCRIPTION)
        head.facts = [website_facts(site)]
        return head
    head.feeds = [*feed_links(listing.path, f"{listing.title} · {site.name}"), *head.feeds]
    crumb = (listing.title, listing.path)
    if listing.kind == "author":
        head.facts = [
            {
                "@type": "ProfilePage",
                "url": head.canonical,
                "mainEntity": person_facts(listing.subject),
            },
            breadcrumb_facts([crumb], site),
        ]
    else:
        head.facts = [
            {"@type": "CollectionPage", "url": head.canonical, "name": listing.title},
            breadcrumb_facts([crumb], site),
        ]
    return head


def content_head(content: Content, site: Site, translations: Sequence[Content] = ()) -> Head:
    """The head of a post or page. What is not public yet is hidden.

    `translations` are those that the reader finds; search engines are told of the public ones.
    """
    head = Head(
        canonical=content.canonical_url or absolute(content.get_absolute_url()),
        title=content.seo_title or content.title,
        description=truncate(content.seo_description or content.summary, MAX_DESCRIPTION),
        kind="article",
        hidden=not content.is_published or content.visibility != Content.Visibility.PUBLIC,
        content=content,
        feeds=feed_links(list_path("/"), site.name),
    )
    head.picture = picture_of(content, site)
    if not head.hidden:
        head.oembed = oembed_addresses(content)
    crumbs = [(content.title, content.get_absolute_url())]
    if isinstance(content, Post):
        if content.category:
            category = content.category
            crumbs.insert(0, (category.name, list_path(category.get_absolute_url())))
            path = list_path(category.get_absolute_url())
            head.feeds += feed_links(path, f"{category.name} · {site.name}")
        head.facts = [post_facts(content, head, site)]
    else:
        head.facts = [page_facts(content, head)]
    head.facts.append(breadcrumb_facts(crumbs, site))
    if translations and not head.hidden and not content.canonical_url:
        head.alternates = alternates([content, *translations], site)
    return head


def list_alternates(path: str, site: Site) -> list[Alternate]:
    """Where the list at the plain `path` is in each language of the site; empty when there is
    one only. The plain address is also for all other readers."""
    if not site.other_languages:
        return []
    own = interface_language(site.language, site.language)
    found = [
        Alternate(bcp47(code), absolute(prefix_of(code, site.language) + path))
        for code in (own, *site.other_languages)
    ]
    return [*found, Alternate("x-default", absolute(path))]


def alternates(group: Sequence[Content], site: Site) -> list[Alternate]:
    """What each of a group says of all: the same list on every page. Empty when it is alone.

    Of what only members read, or was published elsewhere first, search engines are not told.
    """
    public = Content.Visibility.PUBLIC
    group = [one for one in group if one.visibility == public and not one.canonical_url]
    if len(group) < 2:
        return []
    default = default_of(group, site.language)
    group.sort(key=lambda content: content.language)
    return [
        *(Alternate(bcp47(one.language), absolute(one.get_absolute_url())) for one in group),
        Alternate("x-default", absolute(default.get_absolute_url())),
    ]


def picture_of(content: Content, site: Site) -> Picture | None:
    """The cover, else the card of what anyone may read."""
    if cover := content.cover:
        return Picture(absolute(cover.url), cover.width, cover.height, cover.alt)
    if card := card_of(content, site):
        return Picture(absolute(card.path), WIDTH, HEIGHT, content.title)
    return None


def oembed_addresses(content: Content) -> dict[str, str]:
    """Where the page of `content` is described, by media type."""
    url, base = absolute(content.get_absolute_url()), absolute(reverse("blog:oembed"))
    return {
        media_type: f"{base}?{urlencode({'url': url, 'format': file_format})}"
        for media_type, file_format in OEMBED_TYPES.items()
    }


def feed_links(path: str, title: str, *, query: str = "") -> list[FeedLink]:
    """The three feeds of the listing at `path`; `query` when it is that of a search."""
    end = f"?{urlencode({'q': query})}" if query else ""
    return [
        FeedLink(title, absolute(f"{path}{file}{end}"), FEED_TYPES[file]) for file in FEED_FILES
    ]


def website_facts(site: Site) -> dict[str, Any]:
    search = absolute(reverse("blog:search")) + "?q={search_term_string}"
    return {
        "@type": "WebSite",
        "@id": absolute("/#website"),
        "url": absolute("/"),
        "name": site.name,
        **({"description": site.description} if site.description else {}),
        "inLanguage": bcp47(site.language),
        "potentialAction": {
            "@type": "SearchAction",
            "target": {"@type": "EntryPoint", "urlTemplate": search},
            "query-input": "required name=search_term_string",
        },
    }


def person_facts(person: User) -> dict[str, Any]:
    facts = {"@type": "Person", "name": person.name, "url": absolute(person.get_absolute_url())}
    if person.website:
        facts["sameAs"] = [person.website]
    return facts


def post_facts(post: Post, head: Head, site: Site) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "@type": "BlogPosting",
        "headline": post.title,
        "description": head.description,
        "url": head.canonical,
        "mainEntityOfPage": head.canonical,
        "dateModified": post.modified_at.isoformat(),
        "inLanguage": bcp47(post.language),
        "wordCount": post.word_count,
        "author": [person_facts(person) for person in post.byline],
        "publisher": {"@type": "Organization", "name": site.name, "url": absolute("/")},
        "isPartOf": {"@id": absolute("/#website")},
        "keywords": [tag.name for tag in post.tags.all()],
    }
    if notes := post.correction_notes:
        facts["correction"] = notes
    if post.published_at:
        facts["datePublished"] = post.published_at.isoformat()
    if post.category:
        facts["articleSection"] = post.category.name
    if head.picture:
        facts["image"] = head.picture.url
    return facts


def page_facts(page: Content, head: Head) -> dict[str, Any]:
    return {
        "@type": "WebPage",
        "name": page.title,
        "description": head.description,
        "url": head.canonical,
        "dateModified": page.modified_at.isoformat(),
        "inLanguage": bcp47(page.language),
        "isPartOf": {"@id": absolute("/#website")},
    }


def breadcrumb_facts(crumbs: Sequence[tuple[str, str]], site: Site) -> dict[str, Any]:
    """`crumbs` are (name, path), outermost first, without the home page."""
    trail = [(site.name, list_path("/")), *crumbs]
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": name, "item": absolute(path)}
            for place, (name, path) in enumerate(trail, start=1)
        ],
    }


def _numbered(path: str, page: int) -> str:
    return absolute(path) + (f"?page={page}" if page > 1 else "")


def _with_page(title: str, page: int) -> str:
    if page == 1:
        return title
    number = _("Page %(number)d") % {"number": page}
    return f"{title} · {number}" if title else number
