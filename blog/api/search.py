"""Search over the API: what the site's own search finds, best first."""

from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from rest_framework.request import Request

from blog.api.base import ContentViewSet
from blog.api.posts import ORDERS, Ranked
from blog.filters import PostFilters
from blog.models import Post, PostQuerySet
from blog.search import MAX_QUERY_LENGTH, matching, search_posts
from blog.serializers import PostSerializer
from lib.api.parameters import checked_query
from lib.api.problems import ParameterError


class SearchViewSet(ContentViewSet):
    """Published posts that have all words of `q`, best first, or in the `ordering` given."""

    serializer_class = PostSerializer
    filters = PostFilters
    orders = ORDERS
    throttle_scope = "search"

    def known_parameters(self) -> set[str]:
        return (super().known_parameters() | {"q"}) - {"status", "state"}

    def get_queryset(self) -> PostQuerySet:
        return Post.objects.listed_for(self.request.user)

    def list(self, request: Request) -> HttpResponseBase:
        if not request.query_params.get("q", "").strip():
            raise ParameterError({"q": _("Say what to look for.")})
        return self.conditional() or self.list_of(self.get_queryset())

    def filter_queryset(self, queryset: PostQuerySet) -> PostQuerySet | Ranked:
        given = self.request.query_params
        query = checked_query("q", given["q"], MAX_QUERY_LENGTH)
        posts = self.narrowed(queryset)
        if "ordering" not in given:
            return Ranked(posts, search_posts(posts, query).ids)
        self.order = self.order_named(given["ordering"])
        return self.order.apply(matching(posts, query))
