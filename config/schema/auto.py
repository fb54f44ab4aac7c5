"""An operation of the document, from its view and from `operations`."""

from typing import Any

from django_filters import ChoiceFilter, DateFilter
from drf_spectacular.openapi import AutoSchema
from rest_framework.permissions import SAFE_METHODS, AllowAny
from rest_framework.serializers import Serializer

from blog.filters import MAX_NAME_LENGTH, MAX_NAMES, MomentFilter, NamesFilter, TruthFilter
from blog.search import MAX_QUERY_LENGTH
from config.schema import extensions as extensions
from config.schema.finishing import IF_MATCH, IF_NONE_MATCH, KEY, PREFER, parameter
from events.writing import WritingMixin
from lib.api.pagination import MAX_DIGITS, ListPagination
from lib.api.parsers import MAX_UPLOAD_BYTES

COUNTER = {"type": "integer", "minimum": 0, "maximum": 10**MAX_DIGITS - 1}
SLUG = {"type": "string", "pattern": "^[^/.]+$", "maxLength": 200}
TRUTH = {"type": "string", "enum": ["true", "false"]}
IN_PATH = {
    "id": (COUNTER, "Its key."),
    "post_id": (COUNTER, "The key of the post."),
    "delivery": (COUNTER, "The key of the delivery."),
    "number": ({**COUNTER, "maximum": 10**9 - 1}, "The number of the save."),
    "slug": (SLUG, "The last part of its address on the site."),
    "username": ({"type": "string", "pattern": r"^\w{1,50}$"}, "Whatever the case."),
    "pk": (COUNTER, "Its key."),
}
SESSION = {"type": "string", "pattern": "^[a-z]+-[0-9a-f-]{1,36}$"}
MOMENT = {
    "type": "string",
    "maxLength": 40,
    "examples": ["2026-05-01T12:00:00Z", "2026-05-01"],
}
# Parameters that are spelt the same wherever they are.
KNOWN: dict[str, tuple[dict, str]] = {
    "search": ({"type": "string", "maxLength": 100}, "What it must contain."),
    "q": (
        {"type": "string", "minLength": 1, "maxLength": MAX_QUERY_LENGTH, "pattern": r"\S"},
        "Words that all must be in it.",
    ),
    "after": (COUNTER, "The id of the last post that arrived: the stream goes on there."),
    "without_alt": (TRUTH, "Only images that nobody has described."),
    "unused": (TRUTH, "Only what nothing uses."),
    "collection": (COUNTER, "Only what is in the collection with this key."),
    "mine": (TRUTH, "Only what you uploaded."),
    "from": ({**COUNTER, "maximum": 10**9}, "The number of the earlier one."),
    "to": ({**COUNTER, "maximum": 10**9}, "Of the later one; the last when missing."),
    "page": (
        {"type": "integer", "minimum": 1, "maximum": 10**MAX_DIGITS - 1},
        "Which page, from 1.",
    ),
    "validate_only": (TRUTH, "Try it and take it back: the answer is a `DryRun`."),
    "permanent": (TRUTH, "For ever; it must be in the bin already."),
    "limit": ({"type": "integer", "minimum": 1, "maximum": 100, "default": 50}, "At most so many."),
}
CURSOR = {"type": "string", "maxLength": 100}
REQUIRED = {("SearchViewSet", "q"), ("PostViewSet", "from"), ("PageViewSet", "from")}


