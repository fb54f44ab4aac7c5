"""Collections over the API: what the library is sorted into, under the rules of the admin."""

from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.policy import require
from events.writing import WritingMixin
from lib.api.conditional import etag_of
from lib.api.pagination import MAX_DIGITS, Order
from lib.api.parameters import checked_query, require_known
from lib.api.preconditions import tags_named
from lib.api.problems import StaleVersion
from lib.api.scopes import MEDIA
from library import policy
from library.collecting import delete_collection, put_into, save_collection, take_out
from library.media_api import MAX_SEARCH_LENGTH
from library.models import Collection, Image, Video

LIST_PARAMETERS = {"page", "page_size", "cursor", "search"}
MAX_SORTED = 100  # images, and as many videos, in one request


class CollectionSerializer(serializers.ModelSerializer):
    """A collection; what is in it is listed by `?collection=` of images and of videos."""

    images = serializers.IntegerField(source="images_in_it", help_text="How many are in it.")
    videos = serializers.IntegerField(source="videos_in_it", help_text="How many are in it.")

    class Meta:
        model = Collection
        fields = ["id", "name", "images", "videos", "created_at"]
        read_only_fields = fields


class CollectionInput(serializers.Serializer):
    """What a collection is called."""

    name = serializers.CharField(max_length=100, help_text="No other one is called so.")


def _keys(help_text: str) -> serializers.ListField:
    key = serializers.IntegerField(min_value=1, max_value=10**MAX_DIGITS - 1)
    return serializers.ListField(
        child=key, max_length=MAX_SORTED, required=False, help_text=help_text
    )


class SortInput(serializers.Serializer):
    """What to put into a collection, or to take out of it: at least one thing."""

    images = _keys("Keys of images.")
    videos = _keys("Keys of videos.")

    def validate_images(self, keys: list[int]) -> list[Image]:
        return _found(Image, keys)

    def validate_videos(self, keys: list[int]) -> list[Video]:
        return _found(Video, keys)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if not any(given.values()):
            raise serializers.ValidationError(_("Name images or videos."))
        return given


class CollectionViewSet(WritingMixin, GenericViewSet):
    """Collections: writers see them all, make them and sort into them; editors delete them."""

    queryset = Collection.objects.none()
    serializer_class = CollectionSerializer
    lookup_value_regex = r"\d{1,18}"
    http_method_names: ClassVar[list[str]] = ["get", "head", "options", "post", "patch", "delete"]
    write_scope = MEDIA
    order = Order("name", "name")

    def initial(self, request: Request, *args, **kwargs) -> None:
        super().initial(request, *args, **kwargs)
        if request.method in SAFE_METHODS:
            require_known(request.query_params, self.known_parameters())
        if self.action and self.action != "metadata" and not policy.may_see(request.user):
            self.permission_denied(request)

    def known_parameters(self) -> set[str]:
        """Those of the query that a read knows."""
        return LIST_PARAMETERS if self.action == "list" else set()

    def get_queryset(self) -> QuerySet:
        return Collection.objects.with_counts()

    def list(self, request: Request) -> Response:
        """All collections, by name. `search` looks in names."""
        found = self.get_queryset()
        if text := request.query_params.get("search"):
            found = found.filter(name__icontains=checked_query("search", text, MAX_SEARCH_LENGTH))
        page = self.paginate_queryset(self.order.apply(found))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One collection."""
        return self._answer(pk)

    def create(self, request: Request) -> Response:
        """Make a collection."""
        require(policy.may_collect(request.user))
        name = self._checked(CollectionInput, request)["name"]
        collection = save_collection(Collection(name=name), by=request.user)
        response = self._answer(collection.pk, status.HTTP_201_CREATED)
        path = self.reverse_action("detail", args=[collection.pk], request=None)
        response["Location"] = f"{settings.SITE_URL}{path}"
        return response

    def partial_update(self, request: Request, pk: str) -> Response:
        """Rename a collection."""
        require(policy.may_collect(request.user))
        with transaction.atomic():
            collection = self._locked(pk)
            collection.name = self._checked(CollectionInput, request)["name"]
            save_collection(collection, by=request.user)
        return self._answer(pk)

    def destroy(self, request: Request, pk: str) -> Response:
        """Delete a collection; what is in it stays in the library."""
        require(policy.may_delete(request.user))
        with transaction.atomic():
            delete_collection(self._locked(pk), by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @action(detail=True, methods=["post"], url_path="put", url_name="put")
    def put_in(self, request: Request, pk: str) -> Response:
        """Put images and videos into a collection, as well as where they are."""
        return self._sort(request, pk, put_into)

    @action(detail=True, methods=["post"], url_path="take", url_name="take")
    def take_away(self, request: Request, pk: str) -> Response:
        """Take images and videos out of a collection; the library keeps them."""
        return self._sort(request, pk, take_out)

    # --- parts ------------------------------------------------------------------------

    def _sort(self, request: Request, pk: str, change) -> Response:
        require(policy.may_collect(request.user))
        with transaction.atomic():
            collection = self._locked(pk)
            given = self._checked(SortInput, request)
            things = [*given.get("images", ()), *given.get("videos", ())]
            change(collection, things, by=request.user)
        return self._answer(pk)

    @staticmethod
    def _checked(serializer: type[serializers.Serializer], request: Request) -> dict[str, Any]:
        checked = serializer(data=request.data)
        checked.is_valid(raise_exception=True)
        return checked.validated_data

    def _locked(self, pk: str) -> Collection:
        """The row to change, if it is as the client last saw it."""
        collection = get_object_or_404(Collection.objects.select_for_update(), pk=pk)
        tags = tags_named(self.request)
        if tags is not None:
            tag = _etag(self.get_queryset().get(pk=pk))
            if tag not in tags:
                raise StaleVersion(headers={"ETag": tag})
        return collection

    def _answer(self, pk: str | int, code: int = status.HTTP_200_OK) -> Response:
        collection = get_object_or_404(self.get_queryset(), pk=pk)
        data = self.get_serializer(collection).data
        return Response(data, status=code, headers={"ETag": _etag(collection)})


def _found(model: type[Image | Video], keys: list[int]) -> list[Any]:
    """The rows with these keys; one query. Raises ValidationError when one is missing."""
    rows = model.objects.in_bulk(keys)
    missing = [str(key) for key in dict.fromkeys(keys) if key not in rows]
    if missing:
        text = _("There is nothing with these keys: %(keys)s.")
        raise ValidationError(text % {"keys": ", ".join(missing[:20])})
    return list(rows.values())


def _etag(collection: Collection) -> str:
    """Changes with its name, and with how many are in it."""
    counts = (collection.images_in_it, collection.videos_in_it)
    return etag_of("collection", collection.pk, collection.name, *counts)
