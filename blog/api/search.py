"""Search over the API: what the site's own search finds, best first."""

from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from rest_framework.request import Request

from blog.api.posts import PostViewSet
from blog.models import Post, PostQuerySet
from lib.api.problems import ParameterError


class SearchViewSet(PostViewSet):
    """Published posts that have all words of `q`, best first."""

    http_method_names = ("get", "head", "options")

    @classmethod
    def get_extra_actions(cls) -> list:
        return []  # those of posts

    def known_parameters(self) -> set[str]:
        return (super().known_parameters() | {"q"}) - {"search", "cursor", "status", "state"}

    def get_queryset(self) -> PostQuerySet:
        return Post.objects.listed_for(self.request.user)

    def list(self, request: Request) -> HttpResponseBase:
        if not request.query_params.get("q", "").strip():
            raise ParameterError({"q": _("Say what to look for.")})
        return super().list(request)

    def filter_queryset(self, queryset: PostQuerySet) -> PostQuerySet:
        found = self.search(self.narrowed(queryset), self.request.query_params["q"])
        if (name := self.request.query_params.get("ordering")) is None:
            return found
        self.order = self.order_named(name)
        return self.order.apply(found)
