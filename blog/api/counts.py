"""How many posts there are, by what one finds them under."""

from typing import Any

from django.conf import settings
from django.http import Http404
from django.http.response import HttpResponseBase
from django.urls import reverse
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from blog.api.base import ContentViewSet
from blog.listings import terms_in_use
from blog.models import Category, Post, Tag
from blog.reading import months
from blog.rows import address


class CountSerializer(serializers.Serializer):
    """One group of posts."""

    name = serializers.CharField(help_text="Of the term or person; of a month as 2026-05.")
    slug = serializers.CharField(help_text="By which it is filtered; the username of a person.")
    url = serializers.URLField(help_text="Of its page on the site.")
    post_count = serializers.IntegerField()


class CountViewSet(ContentViewSet):
    """Counts of the posts that one finds in lists."""

    serializer_class = CountSerializer
    pagination_class = None

    def known_parameters(self) -> set[str]:
        return set()

    def list(self, request: Request) -> HttpResponseBase:
        raise Http404  # there are only the counts below

    def retrieve(self, request: Request, pk: str) -> HttpResponseBase:
        raise Http404

    @action(detail=False)
    def categories(self, request: Request) -> HttpResponseBase:
        """Posts in each category."""
        return self._of_terms(Category, "blog:category_detail")

    @action(detail=False)
    def tags(self, request: Request) -> HttpResponseBase:
        """Posts with each tag."""
        return self._of_terms(Tag, "blog:tag_detail")

    @action(detail=False)
    def authors(self, request: Request) -> HttpResponseBase:
        """Posts by each person."""
        return self.conditional() or self._answer(
            {
                "name": person.name,
                "slug": person.username,
                "url": address("blog:author_detail", person.username),
                "post_count": person.post_count,
            }
            for person in terms_in_use(User, Post.objects.listed_for(request.user))
        )

    @action(detail=False)
    def months(self, request: Request) -> HttpResponseBase:
        """Posts of each month in the site's time zone, the newest first."""
        return self.conditional() or self._answer(
            {
                "name": f"{month.first_day:%Y-%m}",
                "slug": f"{month.first_day:%Y-%m}",
                "url": settings.SITE_URL
                + reverse("blog:archive_month", args=[month.first_day.year, month.first_day.month]),
                "post_count": month.post_count,
            }
            for month in months(Post.objects.listed_for(request.user))
        )

    def _of_terms(self, model, route: str) -> HttpResponseBase:
        return self.conditional() or self._answer(
            {
                "name": term.name,
                "slug": term.slug,
                "url": address(route, term.slug),
                "post_count": term.post_count,
            }
            for term in terms_in_use(model, Post.objects.listed_for(self.request.user))
        )

    def _answer(self, counts) -> Response:
        results: list[dict[str, Any]] = list(counts)
        return self.stamped(Response({"results": results}))
