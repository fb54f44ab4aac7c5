"""Lists in pages: by number as the default, by cursor on demand (`?cursor=`).

A page number is the n-th twenty of the list as it is now: when something is inserted before it, a
row is seen twice. A cursor is a place in the order ("after this time and key"), so whatever is
inserted or deleted meanwhile, every other row is seen exactly once.
"""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from lib.api.problems import ParameterError

PAGE_SIZE = 20
MAX_PAGE_SIZE = 100
MAX_DIGITS = 18  # of a number in an address: what fits 64 bits
MAX_CURSOR_LENGTH = 1_500  # characters
FIRST_PAGES = ("", "first")


@dataclass(frozen=True)
class Order:
    """An order in which rows can be listed: by one column, ties broken by the key.

    Rows without a value come last in either direction: SQLite and PostgreSQL by themselves
    disagree. `nullable` is False where the rows are known to have one, so that an index serves.
    """

    name: str  # as clients write it, with "-" for descending
    column: str
    nullable: bool = False

    @property
    def descending(self) -> bool:
        return self.name.startswith("-")

    def apply(self, queryset: QuerySet, *, backwards: bool = False) -> QuerySet:
        column, descending = F(self.column), self.descending != backwards
        # Backwards, what comes last comes first.
        nulls = {("nulls_first" if backwards else "nulls_last"): True} if self.nullable else {}
        by_column = column.desc(**nulls) if descending else column.asc(**nulls)
        return queryset.order_by(by_column, "-pk" if descending else "pk")

    def beyond(self, value: Any, key: int, *, backwards: bool = False) -> Q:
        """The rows after (value, key) in this order, or before it when `backwards`."""
        compare = "lt" if self.descending != backwards else "gt"
        later_key = Q(**{f"pk__{compare}": key})
        without = Q(**{f"{self.column}__isnull": True})
        if value is None:
            return (~without | later_key) if backwards else (without & later_key)
        strictly = Q(**{f"{self.column}__{compare}": value})
        # The first condition alone can use the index; the second breaks ties.
        here = Q(**{f"{self.column}__{compare}e": value}) & (strictly | later_key)
        return here | without if self.nullable and not backwards else here


