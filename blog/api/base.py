"""What the viewsets of content share: strict parameters, chosen fields, pages, 304."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django_filters import FilterSet
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from blog.kept import Kept
from blog.serializers import RowSerializer
from blog.state import WITNESS, ContentState, content_state, expected_state, proves
from lib.api.conditional import etag_of, is_settled, is_unchanged_since, tag_held, versioned
from lib.api.pagination import Order
from lib.api.parameters import chosen_fields, require_known
from lib.api.prepared import Beside
from lib.api.problems import ParameterError

PAGING = ("page", "page_size", "cursor")
CHOOSING = ("fields", "include")
SAFE = ("GET", "HEAD")
# A change here gives every answer a new entity tag: bodies made by the former code are no more
# the ones of this.
SHAPE = 1


UNCOUNTED = {*PAGING, *CHOOSING, "ordering"}  # Parameters that do not change how many there are.
_counts = Kept(2_000_000)  # bytes


class SiteUrlMixin:
    """Gives serializers the site's own address: never the one in a Host header."""

    def get_serializer_context(self) -> dict:
        return {**super().get_serializer_context(), "site_url": settings.SITE_URL}


class ContentViewSet(SiteUrlMixin, GenericViewSet):
    """Rows of content, read by a `RowSerializer`.

    A subclass says where the rows come from (`get_queryset`), and which filters and orders there
    are.
    """

    lookup_value_regex = r"\d{1,18}"
    filters: type[FilterSet] | None = None
    # What clients may order by: name to column. The first is how a list is ordered, as it stands.
    orders: ClassVar[dict[str, str]] = {"-published_at": "published_at"}
    searchable = False
    order: Order | None = None  # of the list being answered
    state: ContentState | None = None  # that the answer is made in, once a read asked for it
    beside: Beside | None = None  # to be read with the rows
    _etag = ""

    # --- the request ------------------------------------------------------------------

    def initial(self, request: Request, *args, **kwargs) -> None:
        super().initial(request, *args, **kwargs)
        if request.method in SAFE and self.action:
            require_known(request.query_params, self.known_parameters())

    def known_parameters(self) -> set[str]:
        """The query parameters that the present action understands."""
        known = set(CHOOSING)
        if self.is_list:
            known |= {*PAGING, "ordering", *(["search"] if self.searchable else [])}
            if self.filters:
                known |= set(self.filters.base_filters)
        return known

    @property
    def is_list(self) -> bool:
        return self.action == "list"

    def chosen(self) -> tuple[str, ...]:
        """The fields to answer."""
        serializer = self.get_serializer_class()
        shown = serializer.in_lists if self.is_list else serializer.alone
        return chosen_fields(
            self.request.query_params, default=shown, on_request=serializer.on_request(shown)
        )

    def get_serializer(self, *args, **kwargs) -> RowSerializer:
        reads = issubclass(self.get_serializer_class(), RowSerializer)
        if reads and self.request.method in SAFE:
            kwargs.setdefault("only", self.chosen())
        return super().get_serializer(*args, **kwargs)

    # --- lists ------------------------------------------------------------------------

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        """`queryset` narrowed by the filters, searched and put in order."""
        given = self.request.query_params
        queryset = self.narrowed(queryset)
        ordering = given.get("ordering")
        if self.searchable and given.get("search"):
            queryset = self.search(queryset, given["search"])
            if ordering is None:
                return queryset  # the best first
        self.order = self.order_named(ordering)
        return self.order.apply(queryset)

    def narrowed(self, queryset: QuerySet) -> QuerySet:
        """`queryset` narrowed by the filters; their form is made only when there are any."""
        given = self.request.query_params
        if not self.filters or given.keys().isdisjoint(self.filters.base_filters):
            return queryset
        narrowed = self.filters(given, queryset=queryset, request=self.request)
        if not narrowed.is_valid():
            raise ParameterError({name: list(texts) for name, texts in narrowed.errors.items()})
        return narrowed.qs

    def search(self, queryset: QuerySet, query: str) -> QuerySet:
        """Those of `queryset` that `query` finds."""
        raise NotImplementedError

    def order_named(self, name: str | None) -> Order:
        """The order that clients call `name`. Raises ParameterError when there is none."""
        if name is None:
            name = next(iter(self.orders))
        names = {order.lstrip("-"): column for order, column in self.orders.items()}
        column = names.get(name.removeprefix("-"))
        if column is None:
            text = _("Order by one of %s; a - in front reverses it.") % ", ".join(sorted(names))
            raise ParameterError({"ordering": text})
        # What is public has a time of publication; a draft may have none.
        nullable = column == "published_at" and self.request.user.is_authenticated
        return Order(name, column, nullable)

    def list_of(self, queryset: QuerySet) -> Response:
        """One page of `queryset`, narrowed and in order."""
        page = self.paginate_queryset(self.filter_queryset(queryset))
        data = self.get_serializer(page, many=True).data
        return self.stamped(self.get_paginated_response(data))

    def count_rows(self, queryset: QuerySet) -> int:
        """How many rows a list has in all. For anonymous clients it is counted once in each
        state of the content: counting is what makes the first page of many rows slow."""
        keeps = settings.API_KEEPS_COUNTS and not self.request.user.is_authenticated
        if not keeps or self.state is None:
            return queryset.count()
        given = self.request.query_params
        filters = [(name, given.getlist(name)) for name in sorted(given) if name not in UNCOUNTED]
        key = f"{self.basename}.{self.action} {filters}"
        count = _counts.get(self.state, key)
        if count is None:
            count = queryset.count()
            _counts.put(self.state, key, count, len(key) + 200)
        return count

    # --- one --------------------------------------------------------------------------

    def one_of(self, queryset: QuerySet) -> Response:
        """The one row of `queryset`. Raises Http404 when there is none."""
        serializer = self.get_serializer()
        rows = serializer.read(queryset.order_by()[:1])
        if not rows:
            raise Http404
        return self.stamped(Response(rows[0]), version=rows[0].get("version"))

    def answered(self, read: Callable[[], Response]) -> HttpResponseBase:
        """What `read` answers, or 304 when the client has that already.

        Who asks for the first time is answered without asking for the state of the content before:
        it will be the last one seen, and the rows bring the witness that it was. If not, all is
        read again.
        """
        state = expected_state() if self.may_expect() else None
        if state is not None:
            self.state, self._etag = state, self.state_etag(state)
            self.beside = Beside((WITNESS,))
            # What is not there, or no page, is looked for in the state of now.
            with suppress(Http404, NotFound):
                response = read()
                if self.beside.values and proves(self.beside.values[0], state):
                    return response
            self.beside = None
        return self.conditional() or read()

    def may_expect(self) -> bool:
        """Whether nobody is known, and nothing said of what the client has."""
        meta = self.request.META
        conditions = ("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE")
        return not (self.request.user.is_authenticated or any(name in meta for name in conditions))

    # --- what a client or a cache may keep --------------------------------------------

    def conditional(self) -> HttpResponseNotModified | None:
        """304 when the client has the present state already; asks one query."""
        self.state = content_state()
        etag = self.state_etag(self.state)
        held = tag_held(self.request, etag)
        if held is None and not is_unchanged_since(self.request, self.state.changed_at):
            self._etag = etag
            return None
        response = HttpResponseNotModified()
        response["ETag"] = held or etag
        return self.for_caches(response)

    def state_etag(self, state: ContentState) -> str:
        """The entity tag of this address for this person as long as `state` lasts."""
        user = self.request.user.pk if self.request.user.is_authenticated else None
        address = self.request.get_full_path()
        return etag_of(SHAPE, settings.SITE_URL, address, user, state.events, state.clock)

    def stamped(self, response: Response, version: int | None = None) -> Response:
        """`response` with its validators, and what caches may do with it."""
        if self.state is None:
            return response  # not an answer to a read
        etag = self._etag
        if not self.request.user.is_authenticated and not self.request.auth:
            response.content_state = self.state  # blog.api.cache may keep it
        response["ETag"] = versioned(etag, version) if version is not None else etag
        if is_settled(self.state.changed_at):
            response["Last-Modified"] = http_date(self.state.changed_at.timestamp())
        return self.for_caches(response)

    def for_caches(self, response: HttpResponseBase) -> HttpResponseBase:
        """Any cache may keep it but asks before using it again: the clock may have changed it.
        (accounts.middleware makes it private for a signed-in person.)"""
        patch_cache_control(response, public=True, max_age=0, must_revalidate=True)
        return response


class ReadingViewSet(ContentViewSet):
    """A list, and each thing in it by its key. Writing is mixed in beside it."""

    def list(self, request: Request) -> HttpResponseBase:
        return self.conditional() or self.list_of(self.get_queryset())

    def retrieve(self, request: Request, **found_by: Any) -> HttpResponseBase:
        return self.conditional() or self.one_of(self.get_queryset().filter(**found_by))
