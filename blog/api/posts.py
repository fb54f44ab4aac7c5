"""Posts over the API."""

from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from blog.api.base import SiteUrlMixin
from blog.models import Post
from blog.serializers import PostDetailSerializer, PostSerializer


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
