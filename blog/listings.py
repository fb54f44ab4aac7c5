"""The lists of posts that readers can open and follow: the site, a term, a person."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from accounts.models import User
from blog.around import in_reading_order
from blog.models import Category, Post, PostQuerySet, Series, Tag
from lib.api.prepared import PreparedList, Source

# What is added to the address of a listing to follow it.
FEED_FILES = ("atom.xml", "rss.xml", "feed.json")
# How a post is linked with what lists are of.
LINKS: dict[type[models.Model], str] = {
    Category: "category",
    Tag: "tags",
    Series: "series",
    User: "post_authors__user",
}


@dataclass(frozen=True)
class Listing:
    """Some posts under one heading, as one reader may see them, in no order yet."""

    kind: str  # site, category, tag, series, author or search
    posts: PostQuerySet
    path: str  # of its first page, ends with a slash
    title: str = ""  # "" for the site itself
    description: str = ""
    subject: models.Model | None = None
    query: str = ""  # what a search looks for
    language: str = ""  # of its posts; "" for all
    everywhere: PostQuerySet | None = None  # the posts in all languages, where `posts` is of one

    @property
    def is_translated_away(self) -> bool:
        """Whether it has posts, though in other languages only. One query."""
        return self.everywhere is not None and self.everywhere.exists()

    def for_anyone(self, *, in_parts: bool = False) -> PreparedList:
        """What anyone finds in it now, without making its SQL anew: newest first, or in the order
        of the parts of a series. Not of a search."""
        found = PreparedList(_public(self.language, in_parts))
        return found.where(LINKS[type(self.subject)], self.subject.pk) if self.subject else found


@cache
def _public(language: str, in_parts: bool) -> Source:
    """For each language and order the same function, by which PreparedList knows its SQL."""

    def source(at: datetime) -> PostQuerySet:
        posts = Post.objects.listed_for(AnonymousUser(), at)
        posts = posts.in_language(language) if language else posts
        return in_reading_order(posts) if in_parts else posts.newest_first()

    return source


# Takes the reader and what the address captured. Raises Http404 when there is no such listing.
Finder = Callable[..., Listing]


def in_language(listing: Listing, language: str) -> Listing:
    """The part of `listing` that is written in `language`; all of it for ""."""
    if not language:
        return listing
    return replace(
        listing,
        posts=listing.posts.in_language(language),
        everywhere=listing.posts,
        path=f"/{language}{listing.path}",
        language=language,
    )


def posts_for(request: HttpRequest) -> PostQuerySet:
    """What the lists at this address may hold: what is listed for the visitor, in the language
    that the address begins with."""
    posts = Post.objects.listed_for(request.user)
    return posts.in_language(request.list_language) if request.list_language else posts


def site_listing(user) -> Listing:
    return Listing("site", Post.objects.listed_for(user), reverse("blog:home"))


def category_listing(user, slug: str) -> Listing:
    return _term_listing("category", get_object_or_404(Category, slug=slug), user)


def tag_listing(user, slug: str) -> Listing:
    return _term_listing("tag", get_object_or_404(Tag, slug=slug), user)


def series_listing(user, slug: str) -> Listing:
    return _term_listing("series", get_object_or_404(Series, slug=slug), user)


def author_listing(user, username: str) -> Listing:
    author = get_object_or_404(User.objects.named(username))
    return Listing(
        "author",
        posts_of(author, user),
        author.get_absolute_url(),
        author.name,
        author.bio,
        author,
    )


def _term_listing(kind: str, term: Category | Tag | Series, user) -> Listing:
    return Listing(
        kind, posts_of(term, user), term.get_absolute_url(), term.name, term.description, term
    )


def posts_of(subject: Category | Tag | Series | User, user) -> PostQuerySet:
    """What `user` finds listed under a term or a person."""
    posts = Post.objects.listed_for(user)
    if isinstance(subject, User):
        return posts.written_by(subject)
    return posts.filter(**{LINKS[type(subject)]: subject})


def has_posts(subject: Category | Tag | Series | User, user) -> bool:
    """Whether the page of a term or a person exists for `user`: an empty one is a 404, or it
    would tell that drafts exist."""
    return posts_of(subject, user).exists()


def facts_of_terms(
    model: type[models.Model], posts: PostQuerySet, **facts: models.Aggregate
) -> dict[int, dict]:
    """What `facts` say of `posts` under each term of a kind (or by each author), by its key; terms
    without posts are left out. One query.

    The posts are read in an index and joined with nothing but the links: of 100,000 posts with
    250,000 tags this takes a third of what a query for the terms takes.
    """
    rows = posts.order_by().values(term=models.F(LINKS[model])).annotate(**facts)
    if model is Series:
        rows = rows.filter(series__isnull=False)  # Most posts are in none.
    return {row.pop("term"): row for row in rows if row["term"] is not None}


def terms_in_use(model: type[models.Model], posts: PostQuerySet) -> list[models.Model]:
    """The terms of a kind (or the authors) under which some of `posts` are, with `post_count`.

    Two queries; a list, because counting the pages of a queryset would run them twice.
    """
    counts = facts_of_terms(model, posts, post_count=models.Count("pk"))
    terms = list(
        model.objects.filter(pk__in=counts).order_by(
            "display_name" if model is User else "name", "pk"
        )
    )
    for term in terms:
        term.post_count = counts[term.pk]["post_count"]
    return terms
