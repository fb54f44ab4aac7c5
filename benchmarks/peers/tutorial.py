"""The list of posts as tutorials of Django REST framework teach it.

Nested `ModelSerializer`s, a `ReadOnlyModelViewSet`, DRF's own pages and JSON, the middleware and
the database settings of `startproject`. `/api/v1/posts/` follows each relation of each post, as
one does who never looked at the queries; `/api/v1/prefetched/` adds what one adds who did.
"""

from django.conf import settings
from django.db.models import Q
from django.urls import include, path
from django.utils import timezone
from rest_framework import serializers
from rest_framework.routers import DefaultRouter
from rest_framework.viewsets import ReadOnlyModelViewSet

from accounts.models import User
from blog.models import Category, Post, Tag


class UrlMixin(serializers.Serializer):
    url = serializers.SerializerMethodField()

    def get_url(self, thing) -> str:
        return settings.SITE_URL + thing.get_absolute_url()


class CategorySerializer(UrlMixin, serializers.ModelSerializer):
    class Meta:
        model = Category
        fields = ["id", "name", "slug", "description", "url"]


class TagSerializer(UrlMixin, serializers.ModelSerializer):
    class Meta:
        model = Tag
        fields = ["id", "name", "slug", "description", "url"]


class AuthorSerializer(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = ["username", "name"]


class PostSerializer(UrlMixin, serializers.ModelSerializer):
    category = CategorySerializer()
    tags = TagSerializer(many=True)
    authors = AuthorSerializer(many=True, source="byline")
    author_name = serializers.CharField(source="author.name")
    summary = serializers.CharField()

    class Meta:
        model = Post
        fields = [
            *("id", "title", "slug", "subtitle", "url", "summary", "language"),
            *("category", "tags", "authors", "author_name", "status", "featured"),
            *("word_count", "reading_minutes", "published_at", "created_at", "updated_at"),
        ]


class PostWithBodySerializer(PostSerializer):
    class Meta(PostSerializer.Meta):
        fields = [*PostSerializer.Meta.fields, "body"]


class PostViewSet(ReadOnlyModelViewSet):
    serializer_class = PostSerializer

    def get_serializer_class(self):
        return PostSerializer if self.action == "list" else PostWithBodySerializer

    def get_queryset(self):
        now = timezone.now()
        return Post.objects.filter(
            Q(unpublish_at__isnull=True) | Q(unpublish_at__gt=now),
            status="published",
            visibility="public",
            trashed_at__isnull=True,
            published_at__lte=now,
        ).order_by("-published_at", "-id")


class PostWithBodyViewSet(PostViewSet):
    serializer_class = PostWithBodySerializer

    def get_serializer_class(self):
        return PostWithBodySerializer


class PrefetchedPostViewSet(PostViewSet):
    def get_queryset(self):
        related = ("tags", "post_authors__user")
        return super().get_queryset().select_related("category").prefetch_related(*related)


router = DefaultRouter()
router.register("posts/with-bodies", PostWithBodyViewSet, basename="with-bodies")
router.register("posts", PostViewSet, basename="post")
router.register("prefetched", PrefetchedPostViewSet, basename="prefetched")
urlpatterns = [
    path("api/v1/", include(router.urls)),
    # The addresses that posts and terms name.
    path("", include("blog.urls")),
]
