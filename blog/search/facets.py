"""Narrowing a search: by category, tag, author, year and language."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, datetime
from urllib.parse import urlencode

from django.db import connection
from django.db.models import Count
from django.db.models import Value as DBValue
from django.db.models.expressions import RawSQL
from django.db.models.functions import ExtractYear
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blog.languages import own_name
from blog.models import Post, PostAuthor, PostQuerySet

NAMES = ("category", "tag", "author", "year", "language")
TITLES = {
    "category": _("Category"),
    "tag": _("Tag"),
    "author": _("Author"),
    "year": _("Year"),
    "language": _("Language"),
}
VALUES_PER_FACET = 8
MAX_VALUE_LENGTH = 200  # characters


@dataclass(frozen=True, slots=True)
class Value:
    """One choice of a facet: how many of the results have it and where choosing it leads."""

    label: str
    count: int
    query_string: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Facet:
    title: str
    values: list[Value]


def chosen(parameters: Mapping[str, str]) -> dict[str, str]:
    """The facets that the parameters of an address choose."""
    asked = ((name, parameters.get(name, "").strip()) for name in NAMES)
    return {name: value[:MAX_VALUE_LENGTH] for name, value in asked if value}


def narrowed(posts: PostQuerySet, choices: Mapping[str, str]) -> PostQuerySet:
    """Those of `posts` that have every one of `choices`; none for a year that is no year."""
    if "category" in choices:
        posts = posts.filter(category__slug=choices["category"])
    if "tag" in choices:
        posts = posts.filter(tags__slug=choices["tag"])
    if "author" in choices:
        names = PostAuthor.objects.filter(user__username__iexact=choices["author"])
        posts = posts.filter(pk__in=names.values("post_id"))
    if "language" in choices:
        posts = posts.filter(language=choices["language"].lower())
    if "year" in choices:
        year = choices["year"]
        if not (year.isascii() and year.isdigit() and MINYEAR < int(year[:5]) < MAXYEAR):
            return posts.none()
        zone = timezone.get_current_timezone()
        first, after = (datetime(int(year) + more, 1, 1, tzinfo=zone) for more in (0, 1))
        posts = posts.filter(published_at__gte=first, published_at__lt=after)
    return posts


def facets(ids: list[int], text: str, choices: Mapping[str, str]) -> list[Facet]:
    """What the posts with these keys have in common. Two queries."""
    if not ids:
        return []
    counts: dict[str, Counter] = {name: Counter() for name in NAMES}
    among = _rows_of(ids)
    zone = timezone.get_current_timezone()
    # Grouped by the database: a thousand posts have thousands of tags.
    rows = Post.objects.filter(pk__in=among).values_list(
        "category__slug", "category__name", "language", ExtractYear("published_at", tzinfo=zone)
    )
    for slug, name, language, year, count in rows.annotate(Count("pk")).order_by():
        if slug:
            counts["category"][slug, name] += count
        counts["language"][language, own_name(language)] += count
        if year:
            counts["year"][str(year), str(year)] += count
    tags = Post.tags.through.objects.filter(post_id__in=among).annotate(kind=DBValue("tag"))
    authors = PostAuthor.objects.filter(post_id__in=among).annotate(kind=DBValue("author"))
    tags = tags.values_list("kind", "tag__slug", "tag__name").annotate(Count("pk"))
    authors = authors.values_list("kind", "user__username", "user__display_name")
    for kind, key, label, count in tags.union(authors.annotate(Count("pk")).order_by(), all=True):
        counts[kind][key, label or key] = count
    made = (_facet(name, counts[name], text, choices) for name in NAMES)
    return [facet for facet in made if facet]


def _rows_of(ids: list[int]) -> RawSQL:
    """The keys as rows of one value. A list of a thousand is a thousand values, and the ORM takes
    longer to prepare them for a query than the database to answer it."""
    if connection.vendor == "postgresql":
        return RawSQL("SELECT UNNEST(%s::bigint[])", [ids])
    return RawSQL("SELECT value FROM json_each(%s)", [json.dumps(ids)])


def _facet(name: str, counts: Counter, text: str, choices: Mapping[str, str]) -> Facet | None:
    """One facet; None when it does not tell the results apart."""
    picked = choices.get(name)
    if picked is None and len(counts) < 2:
        return None
    ordered: Iterable = counts.most_common(VALUES_PER_FACET)
    if name == "year":
        ordered = sorted(counts.items(), reverse=True)[:VALUES_PER_FACET]
    others = {key: value for key, value in choices.items() if key != name}
    values = []
    for (key, label), count in ordered:
        is_chosen = picked is not None and key.casefold() == picked.casefold()
        asked = {"q": text, **others, **({} if is_chosen else {name: key})}
        values.append(Value(label, count, urlencode(asked), is_chosen))
    return Facet(TITLES[name], values)
