"""What search engines should know of: a sitemap index and its sections.

A section is cut by key, not by count: an address stays in its part for ever, and no part needs to
skip the rows before it. The index costs four queries, which read little but indexes of the posts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import F, Max, Model, OuterRef, QuerySet, Subquery, Value
from django.db.models.expressions import CombinedExpression
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.models import User
from blog.caching import reader_page
from blog.fragments import until_changed
from blog.head import Alternate, absolute, alternates
from blog.languages import tags_under
from blog.listings import LINKS, facts_of_terms
from blog.models import Category, Content, Page, Post, Series, Site, Tag
from blog.models.content import ContentQuerySet
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
    language: str = ""  # only what is written in it
    others: tuple[str, ...] = ()  # texts in these have sections of their own

    @property
    def is_content(self) -> bool:
        return issubclass(self.model, Content)

    def has(self, language: str) -> bool:
        """Whether texts in `language` count here."""
        if self.language:
            return language in tags_under(self.language)
        if self.is_content:
            return not any(language in tags_under(code) for code in self.others)
        return True

    def contents(self) -> ContentQuerySet:
        """What the section is about: texts, or the posts of its lists."""
        if self.is_content:
            # What is canonical elsewhere is for the other site to announce.
            contents = announced(self.model.objects)
        else:
            contents = Post.objects.listed_for(ANYONE)
        if self.language:
            return contents.in_language(self.language)
        if self.is_content and self.others:
            tags = [tag for code in self.others for tag in tags_under(code)]
            return contents.exclude(language__in=tags)
        return contents

    def address(self, key: str) -> str:
        """Of the one that is found by `key`: a text has one, a list one in each language."""
        path = self.model(**{self.key: key}).get_absolute_url()
        prefix = f"/{self.language}" if self.language and not self.is_content else ""
        return absolute(prefix + path)

    def parts_in_use(self) -> QuerySet:
        """The parts of a section of lists in which some list has posts."""
        # Each list is asked for one post: of Exists, PostgreSQL makes a join with all posts.
        posts = self.contents().filter(**{LINKS[self.model]: OuterRef("pk")}).order_by()
        lists = self.model.objects.annotate(post=Subquery(posts.values("pk")[:1]))
        lists = lists.filter(post__isnull=False)
        return lists.order_by().annotate(part=_part())

    def addresses(self, part: int, site: Site) -> list[Address]:
        """What is in a part, in the order it was made. One query, or two for lists; one more when
        something in it is there in several languages."""
        keys = range((part - 1) * KEYS_PER_PART + 1, part * KEYS_PER_PART + 1)
        if not self.is_content:
            dates = facts_of_terms(self.model, self.contents(), **_DATES)
            lists = self.model.objects.filter(pk__in=[pk for pk in dates if pk in keys])
            return [
                Address(self.address(key), _later(dates[pk]))
                for pk, key in lists.order_by("pk").values_list("pk", self.key)
            ]
        rows = self.contents().filter(pk__gte=keys.start, pk__lt=keys.stop)
        names = ("pk", self.key, "translation_group", "updated_at", "published_at")
        found = list(rows.values(*names).order_by("pk"))
        known = self._alternates({row["translation_group"] for row in found}, site)
        return [
            Address(
                self.address(row[self.key]),
                max(row["updated_at"], row["published_at"]).isoformat(),
                known.get(row["translation_group"], ()),
            )
            for row in found
        ]

    def _alternates(self, groups: set[UUID | None], site: Site) -> dict[UUID, list[Alternate]]:
        """What each page of a group says of all of it, by group."""
        members: dict[UUID, list[Content]] = {}
        if groups := groups - {None}:
            contents = announced(self.model.objects).filter(translation_group__in=groups)
            for content in contents.only(*LINK_FIELDS):
                members.setdefault(content.translation_group, []).append(content)
        return {group: alternates(contents, site) for group, contents in members.items()}


# Change and publication, of which the later counts: as Content.modified_at.
_DATES = {"changed": Max("updated_at"), "appeared": Max("published_at")}


def _part() -> CombinedExpression:
    return (F("pk") - 1) / KEYS_PER_PART


def _later(row: dict) -> str:
    return max(row["changed"], row["appeared"]).isoformat()


SECTIONS = {
    "posts": Section(Post, "slug"),
    "pages": Section(Page, "slug"),
    "categories": Section(Category, "slug"),
    "tags": Section(Tag, "slug"),
    "series": Section(Series, "slug"),
    "authors": Section(User, "username"),
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


def all_parts(sections: dict[str, Section]) -> list[tuple[str, int, str]]:
    """Name, number and newest change of each part that holds something. Four queries.

    The date of a part of lists is that of the newest change of any post they may hold: when that
    part has to be read again at the latest.
    """
    found: dict[str, dict[int, str]] = {name: {} for name in sections}
    for model in (Post, Page):
        rows = announced(model.objects).order_by().values("language", part=_part())
        for row in rows.annotate(**_DATES):
            for name, section in sections.items():
                if section.model is model and section.has(row["language"]):
                    parts, number = found[name], row["part"]
                    parts[number] = max(parts.get(number, ""), _later(row))
    posts = Post.objects.listed_for(ANYONE).order_by().values("language")
    dates = {row["language"]: _later(row) for row in posts.annotate(**_DATES)}
    lists = {name: section for name, section in sections.items() if not section.is_content}
    in_use = [
        section.parts_in_use()
        .annotate(section=Value(name))
        .values_list("section", "part")
        .distinct()
        for name, section in lists.items()
    ]
    # Each model has an order of its own, which a union cannot keep.
    for name, number in in_use[0].union(*in_use[1:], all=True).order_by():
        known = [date for language, date in dates.items() if lists[name].has(language)]
        if known:  # The first post may have appeared between the two queries.
            found[name][number] = max(known)
    return [
        (name, number + 1, changed)
        for name, parts in found.items()
        for number, changed in sorted(parts.items())
    ]


@reader_page
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All parts of all sections that hold something, each with its newest change."""
    sections = sections_of(request.site)
    parts = [
        Address(absolute(reverse("blog:sitemap_section", args=[name]) + f"?p={part}"), changed)
        for name, part, changed in until_changed(request, "parts", lambda: all_parts(sections))
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