class ListPagination(BasePagination):
    """`page` and `page_size`, or `cursor` and `page_size`.

    The view has `order` (an `Order`, None where a list has no cursor, as a ranked one) and may
    have `count_rows(queryset)`. What it gets is the queryset cut to the page, not fetched yet: a
    flat serializer fetches it.
    """

    def paginate_queryset(self, queryset: QuerySet, request: Request, view=None) -> QuerySet:
        self.request = request
        self.size = _page_size(request)
        self.by_cursor = "cursor" in request.query_params
        if self.by_cursor:
            return self._after_cursor(queryset, getattr(view, "order", None))
        count = getattr(view, "count_rows", None)
        self.count = count(queryset) if count else queryset.count()
        self.number = _page_number(request)
        if self.number > max(1, -(-self.count // self.size)):
            raise NotFound(_("There is no such page."))
        first = (self.number - 1) * self.size
        return queryset[first : first + self.size]

    def get_paginated_response(self, data: list) -> Response:
        if self.by_cursor:
            links = {"next": self._link(cursor=self.next), "previous": self._link(cursor=self.back)}
            return Response({**links, "results": data})
        last = -(-self.count // self.size)
        body = {
            "count": self.count,
            "next": self._link(page=self.number + 1 if self.number < last else None),
            "previous": self._link(page=self.number - 1 if self.number > 1 else None),
            "results": data,
        }
        return Response(body)

    def _after_cursor(self, queryset: QuerySet, order: Order | None) -> QuerySet:
        if order is None:
            raise ParameterError(
                {"cursor": _("This list has page numbers only; to a search, add an ordering.")}
            )
        if "page" in self.request.query_params:
            raise ParameterError({"page": _("Give a page or a cursor, not both.")})
        text = self.request.query_params["cursor"]
        backwards, place = False, None
        if text not in FIRST_PAGES:
            backwards, *place = _decoded(text, order, queryset)
        rows = queryset.filter(order.beyond(*place, backwards=backwards)) if place else queryset
        rows = order.apply(rows, backwards=backwards).values_list(order.column, "pk")
        places = list(rows[: self.size + 1])
        more = len(places) > self.size
        places = places[: self.size]
        if backwards:
            places.reverse()
        before, after = (more, True) if backwards else (place is not None, more)
        self.next = _encoded(order, False, places[-1]) if places and after else None
        self.back = _encoded(order, True, places[0]) if places and before else None
        keys = [key for _, key in places]
        return order.apply(queryset.filter(pk__in=keys))

    def _link(self, **changed: str | int | None) -> str | None:
        """The address of this list with another page; never from the Host header."""
        if None in changed.values():
            return None
        query = self.request.query_params.copy()
        for name, value in changed.items():
            query[name] = value
        return f"{settings.SITE_URL}{self.request.path}?{urlencode(list(query.lists()), True)}"

    def get_paginated_response_schema(self, schema: dict) -> dict:
        address = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {
                "count": {"type": "integer", "description": "Of all pages; not with a cursor."},
                "next": {**address, "description": "The next page, null on the last."},
                "previous": {**address, "description": "The page before, null on the first."},
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view) -> list[dict]:
        described = [
            ("page", {"type": "integer", "minimum": 1}, "Which page, from 1."),
            (
                "page_size",
                {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": PAGE_SIZE},
                "How many in a page.",
            ),
            (
                "cursor",
                {"type": "string", "maxLength": MAX_CURSOR_LENGTH},
                "Pages by cursor: `first` for the first one, then follow `next`. Nothing is seen"
                " twice or missed while others write.",
            ),
        ]
        return [
            {"name": name, "in": "query", "required": False, "schema": schema, "description": text}
            for name, schema, text in described
        ]


def whole_number(text: str) -> int | None:
    """The number that `text` is in ASCII digits; None when it is not one or beyond 64 bits."""
    if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS:
        return int(text)
    return None


def _page_size(request: Request) -> int:
    text = request.query_params.get("page_size")
    if text is None:
        return PAGE_SIZE
    size = whole_number(text)
    if size is None or not 1 <= size <= MAX_PAGE_SIZE:
        raise ParameterError({"page_size": _("Give a number from 1 to %d.") % MAX_PAGE_SIZE})
    return size


def _page_number(request: Request) -> int:
    number = whole_number(request.query_params.get("page", "1"))
    if not number:
        raise NotFound(_("There is no such page."))
    return number


def _encoded(order: Order, backwards: bool, place: tuple[Any, int]) -> str:
    value, key = place
    if isinstance(value, date):  # or a datetime, which is one
        value = value.isoformat()
    text = json.dumps([order.name, backwards, value, key], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decoded(text: str, order: Order, queryset: QuerySet) -> tuple[bool, Any, int]:
    """(backwards, value, key) of a cursor. Raises ParameterError for what we did not write."""
    refusal = ParameterError(
        {"cursor": _("This is not a cursor of this list: start with `first`.")}
    )
    if len(text) > MAX_CURSOR_LENGTH:
        raise refusal
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        name, backwards, value, key = json.loads(raw.decode())
        if name != order.name or type(backwards) is not bool or type(key) is not int:
            raise refusal
        if value is not None or not order.nullable:
            value = _typed(value, queryset, order)
    except (binascii.Error, UnicodeError, ValueError, TypeError, RecursionError) as error:
        raise refusal from error
    if not 0 <= key < 10**MAX_DIGITS:
        raise refusal
    return backwards, value, key


def _typed(value: Any, queryset: QuerySet, order: Order) -> Any:
    """`value` of a cursor as its column has it. Raises ValueError or TypeError."""
    kind = queryset.model._meta.get_field(order.column).get_internal_type()
    if kind == "DateTimeField":
        time = parse_datetime(value)
        if time is None or time.tzinfo is None or not 1 < time.year < 9999:
            raise ValueError(value)
        return time
    if kind == "DateField":
        day = parse_date(value)
        if day is None:
            raise ValueError(value)
        return day
    if type(value) is not str or "\x00" in value:
        raise ValueError(value)
    value.encode()  # raises for a lone surrogate
    return value
