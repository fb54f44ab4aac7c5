"""Categories, tags and series over the API."""

from typing import ClassVar

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http.response import HttpResponseBase
from rest_framework.decorators import action
from rest_framework.request import Request

from blog.api.base import ReadingViewSet
from blog.api.term_writing import TermWriting
from blog.models import Category, Post, Series, Tag
from blog.models.taxonomy import Term
from blog.serializers import CategorySerializer, SeriesSerializer, TagSerializer
from lib.api.parameters import checked_query

MAX_SEARCH_LENGTH = 100  # characters, as a name


class TermViewSet(TermWriting, ReadingViewSet):
    """Terms under which one finds a post. Writers see all: they choose among them."""

    model: type[Term]
    posts_field = ""  # of a post, naming its term
    searchable = True
    orders: ClassVar[dict[str, str]] = {"name": "name"}

    def get_queryset(self) -> QuerySet:
        user = self.request.user
        terms = self.model.objects.all()
        if user.has_perm("blog.add_post"):
            return terms
        posts = Post.objects.listed_for(user).filter(**{self.posts_field: OuterRef("pk")})
        return terms.filter(Exists(posts))

    def search(self, queryset: QuerySet, query: str) -> QuerySet:
        text = checked_query("search", query, MAX_SEARCH_LENGTH)
        return queryset.filter(Q(name__icontains=text) | Q(slug__icontains=text)).order_by(
            "name", "pk"
        )

    @action(detail=False, url_path=r"slug/(?P<slug>[^/.]+)", url_name="by-slug")
    def by_slug(self, request: Request, slug: str) -> HttpResponseBase:
        """The one with this slug."""
        return self.conditional() or self.one_of(self.get_queryset().filter(slug=slug))


class CategoryViewSet(TermViewSet):
    """Categories: what a post is about."""

    model = Category
    serializer_class = CategorySerializer
    posts_field = "category"


class TagViewSet(TermViewSet):
    """Tags: what a post touches."""

    model = Tag
    serializer_class = TagSerializer
    posts_field = "tags"


class SeriesViewSet(TermViewSet):
    """Series: posts that are read in order."""

    model = Series
    serializer_class = SeriesSerializer
    posts_field = "series"
