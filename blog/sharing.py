"""What other sites and programs are told of a post whose address somebody shared."""

from io import StringIO
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.urls import Resolver404, resolve, reverse
from django.utils.xmlutils import SimplerXMLGenerator

from blog.head import absolute, picture_of
from blog.models import Category, Content, OldAddress, Page, Post, Site
from lib.cleaning import checked_text
from lib.text import clean_text

FORMATS = ("json", "xml")
CACHE_AGE = 3_600  # seconds
NEWEST = 50  # posts that llms.txt names
SECTIONS = 50  # categories
_MODELS = {"blog:post_detail": Post, "blog:page_detail": Page}
# What Markdown would take for a mark, in a title that stands in a link.
_MARKS = str.maketrans({mark: f"\\{mark}" for mark in "\\[]*_`<>"})


def content_at(url: str) -> Content | None:
    """What anyone may read at the absolute address `url` of this site, also a former one."""
    try:
        parts, ours = urlsplit(url), urlsplit(settings.SITE_URL)
        path = checked_text(unquote(parts.path))
    except (ValueError, ValidationError):
        return None
    if parts.scheme not in ("https", "http") or parts.netloc.lower() != ours.netloc:
        return None
    try:
        match = resolve(path)
    except Resolver404:
        match = None
    model = _MODELS.get(match.view_name) if match else None
    if model:
        found = _open(model).filter(slug=match.kwargs["slug"]).first()
        if found:
            return found
    old = OldAddress.objects.at(path).first()
    target = old.target if old else None
    return _open(type(target)).filter(pk=target.pk).first() if isinstance(target, Content) else None


def _open(model: type[Content]):
    contents = model.objects.listed_for(AnonymousUser())
    return contents.for_listing() if model is Post else contents.select_related("cover")


def oembed(content: Content, site: Site, *, max_width: int, max_height: int) -> dict[str, Any]:
    """The oEmbed answer (https://oembed.com, type "link") about what anyone may read.

    The picture is left out when it is larger than asked for.
    """
    facts: dict[str, Any] = {
        "type": "link",
        "version": "1.0",
        "title": content.title,
        "provider_name": site.name,
        "provider_url": absolute("/"),
        "cache_age": CACHE_AGE,
        "url": absolute(content.get_absolute_url()),
        "description": content.summary,
    }
    if isinstance(content, Post) and content.author:
        facts["author_name"] = content.author.name
        facts["author_url"] = absolute(content.author.get_absolute_url())
    picture = picture_of(content, site)
    if picture and picture.width <= max_width and picture.height <= max_height:
        facts["thumbnail_url"] = picture.url
        facts["thumbnail_width"], facts["thumbnail_height"] = picture.width, picture.height
    return {
        name: clean_text(fact) if isinstance(fact, str) else fact for name, fact in facts.items()
    }


def oembed_xml(facts: dict[str, Any]) -> str:
    """The same as XML."""
    out = StringIO()
    xml = SimplerXMLGenerator(out, "utf-8")
    xml.startDocument()
    xml.startElement("oembed", {})
    for name, fact in facts.items():
        xml.addQuickElement(name, clean_text(str(fact)))
    xml.endElement("oembed")
    xml.endDocument()
    return out.getvalue()


def llms_text(site: Site) -> str:
    """The site for programs that read: what it is, where its texts are in Markdown.

    See https://llmstxt.org.
    """
    listed = Post.objects.listed_for(AnonymousUser())
    categories = Category.objects.filter(posts__in=listed).distinct().order_by("name", "pk")
    posts = listed.newest_first().only("title", "slug", "excerpt", "derived_excerpt")[:NEWEST]
    parts = [f"# {_line(site.name)}"]
    if about := site.description or site.tagline:
        parts.append(f"> {_line(about)}")
    parts.append("Every post is found as it was typed, in Markdown, at its address with `.md`.")
    entries = [
        _entry(post.title, reverse("blog:post_markdown", args=[post.slug]), post.summary)
        for post in posts
    ]
    sections = [
        _entry(category.name, category.get_absolute_url(), category.description)
        for category in categories[:SECTIONS]
    ]
    more = [
        _entry("Archive", reverse("blog:archive"), ""),
        _entry("Atom feed", reverse("blog:site_atom"), ""),
        _entry("JSON feed", reverse("blog:site_json"), ""),
        _entry("Sitemap", reverse("blog:sitemap"), ""),
        _entry("API", reverse("api:api-root"), ""),
    ]
    for title, lines in (("Newest posts", entries), ("Categories", sections), ("Optional", more)):
        if lines:
            parts += [f"## {title}", "\n".join(lines)]
    return "\n\n".join(parts) + "\n"


def _entry(name: str, path: str, about: str) -> str:
    end = f": {_line(about)}" if about else ""
    return f"- [{_line(name)}]({absolute(path)}){end}"


def _line(text: str) -> str:
    return " ".join(clean_text(text).split()).translate(_MARKS)
