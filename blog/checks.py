"""The report on a text before it is published: what is missing, and what will disappoint.

Each rule warns, refuses or is off, as the site says (`Site.publish_checks`). Page, admin and
API publish through `blog.services`, which asks here; so does a dry run over the API.
"""

import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from accounts.models import User
from blog.models import Category, Content, OldAddress, Page, Post, Series, Site, Tag
from blog.models.checks import Level, Rule
from library.services import images_at, is_stored

# Search engines cut titles at some 600 pixels; that is 60 to 70 Latin letters.
LONG_TITLE = 70  # characters
LARGE_IMAGE = 1_000_000  # bytes
MAX_LINKS = 200  # looked at in one text
MAX_SHOWN = 80  # characters of what is quoted

# The one spelling in which lib.markdown writes tags.
_TAG = re.compile(r'<(a|img)((?: [^\s=">/]+="[^"]*")*)>')
_ATTRIBUTE = re.compile(r' ([^\s=">/]+)="([^"]*)"')
_ID = re.compile(r' id="([^"]*)"')


class Finding(NamedTuple):
    """One thing that the report says."""

    rule: Rule
    level: Level
    field: str  # of the content, whose value is the cause
    message: str


class NotPublishable(ValidationError):
    """Rules of this site refuse the publication; `report` has all findings."""

    def __init__(self, report: list[Finding]) -> None:
        reasons: dict[str, list[str]] = {}
        for finding in report:
            if finding.level == Level.BLOCKING:
                reasons.setdefault(finding.field, []).append(finding.message)
        super().__init__(reasons)
        self.report = report


def publish_report(content: Content, site: Site | None = None) -> list[Finding]:
    """What the rules say of `content` as it would be published; nothing when all is well."""
    site = site or Site.current()
    found = []
    for rule, look in LOOKS.items():
        level = site.level_of(rule)
        if level != Level.OFF:
            found += [Finding(rule, level, field, message) for field, message in look(content)]
    return found


def require_publishable(content: Content) -> None:
    """Raise NotPublishable when a rule that refuses is broken."""
    report = publish_report(content)
    if any(finding.level == Level.BLOCKING for finding in report):
        raise NotPublishable(report)


# --- the rules: each yields fields and reasons -------------------------------------------

Look = Callable[[Content], Iterator[tuple[str, str]]]


def _empty_body(content: Content) -> Iterator[tuple[str, str]]:
    if not content.body.strip():
        yield "body", _("Write something before publishing.")


def _missing_alt(content: Content) -> Iterator[tuple[str, str]]:
    silent = [tag["src"] for tag in _tags(content, "img") if not tag.get("alt") and "src" in tag]
    known = images_at(set(silent)) if silent else {}
    for src in dict.fromkeys(silent):
        if src not in known or not known[src].decorative:
            text = _("The picture %(src)s has no alternative text.")
            yield "body", text % {"src": _short(src)}
    if content.cover and not content.cover.decorative and not content.cover.alt:
        yield "cover", _("The cover has no alternative text.")


def _heading_order(content: Content) -> Iterator[tuple[str, str]]:
    before = 1  # the title
    for heading in content.headings:
        if heading["level"] > before + 1:
            text = _("The heading “%(text)s” skips a level.")
            yield "body", text % {"text": _short(heading["text"])}
        before = heading["level"]


def _dead_link(content: Content) -> Iterator[tuple[str, str]]:
    hrefs = list(dict.fromkeys(tag["href"] for tag in _tags(content, "a") if "href" in tag))
    ids = set(map(unescape, _ID.findall(content.body_html)))
    for href in hrefs[:MAX_LINKS]:
        if not _is_alive(href, content, ids):
            text = _("The link to %(href)s leads to nothing that readers can open.")
            yield "body", text % {"href": _short(href)}


def _missing_description(content: Content) -> Iterator[tuple[str, str]]:
    if not (content.seo_description or content.excerpt):
        text = _("Search engines and shared links have no description: write one, or an excerpt.")
        yield "seo_description", text


def _long_title(content: Content) -> Iterator[tuple[str, str]]:
    field = "seo_title" if content.seo_title else "title"
    if len(getattr(content, field)) > LONG_TITLE:
        text = _("Search results cut titles after some %(limit)d characters.")
        yield field, text % {"limit": LONG_TITLE}


def _large_image(content: Content) -> Iterator[tuple[str, str]]:
    sources = {tag["src"] for tag in _tags(content, "img") if "src" in tag}
    for src, image in images_at(sources).items() if sources else ():
        # What has renditions is sent in a size that fits.
        if image.size > LARGE_IMAGE and not image.renditions:
            text = _("The picture %(src)s has %(size).1f MB, which every reader has to fetch.")
            yield "body", text % {"src": _short(src), "size": image.size / 1_000_000}


LOOKS: dict[Rule, Look] = {
    Rule.EMPTY_BODY: _empty_body,
    Rule.MISSING_ALT: _missing_alt,
    Rule.HEADING_ORDER: _heading_order,
    Rule.DEAD_LINK: _dead_link,
    Rule.MISSING_DESCRIPTION: _missing_description,
    Rule.LONG_TITLE: _long_title,
    Rule.LARGE_IMAGE: _large_image,
}


# --- steps ------------------------------------------------------------------------------


def _tags(content: Content, name: str) -> list[dict[str, str]]:
    """The attributes of each `name` tag of the rendered text."""
    return [
        {key: unescape(value) for key, value in _ATTRIBUTE.findall(attributes)}
        for tag, attributes in _TAG.findall(content.body_html)
        if tag == name
    ]


def _short(text: str) -> str:
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"


def _is_alive(href: str, content: Content, ids: set[str]) -> bool:
    """Whether a reader gets somewhere; what lies on other sites is not asked."""
    if href.startswith("#"):
        return href in ("#", "#top") or unquote(href[1:]) in ids or href[1:] in ids
    own = settings.SITE_URL
    if href == own or href.startswith((f"{own}/", f"{own}#", f"{own}?")):
        href = href.removeprefix(own) or "/"
    try:
        parts = urlsplit(href)
    except ValueError:
        return False
    if parts.scheme or parts.netloc or not parts.path:
        return True
    if not parts.path.startswith("/"):
        return True  # Relative to wherever the text is read: nobody can say.
    return _leads_somewhere(unquote(parts.path), content)


def _leads_somewhere(path: str, content: Content) -> bool:
    if path == unquote(content.get_absolute_url()) or path.startswith(settings.STATIC_URL):
        return True
    if path.startswith(settings.MEDIA_URL):
        return is_stored(path)
    try:
        match = resolve(path if path.endswith("/") or "." in path else f"{path}/")
    except Resolver404:
        return OldAddress.objects.at(path).exists()
    found = _SUBJECTS.get(match.view_name.partition("_")[0])
    if found is None or not {"slug", "username"} & set(match.kwargs):
        return True  # A page of the site itself.
    key = match.kwargs.get("slug") or match.kwargs.get("username")
    return found(key) or OldAddress.objects.at(path).exists()


_SUBJECTS: dict[str, Callable[[str], bool]] = {
    "blog:post": lambda slug: Post.objects.published().filter(slug=slug).exists(),
    "blog:page": lambda slug: Page.objects.published().filter(slug=slug).exists(),
    "blog:category": lambda slug: Category.objects.filter(slug=slug).exists(),
    "blog:tag": lambda slug: Tag.objects.filter(slug=slug).exists(),
    "blog:series": lambda slug: Series.objects.filter(slug=slug).exists(),
    "blog:author": lambda name: User.objects.named(name).exists(),
}
