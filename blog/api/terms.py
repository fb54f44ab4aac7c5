"""Categories, tags and series over the API."""

from django.db.models import Exists, OuterRef
from rest_framework.viewsets import ReadOnlyModelViewSet

from blog.api.base import SiteUrlMixin
from blog.models import Post
from blog.serializers import CategorySerializer, SeriesSerializer, TagSerializer


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
