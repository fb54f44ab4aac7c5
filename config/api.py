"""The API root: one router that knows every viewset."""

from rest_framework.routers import DefaultRouter

from accounts.api import PersonalTokenViewSet, UserViewSet
from blog.api import (
    AuthorViewSet,
    CategoryViewSet,
    CountViewSet,
    PageViewSet,
    PostViewSet,
    RemarkViewSet,
    ReviewCommentViewSet,
    ReviewLinkViewSet,
    SearchViewSet,
    SeriesViewSet,
    TagViewSet,
    TaskViewSet,
)
from events.api import EventFeedViewSet
from events.webhook_api import WebhookViewSet
from library.api import MediaViewSet
from library.collection_api import CollectionViewSet
from library.video_api import VideoViewSet

router = DefaultRouter()
router.register("posts", PostViewSet, basename="post")
OF_POST = r"posts/(?P<post_id>\d{1,18})"
router.register(f"{OF_POST}/remarks", RemarkViewSet, basename="remark")
router.register(f"{OF_POST}/review-links", ReviewLinkViewSet, basename="review-link")
router.register(f"{OF_POST}/review-comments", ReviewCommentViewSet, basename="review-comment")
router.register("pages", PageViewSet, basename="page")
router.register("categories", CategoryViewSet, basename="category")
router.register("tags", TagViewSet, basename="tag")
router.register("series", SeriesViewSet, basename="series")
router.register("authors", AuthorViewSet, basename="author")
router.register("search", SearchViewSet, basename="search")
router.register("counts", CountViewSet, basename="count")
router.register("media/collections", CollectionViewSet, basename="collection")
router.register("media/videos", VideoViewSet, basename="video")
router.register("media", MediaViewSet, basename="media")
router.register("tasks", TaskViewSet, basename="task")
router.register("events", EventFeedViewSet, basename="event")
router.register("webhooks", WebhookViewSet, basename="webhook")
router.register("users", UserViewSet, basename="user")
router.register("auth/tokens", PersonalTokenViewSet, basename="token")
