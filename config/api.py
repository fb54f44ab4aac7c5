"""The API root: one router that knows every viewset."""

from rest_framework.routers import DefaultRouter

from blog.api import CategoryViewSet, PostViewSet, SeriesViewSet, TagViewSet

router = DefaultRouter()
router.register("posts", PostViewSet, basename="post")
router.register("categories", CategoryViewSet, basename="category")
router.register("tags", TagViewSet, basename="tag")
router.register("series", SeriesViewSet, basename="series")
