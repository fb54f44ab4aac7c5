"""What images and videos have in common over the API: look through, describe, see uses, delete."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.db import transaction
from django.db.models import Model, ProtectedError, Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.policy import require
from events.writing import WritingMixin, flag
from lib.admin import KEY
from lib.api.lists import CappedListField
from lib.api.pagination import MAX_DIGITS, Order
from lib.api.parameters import checked_query, require_known
from lib.api.preconditions import tags_named
from lib.api.problems import Conflict, ParameterError, StaleVersion
from lib.api.scopes import MEDIA
from library import policy, usage
from library.collecting import sort_into
from library.models import Collection
from library.settling import settled

MAX_SEARCH_LENGTH = 100  # characters
MAX_COLLECTIONS = 100  # that one thing is put into by one request
LIST_PARAMETERS = {"page", "page_size", "cursor", "search", "unused", "mine", "collection"}


class UseSerializer(serializers.Serializer):
    """One thing that uses an image or a video."""

    title = serializers.CharField()
    place = serializers.CharField(help_text="In words: in the text, as the cover.")
    url = serializers.SerializerMethodField(help_text="Where to change it, in the admin.")

    def get_url(self, use: usage.Use) -> str:
        return settings.SITE_URL + use.url


class PlaceSerializer(serializers.ModelSerializer):
    """A collection that something is in."""

    class Meta:
        model = Collection
        fields = ["id", "name"]
        read_only_fields = fields


class CollectionsField(CappedListField):
    """Collections by key, or as they are read. Gives collections."""

    child = serializers.JSONField(allow_null=True)  # refused with the others

    def __init__(self, **options) -> None:
        super().__init__(max_length=MAX_COLLECTIONS, **options)

    def to_internal_value(self, data: Any) -> list[Collection]:
        keys = [_key(entry) for entry in super().to_internal_value(data)]
        found = Collection.objects.in_bulk([key for key in keys if key is not None])
        text = _("There is nothing with these keys: %(keys)s.")
        sent = [str(key) for key in keys]
        errors = {
            place: [text % {"keys": sent[place]}]
            for place, key in enumerate(keys)
            if key not in found
        }
        if errors:
            raise serializers.ValidationError(errors)
        return list(found.values())


class SortedInput(serializers.Serializer):
    """Where something of the library is sorted into."""

    collections = CollectionsField(
        required=False, help_text="It is in these then, and in no others."
    )


class UsesSerializer(serializers.Serializer):
    """Where something of the library is used."""

    shown = UseSerializer(many=True)
    hidden = serializers.IntegerField(help_text="Places that you may not open.")


class LibraryViewSet(WritingMixin, GenericViewSet):
    """Things of the library, all of one kind: writers look through all of them.

    A kind says where words are looked for, which services describe and delete it, and has a
    `create` of its own, since each upload is recognised in another way.
    """

    lookup_value_regex = r"\d{1,18}"
    http_method_names: ClassVar[list[str]] = ["get", "head", "options", "post", "patch", "delete"]
    write_scope = MEDIA
    order = Order("-created_at", "created_at")
    list_parameters: ClassVar[set[str]] = LIST_PARAMETERS

    model: type[Model]
    searched: ClassVar[Iterable[str]]
    words_serializer: type[serializers.Serializer]

    def describe(self, thing: Any) -> None:
        """Store its words, as its service does."""
        raise NotImplementedError

    def remove(self, thing: Any) -> None:
        """Delete it for ever, as its service does. Raises ProtectedError."""
        raise NotImplementedError

    def etag_of(self, thing: Any) -> str:
        """The entity tag of what is answered about it."""
        raise NotImplementedError

    def filtered(self, found: QuerySet, request: Request) -> QuerySet:
        """What the parameters that only this kind has leave of `found`."""
        return found

    def dispatch(self, request, *args, **kwargs):
        # Around every transaction, that of an Idempotency-Key too.
        with settled():
            return super().dispatch(request, *args, **kwargs)

    # --- what is asked ------------------------------------------------------------------

    def initial(self, request: Request, *args, **kwargs) -> None:
        super().initial(request, *args, **kwargs)
        if request.method in SAFE_METHODS:
            require_known(request.query_params, self.known_parameters())
        if self.action and self.action != "metadata" and not policy.may_see(request.user):
            self.permission_denied(request)

    def known_parameters(self) -> set[str]:
        """Those of the query that a read knows."""
        return self.list_parameters if self.action == "list" else set()

    def list(self, request: Request) -> Response:
        """All of them, newest first. `search` looks in names and words."""
        found = self.get_queryset()
        if text := request.query_params.get("search"):
            text = checked_query("search", text, MAX_SEARCH_LENGTH)
            wanted = ((f"{word}__icontains", text) for word in self.searched)
            found = found.filter(Q(*wanted, _connector=Q.OR))
        if flag(request, "unused"):
            found = found.unused()
        if flag(request, "mine"):
            found = found.filter(uploaded_by=request.user)
        found = in_collection(self.filtered(found, request), request)
        page = self.paginate_queryset(self.order.apply(found))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One of them, and what was made of it."""
        return self.answer(get_object_or_404(self.get_queryset(), pk=pk))

    @action(detail=True)
    def uses(self, request: Request, pk: str) -> Response:
        """Where one is used, as far as you may open it; `hidden` counts the other places."""
        thing = get_object_or_404(self.model, pk=pk)
        return Response(UsesSerializer(usage.of(thing, request.user)).data)

    # --- what is changed ----------------------------------------------------------------

    def partial_update(self, request: Request, pk: str) -> Response:
        """Change the words of one, and the collections that it is in."""
        with transaction.atomic():
            thing = self.locked(pk)
            # Whoever uploads sorts whatever there is, here as in the admin.
            sorts = self._only_sorts(request.data) and policy.may_collect(request.user)
            require(sorts or policy.may_describe(request.user, thing))
            self.require_current(thing)
            checked = self.words_serializer(data=request.data, partial=True)
            checked.is_valid(raise_exception=True)
            words = dict(checked.validated_data)
            if (collections := words.pop("collections", None)) is not None:
                sort_into(thing, collections, by=request.user)
            if words or not sorts:
                self.put_words(thing, words)
        return self.answer(thing)

    def destroy(self, request: Request, pk: str) -> Response:
        """Delete one for ever, unless something uses it; `uses/` tells what."""
        with transaction.atomic():
            thing = self.locked(pk)
            require(policy.may_delete(request.user))
            self.require_current(thing)
            try:
                self.remove(thing)
            except ProtectedError as error:
                text = _("This is in use: %(uses)s.")
                uses = uses_in_words(usage.of(thing, request.user))
                raise Conflict(text % {"uses": uses}, slug="in-use") from error
        return Response(status=status.HTTP_204_NO_CONTENT)

    # --- parts --------------------------------------------------------------------------

    def locked(self, pk: str) -> Any:
        """The row with this key, for a change. Raises Http404."""
        return get_object_or_404(self.model.objects.select_for_update(), pk=pk)

    def require_current(self, thing: Any) -> None:
        """Raise StaleVersion when the client means another state of it than the present one."""
        tags, tag = tags_named(self.request), self.etag_of(thing)
        if tags is not None and tag not in tags:
            raise StaleVersion(headers={"ETag": tag})

    def _only_sorts(self, sent: Any) -> bool:
        """Whether `sent` names collections, and no words."""
        known = self.words_serializer().fields.keys() & (sent if isinstance(sent, Mapping) else ())
        return known == {"collections"}

    def put_words(self, thing: Any, words: dict[str, Any]) -> None:
        """Give it `words`, and store them."""
        for name, value in words.items():
            setattr(thing, name, value)
        self.describe(thing)

    def answer(self, thing: Any, code: int = status.HTTP_200_OK) -> Response:
        """Tell of one, with its entity tag."""
        data = self.get_serializer(thing).data
        return Response(data, status=code, headers={"ETag": self.etag_of(thing)})

    def answer_upload(self, thing: Any, *, is_new: bool) -> Response:
        """Tell of what an upload made, or of what was there already."""
        response = self.answer(thing, status.HTTP_201_CREATED if is_new else status.HTTP_200_OK)
        path = self.reverse_action("detail", args=[thing.pk], request=None)
        response["Location"] = f"{settings.SITE_URL}{path}"
        return response


def in_collection(found: QuerySet, request: Request) -> QuerySet:
    """Those of the collection that `request` names. Raises ParameterError."""
    key = request.query_params.get("collection")
    if key is None:
        return found
    if not KEY.fullmatch(key):
        raise ParameterError({"collection": _("Give the key of a collection.")})
    return found.filter(collections=key)


def sorted_into(thing: Any) -> list[tuple[int, str]]:
    """For an entity tag: the collections that `thing` is in, as they are answered."""
    return [(collection.pk, collection.name) for collection in thing.collections.all()]


def _key(entry: Any) -> int | None:
    """The key in what was sent for a collection; None when there is none."""
    key = entry.get("id") if isinstance(entry, dict) else entry
    fits = isinstance(key, int) and not isinstance(key, bool) and 0 < key < 10**MAX_DIGITS
    return key if fits else None


def uses_in_words(uses: usage.Uses) -> str:
    """The first of them, for people."""
    words = [f"{use.title} ({use.place})" for use in uses.shown[:5]]
    more = len(uses.shown) - len(words) + uses.hidden
    return ", ".join([*words, f"+ {more}"] if more else words)
