"""Posts over the API."""

from collections.abc import Iterator
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import Case, IntegerField, Value, When
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from rest_framework.decorators import action
from rest_framework.request import Request

from blog.api.base import CHOOSING, PAGING, ReadingViewSet
from blog.api.bulk import BulkActions
from blog.api.inputs import PostInput
from blog.api.review import ReviewActions
from blog.api.revisions import RevisionActions
from blog.api.saves import SaveActions
from blog.filters import PostFilters
from blog.models import Post, PostQuerySet
from blog.rows import links_beside
from blog.search import MAX_QUERY_LENGTH, matching, search_posts
from blog.serializers import PostSerializer
from lib.api.pagination import whole_number
from lib.api.parameters import checked_query
from lib.api.prepared import PreparedList
from lib.api.problems import ParameterError
from lib.api.renderers import NDJSON, FastJSONRenderer, NDJSONRenderer, to_json

LISTS = {"list", "published", "stream"}
CHUNK = 500  # posts in the memory of a stream at once


ORDERS = {
    "-published_at": "published_at",
    "-created_at": "created_at",
    "-updated_at": "updated_at",
    "title": "title",
}
# With these alone it is the list of newest posts that everyone asks for.
PLAIN = {"page", "page_size", *CHOOSING}


def newest_public(at: datetime) -> PostQuerySet:
    """What anyone finds at `at`."""
    return Post.objects.listed_for(AnonymousUser(), at).newest_first()


class Ranked:
    """Posts in the order of their keys `ids`; cut to a page it is a queryset again."""

    def __init__(self, posts: PostQuerySet, ids: list[int]) -> None:
        self.posts, self.ids = posts, ids

    def count(self) -> int:
        return len(self.ids)

    def __getitem__(self, page: slice) -> PostQuerySet:
        ids = self.ids[page]
        places = [When(pk=key, then=Value(place)) for place, key in enumerate(ids)]
        by_place = Case(*places, default=Value(len(ids)), output_field=IntegerField())
        return self.posts.filter(pk__in=ids).order_by(by_place)


class PostViewSet(BulkActions, SaveActions, ReviewActions, RevisionActions, ReadingViewSet):
    """Posts: what is live for anyone, and what one writes for oneself."""

    model = Post
    serializer_class = PostSerializer
    input_class = PostInput
    filters = PostFilters
    searchable = True
    orders = ORDERS

    @property
    def is_list(self) -> bool:
        return self.action in LISTS

    def known_parameters(self) -> set[str]:
        known = super().known_parameters()
        if self.action == "stream":
            return (known | {"after"}) - {*PAGING, "ordering", "search"}
        return known

    def get_queryset(self) -> PostQuerySet:
        return Post.objects.visible_to(self.request.user)

    def list(self, request: Request) -> HttpResponseBase:
        return self.answered(lambda: self.list_of(self.listed()))

    def may_expect(self) -> bool:
        usual = self.action != "list" or PLAIN.issuperset(self.request.query_params)
        return usual and super().may_expect()

    def listed(self) -> PostQuerySet | PreparedList:
        """What the list is made from; for most clients the same, which is then at hand."""
        plain = self.action == "list" and PLAIN.issuperset(self.request.query_params)
        if plain and not self.request.user.is_authenticated:
            return PreparedList(newest_public, beside=self.beside)
        return self.get_queryset()

    def retrieve(self, request: Request, **found_by: str) -> HttpResponseBase:
        return self.answered(lambda: self.one_of(self.findable().filter(**found_by)))

    def findable(self) -> PostQuerySet | PreparedList:
        """Where one post is looked for; the same for most clients, too."""
        if self.request.user.is_authenticated:
            return self.get_queryset()
        if self.beside and (links := links_beside(self.chosen())):
            self.beside.expressions += (links,)
        return PreparedList(newest_public, beside=self.beside)

    def filter_queryset(self, queryset: PostQuerySet) -> PostQuerySet | PreparedList | Ranked:
        return queryset if isinstance(queryset, PreparedList) else super().filter_queryset(queryset)

    def search(self, queryset: PostQuerySet, query: str) -> PostQuerySet | Ranked:
        query = checked_query("search", query, MAX_QUERY_LENGTH)
        if "ordering" in self.request.query_params:
            return matching(queryset, query)
        return Ranked(queryset, search_posts(queryset, query).ids)

    @action(detail=False, url_path=r"slug/(?P<slug>[^/.]+)", url_name="by-slug")
    def by_slug(self, request: Request, slug: str) -> HttpResponseBase:
        """The post at `slug`."""
        return self.answered(lambda: self.one_of(self.findable().filter(slug=slug)))

    @action(detail=False)
    def published(self, request: Request) -> HttpResponseBase:
        """What is live, and nothing else, for writers too."""
        return self.conditional() or self.list_of(Post.objects.listed_for(request.user))

    @action(detail=False, renderer_classes=[NDJSONRenderer, FastJSONRenderer])
    def stream(self, request: Request) -> HttpResponseBase:
        """All posts, one JSON document in each line, by key.

        Takes the filters of the list, `fields` and `include`. `after` is the `id` of the last
        line that arrived: a stream that broke goes on there.
        """
        if answer := self.conditional():
            return answer
        posts = self.narrowed(self.get_queryset())
        serializer = self.get_serializer(many=True).child
        after = whole_number(request.query_params.get("after", "0"))
        if after is None:
            raise ParameterError({"after": _("Give the id of a post.")})
        lines = self._lines(posts.order_by("pk"), serializer, after)
        return self.stamped(StreamingHttpResponse(lines, content_type=NDJSON))

    def _lines(self, posts: PostQuerySet, serializer, after: int) -> Iterator[bytes]:
        """The posts a chunk at a time, each chunk a query of its own: nothing is held open or
        in memory for a client that reads slowly, on either database."""
        while True:
            rows = serializer.read_with_keys(posts.filter(pk__gt=after)[:CHUNK])
            if not rows:
                return
            yield b"".join(to_json(row) + b"\n" for _, row in rows)
            after = rows[-1][0]
