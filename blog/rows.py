"""Rows of the database as the API answers them: from columns to dicts, without objects between.

A `Field` says which columns one answered field needs and what is made of them. `reader` puts the
chosen fields of a thing together, once; reading a page is then one query for the columns.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet
from django.urls import reverse

from accounts.models.profile import avatar_path
from blog.models import Page
from lib.avatars import SIDES
from lib.statements import rows_of

Row = dict[str, Any]
# Characters that a path may hold as they are, as django.urls.reverse() has it.
PATH_SAFE = "!*'();:@&=+$,/~"
_MARK = "-mark-"  # stands for the slug in a pattern of addresses


@dataclass(frozen=True)
class Field:
    """A field of an answer, made by `make` from the values of `columns`; as it is when None."""

    columns: tuple[str, ...]
    make: Callable[..., Any] | None = None


class Reader:
    """Reads chosen fields of rows."""

    def __init__(self, fields: dict[str, Field]) -> None:
        # The key comes first: what belongs to several rows is joined by it.
        self.columns = tuple(
            dict.fromkeys(("id", *(name for field in fields.values() for name in field.columns)))
        )
        place = {column: number for number, column in enumerate(self.columns)}
        self._names = tuple(fields)
        # The first column of each field; what must be made is put in its place afterwards.
        first = [place[field.columns[0]] if field.columns else 0 for field in fields.values()]
        self._pick = itemgetter(*first) if len(first) > 1 else lambda row: (row[first[0]],)
        self._made = [
            (name, field.make, [place[column] for column in field.columns])
            for name, field in fields.items()
            if field.make
        ]

    def read(self, queryset: QuerySet) -> list[tuple[int, Row]]:
        """(key, fields) of each row of `queryset`, in its order; one query."""
        names, pick, made = self._names, self._pick, self._made
        found = []
        for values in queryset.values_list(*self.columns):
            row = dict(zip(names, pick(values), strict=True))
            for name, make, places in made:
                row[name] = make(*[values[place] for place in places])
            found.append((values[0], row))
        return found


@lru_cache(maxsize=64)
def _around(route: str) -> tuple[str, str]:
    """What stands before and after the slug in the addresses of a route."""
    before, _, after = reverse(route, args=[_MARK]).partition(_MARK)
    return before, after


@lru_cache(maxsize=20_000)
def address(route: str, slug: str) -> str:
    """The absolute address of what has `slug`. reverse() for each row would take most of the
    time of a list, and even a look at the settings is felt."""
    before, after = _around(route)
    return f"{settings.SITE_URL}{before}{quote(slug, safe=PATH_SAFE)}{after}"


def address_maker(route: str) -> Callable[[str], str]:
    return lambda slug: address(route, slug)


def term_row(route: str) -> Callable[..., Row | None]:
    """Makes what is said of a term from its key, name, slug and description; None without one."""

    def make(key: int | None, name: str, slug: str, description: str) -> Row | None:
        if key is None:
            return None
        url = address(route, slug)
        return {"id": key, "name": name, "slug": slug, "description": description, "url": url}

    return make


def term_columns(prefix: str) -> tuple[str, ...]:
    return f"{prefix}_id", *(f"{prefix}__{name}" for name in ("name", "slug", "description"))


def cover_row(key, file: str, width: int, height: int, alt: str, decorative: bool) -> Row | None:
    """What is said of a cover."""
    if key is None:
        return None
    url = f"{settings.SITE_URL}{settings.MEDIA_URL}{file}"
    alt = "" if decorative else alt
    return {"id": key, "url": url, "width": width, "height": height, "alt": alt}


COVER_COLUMNS = (
    "cover_id",
    *(f"cover__{name}" for name in ("file", "width", "height", "alt", "decorative")),
)


def state_row(status: str, published_at, unpublish_at, trashed_at) -> str:
    """The state by the clock, as the model says it."""
    times = {"published_at": published_at, "unpublish_at": unpublish_at, "trashed_at": trashed_at}
    return Page(status=status, **times).state.value


def _columns(*names: str) -> dict[str, Field]:
    return {name: Field((name,)) for name in names}


CONTENT_FIELDS = {
    **_columns("id", "title", "slug", "subtitle", "language", "status", "visibility", "excerpt"),
    **_columns("seo_title", "seo_description", "canonical_url", "version", "body", "body_html"),
    **_columns("word_count", "character_count", "reading_minutes", "headings", "unpublish_at"),
    **_columns("published_at", "created_at", "updated_at"),
    "summary": Field(("excerpt", "derived_excerpt"), lambda own, derived: own or derived),
    "cover": Field(COVER_COLUMNS, cover_row),
    "state": Field(("status", "published_at", "unpublish_at", "trashed_at"), state_row),
    # The key of the group stands there until add_translations().
    "translations": Field(("translation_group",)),
}
PAGE_FIELDS = {
    **CONTENT_FIELDS,
    **_columns("menu_position"),
    "url": Field(("slug",), address_maker("blog:page_detail")),
}
POST_FIELDS = {
    **CONTENT_FIELDS,
    **_columns("featured", "series_part", "corrections"),
    "url": Field(("slug",), address_maker("blog:post_detail")),
    "category": Field(term_columns("category"), term_row("blog:category_detail")),
    "series": Field(term_columns("series"), term_row("blog:series_detail")),
    # Of other tables; see add_links().
    **{name: Field(()) for name in ("tags", "authors", "author_name")},
}
TERM_FIELDS = ("id", "name", "slug", "description")


def term_fields(route: str) -> dict[str, Field]:
    return {**_columns(*TERM_FIELDS), "url": Field(("slug",), address_maker(route))}


def _avatar_url(digest: str) -> str | None:
    return settings.SITE_URL + avatar_path(digest, SIDES[1]) if digest else None


AUTHOR_FIELDS = {
    **_columns("username", "bio", "website", "links"),
    "avatar": Field(("avatar",), _avatar_url),
    "name": Field(("display_name", "username"), lambda shown, username: shown or username),
    "url": Field(("username",), address_maker("blog:author_detail")),
}


# The links of one post, to be read beside its row.
LINKS = (
    "(SELECT COALESCE(json_agg(json_build_array(link.post_id, link.position, link.key,"
    " link.slug, link.name, link.more)), '[]')::text FROM ({}) link)"
)


def links_beside(fields: Iterable[str]) -> str:
    """An expression of PostgreSQL for what `add_links` needs of one post; "" if nothing."""
    with_tags, with_authors = _wanted(fields)
    if not (with_tags or with_authors):
        return ""
    links = _links_sql(0, with_tags, with_authors).replace(_THESE, '= "blog_post"."id"')
    return LINKS.format(links)


def _wanted(fields: Iterable[str]) -> tuple[bool, bool]:
    """Whether tags, whether authors are among `fields`."""
    names = set(fields)
    return "tags" in names, bool(names & {"authors", "author_name"})


def add_links(
    found: list[tuple[int, Row]], fields: Iterable[str], links: list[list] | None = None
) -> None:
    """Put tags and authors into rows of posts that have a place for them; one query for both,
    none where `links` were read beside the row."""
    wanted = set(fields)
    with_tags, with_authors = _wanted(wanted)
    if not found or not (with_tags or with_authors):
        return
    if links is None:
        links = _links([key for key, _ in found], with_tags, with_authors)
    keys = [key for key, _ in found]
    tags: dict[int, list[Row]] = {key: [] for key in keys}
    authors: dict[int, list[Row]] = {key: [] for key in keys}
    tag_row = term_row("blog:tag_detail")
    # By kind, then by place in the byline or by name: position is 0 for every tag.
    for post, position, key, slug, name, more in sorted(links, key=itemgetter(1, 4, 3)):
        if position == _IS_TAG:
            tags[post].append(tag_row(key, name, slug, more))
        else:
            authors[post].append({"username": slug, "name": name or slug})
    for key, row in found:
        if with_tags:
            row["tags"] = tags[key]
        if "authors" in wanted:
            row["authors"] = authors[key]
        if "author_name" in wanted:
            row["author_name"] = authors[key][0]["name"] if authors[key] else ""


def add_translations(found: list[tuple[int, Row]], visible: QuerySet, route: str) -> None:
    """Put in the place of a group those of `visible` that are in it; one query, none when nothing
    is linked."""
    groups = {row["translations"] for _, row in found} - {None}
    members: dict[Any, list[tuple]] = {}
    if groups:
        rows = visible.filter(translation_group__in=groups).order_by("language")
        for group, *values in rows.values_list("translation_group", "id", "language", "slug"):
            members.setdefault(group, []).append(values)
    for own, row in found:
        row["translations"] = [
            {"id": key, "language": language, "url": address(route, slug)}
            for key, language, slug in members.get(row["translations"], ())
            if key != own
        ]


# In the place of a position in the byline, which is never negative.
_IS_TAG = -1
_THESE = "= ANY(%s::bigint[])"


@lru_cache(maxsize=256)
def _links_sql(count: int, with_tags: bool, with_authors: bool) -> str:
    """`count` is 0 where the keys come as one array: then it is one statement for all lists."""
    keys = f"IN ({', '.join(['%s'] * count)})" if count else _THESE
    tags = (
        f"SELECT link.post_id, {_IS_TAG} AS position, tag.id AS key, tag.slug, tag.name,"  # noqa: S608 (names of our own)
        " tag.description AS more"
        " FROM blog_post_tags link JOIN blog_tag tag ON tag.id = link.tag_id"
        f" WHERE link.post_id {keys}"
    )
    authors = (
        "SELECT byline.post_id, byline.position, person.id AS key, person.username AS slug,"  # noqa: S608 (names of our own)
        " person.display_name AS name, '' AS more"
        " FROM blog_postauthor byline JOIN accounts_user person ON person.id = byline.user_id"
        f" WHERE byline.post_id {keys}"
    )
    return " UNION ALL ".join([tags] * with_tags + [authors] * with_authors)


def _links(keys: list[int], with_tags: bool, with_authors: bool) -> list[tuple]:
    """(post, position, key, slug, name, more) of every tag and author of the posts `keys`.

    Written by hand: making this union anew for each list took longer than asking it.
    """
    as_array = connection.vendor == "postgresql"
    statement = _links_sql(0 if as_array else len(keys), with_tags, with_authors)
    once = [keys] if as_array else keys
    return rows_of(statement, once * (with_tags + with_authors))
