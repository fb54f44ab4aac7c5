"""Reading content over the API, by the same querysets as the pages.

Writing, filters and the full contract come with the API's own issue.
"""

from django.conf import settings
from django.db.models import Exists, OuterRef
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from blog.models import Post
from blog.serializers import (
    CategorySerializer,
    PostDetailSerializer,
    PostSerializer,
    SeriesSerializer,
    TagSerializer,
)


class SiteUrlMixin:
    """Gives serializers the site's own address: never the one in a Host header."""

    def get_serializer_context(self) -> dict:
        return {**super().get_serializer_context(), "site_url": settings.SITE_URL}


class PostViewSet(SiteUrlMixin, ReadOnlyModelViewSet):
    """Posts: what is live for anyone, and what one writes for oneself."""

    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self):
        posts = Post.objects.visible_to(self.request.user).newest_first().for_listing()
        return posts if self.action == "list" else posts.defer(None)

    def get_serializer_class(self):
        return PostSerializer if self.action == "list" else PostDetailSerializer

    @action(detail=False, url_path=r"slug/(?P<slug>[^/.]+)", url_name="by-slug")
    def by_slug(self, request: Request, slug: str) -> Response:
        """The post at `slug`."""
        post = get_object_or_404(self.get_queryset(), slug=slug)
        return Response(self.get_serializer(post).data)


class TermViewSet(SiteUrlMixin, ReadOnlyModelViewSet):
    """Terms under which one finds a post. Writers see all: they choose among them."""

    lookup_value_regex = r"\d{1,18}"
    posts_field = ""  # of a post, naming its term

    def get_queryset(self):
        user = self.request.user
        terms = self.serializer_class.Meta.model.objects.all()
        if user.has_perm("blog.add_post"):
            return terms
        posts = Post.objects.listed_for(user).filter(**{self.posts_field: OuterRef("pk")})
        return terms.filter(Exists(posts))


class CategoryViewSet(TermViewSet):
    serializer_class = CategorySerializer
    posts_field = "category"


class TagViewSet(TermViewSet):
    serializer_class = TagSerializer
    posts_field = "tags"


class SeriesViewSet(TermViewSet):
    serializer_class = SeriesSerializer
    posts_field = "series"
