"""What search engines should know of: a sitemap index and its sections.

A section is cut by key, not by count: an address stays in its part for ever, no part needs to
skip the rows before it, and one grouped query tells the index all parts and their dates.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
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
    visible: Callable[[], QuerySet]
    key: str  # the field that makes the address
    posts: str = ""  # how to reach the posts whose changes count: "" for itself

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
                absolute(self.model(**{self.key: row[self.key]}).get_absolute_url()),
                _later(row),
                known.get(row.get("translation_group"), ()),
            )
            for row in found
        ]

    @property
    def groups(self) -> tuple[str, ...]:
        """The column that links translations, where there is one."""
        return ("translation_group",) if issubclass(self.model, Content) else ()

    def _alternates(self, groups: set[UUID | None], site: Site) -> dict[UUID, list[Alternate]]:
        """What each page of a group says of all of it, by group."""
        members: dict[UUID, list[Content]] = {}
        if groups := groups - {None}:
            for content in self.visible().filter(translation_group__in=groups).only(*LINK_FIELDS):
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
    # What is canonical elsewhere is for the other site to announce.
    return Section(model, lambda: announced(model.objects), "slug")


def _listing(model: type[Model], key: str = "slug") -> Section:
    def visible() -> QuerySet:
        return model.objects.filter(posts__in=Post.objects.listed_for(ANYONE)).order_by()

    return Section(model, visible, key, posts="posts__")


SECTIONS = {
    "posts": _content(Post),
    "pages": _content(Page),
    "categories": _listing(Category),
    "tags": _listing(Tag),
    "series": _listing(Series),
    "authors": _listing(User, "username"),
}


@reader_page
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All parts of all sections that hold something, each with its newest change."""
    parts = [
        Address(absolute(reverse("blog:sitemap_section", args=[name]) + f"?p={part}"), changed)
        for name, section in SECTIONS.items()
        for part, changed in until_changed(request, name, section.parts)
    ]
    return _xml(request, "blog/sitemap_index.xml", parts)


@reader_page
@require_safe
def section(request: HttpRequest, name: str) -> HttpResponse:
    """One part of one section; ?p= counts from 1."""
    part = request.GET.get("p", "1")
    if name not in SECTIONS or not (part.isascii() and part.isdigit() and len(part) < 13):
        raise Http404
    addresses = SECTIONS[name].addresses(int(part), request.site)
    if not addresses:
        raise Http404
    return _xml(request, "blog/sitemap.xml", addresses)


def _xml(request: HttpRequest, template: str, addresses: list[Address]) -> HttpResponse:
    content_type = "application/xml; charset=utf-8"
    return render(request, template, {"addresses": addresses}, content_type=content_type)