class Schema(AutoSchema):
    """Describes one method of one view."""

    @property
    def operation(self) -> Any:
        from config.schema.operations import operation_of  # needs all views, which need this

        return operation_of(self.view)

    def is_excluded(self) -> bool:
        return self.operation is None

    def get_operation_id(self) -> str:
        return self.operation.name

    def get_tags(self) -> list[str]:
        return [self.operation.tag]

    def get_summary(self) -> str:
        return self.operation.summary or _first_sentence(super().get_description())

    def get_auth(self) -> list[dict]:
        found = super().get_auth()
        # Whoever may be nobody: that comes first.
        anyone = any(isinstance(given, AllowAny) for given in self.view.get_permissions())
        return [{}, *(one for one in found if one)] if {} in found and not anyone else found

    # --- what goes in -----------------------------------------------------------------

    def get_request_serializer(self) -> Any:
        from config.schema.operations import OWN

        request = self.operation.request
        if request is not OWN:
            return request
        return getattr(self.view, "input_class", None) or self.view.get_serializer_class()

    def _get_request_body(self, direction: str = "request") -> dict | None:
        body = super()._get_request_body(direction) if self.operation.request else None
        if body is None:
            return None
        for media_type, content in body["content"].items():
            if self.operation.example is not None and not media_type.startswith("multipart"):
                content["examples"] = {"usual": {"value": self.operation.example}}
        if self.operation.name == "upload_image":
            body["description"] = f"At most {MAX_UPLOAD_BYTES} bytes."
        # A step that needs nothing said takes an empty body, too.
        body["required"] = self.operation.name.partition("_")[0] != "publish"
        return body

    def _resolve_path_parameters(self, variables: list[str]) -> list[dict]:
        found = []
        for name in variables:
            schema, text = IN_PATH[name]
            if type(self.view).__name__ == "SessionViewSet":
                schema, text = SESSION, "As it is listed."
            found.append(parameter(name, schema, text, place="path", required=True))
        return found

    def _get_pagination_parameters(self) -> list[dict]:
        return []  # among those of the query

    def _get_filter_parameters(self) -> list[dict]:
        return [*self._in_query(), *self._in_headers()]

    def _in_query(self) -> list[dict]:
        view = self.view
        kind = type(view).__name__
        found = []
        for name in sorted(_names(view, self.method)):
            schema, text = self._described(name)
            schema = dict(schema)
            explode = schema.pop("x-explode", None)
            one = parameter(name, schema, text, required=(kind, name) in REQUIRED)
            if explode is not None:
                one |= {"style": "form", "explode": explode}
            found.append(one)
        return found

    def _described(self, name: str) -> tuple[dict, str]:
        view = self.view
        if name in ("fields", "include"):
            serializer = view.get_serializer_class()
            is_list = getattr(view, "is_list", False)
            shown = serializer.in_lists if is_list else serializer.alone
            every = {
                "type": "array",
                "items": {"type": "string", "enum": [*shown, *serializer.on_request(shown)]},
                "x-explode": False,
            }
            if name == "fields":
                return {**every, "minItems": 1}, "Answer these fields only."
            return every, "Answer these fields besides those that are there anyway."
        if name == "ordering":
            names = [order.lstrip("-") for order in view.orders]
            every = [*names, *(f"-{order}" for order in names)]
            return {"type": "string", "enum": every}, "- turns it round."
        if name == "search" and hasattr(view, "filters") and view.filters:
            return {"type": "string", "maxLength": MAX_QUERY_LENGTH}, "Words, the best first."
        if name == "after" and type(view).__name__ == "EventFeedViewSet":
            return CURSOR, "The `next` of the page before; from the beginning when missing."
        filters = getattr(view, "filters", None)
        if filters and name in filters.base_filters:
            return _of_filter(filters.base_filters[name])
        for one in ListPagination().get_schema_operation_parameters(view):
            if one["name"] == name and name != "page":
                return one["schema"], one["description"]
        return KNOWN[name]

    def _in_headers(self) -> list[dict]:
        found = []
        if self.method in SAFE_METHODS:
            if "ETag" in self.operation.headers:
                found.append(IF_NONE_MATCH)
            return found
        if 412 in self.operation.more:
            found.append(IF_MATCH)
        if self.operation.name in ("update_post", "change_post", "update_page", "change_page"):
            found.append(PREFER)
        if isinstance(self.view, WritingMixin) and self.method == "POST":
            found.append(KEY)
        return found

    # --- what comes out ---------------------------------------------------------------

    def get_response_serializers(self) -> dict:
        from config.schema.operations import OWN
        from config.schema.shapes import DryRunSerializer

        said = self.operation
        if "validate_only" in _names(self.view, self.method):
            self.resolve_serializer(DryRunSerializer, "response")  # `finishing` refers to it
        answer = self.view.get_serializer_class() if said.answer is OWN else said.answer
        if said.many and isinstance(answer, type) and issubclass(answer, Serializer):
            answer = answer(many=True)
        return {(said.status, said.media): answer} if answer else {said.status: None}

    def _is_list_view(self, serializer: Any = None) -> bool:
        return self.operation.many

    def get_paginated_name(self, serializer_name: str) -> str:
        return f"{serializer_name}Page"


def _names(view: Any, method: str) -> set[str]:
    """The parameters of the query that `view` knows, by its own word."""
    action = getattr(view, "action", None)
    kind = type(view).__name__
    if method not in SAFE_METHODS:
        if not isinstance(view, WritingMixin):
            return set()
        return {"validate_only", *view.write_parameters.get(action, ())}
    if hasattr(view, "known_parameters"):
        return view.known_parameters()
    return {
        ("EventFeedViewSet", "list"): {"after", "limit"},
        ("UserViewSet", "list"): {"page", "page_size", "cursor", "search"},
        ("PersonalTokenViewSet", "list"): {"page", "page_size"},
        ("WebhookViewSet", "list"): {"page", "page_size"},
        ("WebhookViewSet", "deliveries"): {"page", "page_size"},
    }.get((kind, action), set())


def _of_filter(given: Any) -> tuple[dict, str]:
    text = str(given.extra.get("label") or given.label or "").strip()
    if isinstance(given, DateFilter):
        return {"type": "string", "format": "date"}, text
    if isinstance(given, MomentFilter):
        return MOMENT, f"{text}: ISO 8601, or a day."
    if isinstance(given, NamesFilter):
        items = {"type": "string", "maxLength": MAX_NAME_LENGTH, "pattern": "^[^,]*$"}
        return {"type": "array", "items": items, "maxItems": MAX_NAMES, "x-explode": False}, text
    if isinstance(given, TruthFilter):
        return TRUTH, "Only those that are featured, or only the others."
    if isinstance(given, ChoiceFilter):
        values = [str(value) for value, _label in given.extra["choices"]]
        return {"type": "string", "enum": values}, text
    limit = given.extra.get("max_length", 200)
    return {"type": "string", "maxLength": limit}, text


def _first_sentence(text: str) -> str:
    first = text.strip().partition("\n\n")[0].replace("\n", " ")
    return first.partition(". ")[0].rstrip(".") + "." if first else ""
