"""Pages over the API."""

from typing import ClassVar

from django.http.response import HttpResponseBase
from rest_framework.decorators import action
from rest_framework.request import Request

from blog.api.base import ReadingViewSet
from blog.api.inputs import PageInput
from blog.api.revisions import RevisionActions
from blog.api.saves import SaveActions
from blog.filters import PageFilters
from blog.models import Page
from blog.models.page import PageQuerySet
from blog.serializers import PageSerializer


class PageViewSet(SaveActions, RevisionActions, ReadingViewSet):
    """Pages: what stands outside the river of posts."""

    model = Page
    serializer_class = PageSerializer
    input_class = PageInput
    filters = PageFilters
    orders: ClassVar[dict[str, str]] = {
        "title": "title",
        "-published_at": "published_at",
        "-created_at": "created_at",
        "-updated_at": "updated_at",
    }

    def get_queryset(self) -> PageQuerySet:
        return Page.objects.visible_to(self.request.user)

    @action(detail=False, url_path=r"slug/(?P<slug>[^/.]+)", url_name="by-slug")
    def by_slug(self, request: Request, slug: str) -> HttpResponseBase:
        """The page at `slug`."""
        return self.conditional() or self.one_of(self.get_queryset().filter(slug=slug))
