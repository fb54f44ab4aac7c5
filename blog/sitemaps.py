"""What search engines should know of: a sitemap index and its sections.

A section is cut by key, not by count: an address stays in its part for ever, no part needs to
skip the rows before it, and one grouped query tells the index all parts and their dates.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import F, Max, Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.models import User
from blog.caching import reader_page
from blog.fragments import until_changed
from blog.head import Alternate, absolute, alternates
from blog.languages import tags_under
from blog.models import Category, Content, Page, Post, Series, Site, Tag
from blog.translations import LINK_FIELDS, announced

KEYS_PER_PART = 2_000  # the protocol allows 50,000; this many take a quarter of a second
ANYONE = AnonymousUser()


class Address(NamedTuple):
    location: str  # absolute
    last_modified: str  # RFC 3339, UTC
    alternates: Sequence[Alternate] = ()  # the same in other languages, and itself


@dataclass(frozen=True)
class Section:
    """Things of one kind that anyone may see."""

    model: type[Model]
    key: str  # the field that makes the address
    posts: str = ""  # how to reach the posts whose changes count: "" for itself
    language: str = ""  # only what is written in it
    others: tuple[str, ...] = ()  # texts in these have sections of their own

    @property
    def is_content(self) -> bool:
        return issubclass(self.model, Content)

    def visible(self) -> QuerySet:
        if self.is_content:
            # What is canonical elsewhere is for the other site to announce.
            contents = announced(self.model.objects)
            if self.language:
                return contents.in_language(self.language)
            tags = [tag for code in self.others for tag in tags_under(code)]
            return contents.exclude(language__in=tags) if tags else contents
        posts = Post.objects.listed_for(ANYONE)
        posts = posts.in_language(self.language) if self.language else posts
        return self.model.objects.filter(posts__in=posts).order_by()

    def address(self, key: str) -> str:
        """Of the one that is found by `key`: a text has one, a list one in each language."""
        path = self.model(**{self.key: key}).get_absolute_url()
        prefix = f"/{self.language}" if self.language and not self.is_content else ""
        return absolute(prefix + path)

    def parts(self) -> list[tuple[int, str]]:
        """The number and the newest change of each part that holds something. One query."""
        rows = self._with_dates(self.visible().values(part=(F("pk") - 1) / KEYS_PER_PART))
        return [(row["part"] + 1, _later(row)) for row in rows.order_by("part")]

    def addresses(self, part: int, site: Site) -> list[Address]:
        """What is in a part, in the order it was made. One query; one more when something in it
        is there in several languages."""
        rows = self.visible().filter(
            pk__gt=(part - 1) * KEYS_PER_PART, pk__lte=part * KEYS_PER_PART
        )
        found = list(self._with_dates(rows.values("pk", self.key, *self.groups)).order_by("pk"))
        known = self._alternates({row[name] for row in found for name in self.groups}, site)
        return [
            Address(
                self.address(row[self.key]),
                _later(row),
                known.get(row.get("translation_group"), ()),
            )
            for row in found
        ]

    @property
    def groups(self) -> tuple[str, ...]:
        """The column that links translations, where there is one."""
        return ("translation_group",) if self.is_content else ()

    def _alternates(self, groups: set[UUID | None], site: Site) -> dict[UUID, list[Alternate]]:
        """What each page of a group says of all of it, by group."""
        members: dict[UUID, list[Content]] = {}
        if groups := groups - {None}:
            contents = announced(self.model.objects).filter(translation_group__in=groups)
            for content in contents.only(*LINK_FIELDS):
                members.setdefault(content.translation_group, []).append(content)
        return {group: alternates(contents, site) for group, contents in members.items()}

    def _with_dates(self, rows: QuerySet) -> QuerySet:
        # Change and publication, of which the later counts: as Content.modified_at.
        return rows.annotate(
            changed=Max(f"{self.posts}updated_at"), appeared=Max(f"{self.posts}published_at")
        )


def _later(row: dict) -> str:
    return max(row["changed"], row["appeared"]).isoformat()


def _content(model: type[Post | Page]) -> Section:
    return Section(model, "slug")


def _listing(model: type[Model], key: str = "slug") -> Section:
    return Section(model, key, posts="posts__")


SECTIONS = {
    "posts": _content(Post),
    "pages": _content(Page),
    "categories": _listing(Category),
    "tags": _listing(Tag),
    "series": _listing(Series),
    "authors": _listing(User, "username"),
}


def sections_of(site: Site) -> dict[str, Section]:
    """All sections by name, each once more for every language with lists of its own:
    "tags-zh-hans" has the addresses behind /zh-hans/."""
    others = tuple(site.other_languages)
    found = {name: replace(section, others=others) for name, section in SECTIONS.items()}
    for code in others:
        named = {f"{name}-{code}": section for name, section in SECTIONS.items()}
        found |= {name: replace(section, language=code) for name, section in named.items()}
    return found


@reader_page
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All parts of all sections that hold something, each with its newest change."""
    parts = [
        Address(absolute(reverse("blog:sitemap_section", args=[name]) + f"?p={part}"), changed)
        for name, section in sections_of(request.site).items()
        for part, changed in until_changed(request, name, section.parts)
    ]
    return _xml(request, "blog/sitemap_index.xml", parts)


@reader_page
@require_safe
def section(request: HttpRequest, name: str) -> HttpResponse:
    """One part of one section; ?p= counts from 1."""
    part = request.GET.get("p", "1")
    section = sections_of(request.site).get(name)
    if section is None or not (part.isascii() and part.isdigit() and len(part) < 13):
        raise Http404
    addresses = section.addresses(int(part), request.site)
    if not addresses:
        raise Http404
    return _xml(request, "blog/sitemap.xml", addresses)


def _xml(request: HttpRequest, template: str, addresses: list[Address]) -> HttpResponse:
    content_type = "application/xml; charset=utf-8"
    return render(request, template, {"addresses": addresses}, content_type=content_type)
