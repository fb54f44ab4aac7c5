"""The library over the API: upload, look through, describe, delete."""

import math
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError, Q, QuerySet
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
from lib import images
from lib.admin import KEY
from lib.api.conditional import etag_of
from lib.api.pagination import Order
from lib.api.parameters import checked_query, require_known
from lib.api.parsers import JSONParser, MultiPartParser
from lib.api.preconditions import tags_named
from lib.api.problems import Conflict, ParameterError, StaleVersion
from lib.api.scopes import MEDIA
from library import policy, usage
from library.models import MEDIA_TYPES, Image
from library.replacing import replace_image
from library.services import (
    REFUSALS,
    WORDS,
    address_hash,
    delete_image,
    describe_image,
    store_image,
)

MAX_FILE_BYTES = 20_000_000
MAX_SEARCH_LENGTH = 100  # characters
LIST_PARAMETERS = {"page", "page_size", "cursor", "search", "without_alt", "unused", "mine"}
LIST_PARAMETERS |= {"collection"}


def finite(value: float) -> None:
    """Refuses what is no number: it would be neither in the picture nor outside."""
    if not math.isfinite(value):
        raise serializers.ValidationError(_("Give a number."))


class RenditionSerializer(serializers.Serializer):
    """The picture in one width and format."""

    media_type = serializers.CharField()
    width = serializers.IntegerField(help_text="Pixels.")
    url = serializers.URLField()


class ImageSerializer(serializers.ModelSerializer):
    """An image of the library."""

    url = serializers.SerializerMethodField()
    uploaded_by = serializers.CharField(
        source="uploaded_by.username", default=None, allow_null=True, help_text="A username."
    )
    renditions = serializers.SerializerMethodField(
        help_text="Until they are made, their addresses lead to the image itself."
    )
    renditions_ready = serializers.SerializerMethodField()

    class Meta:
        model = Image
        fields = [
            *("id", "name", "url", "media_type", "width", "height", "size", *WORDS),
            *("uploaded_by", "created_at", "renditions_ready", "renditions"),
        ]
        read_only_fields = fields

    def get_url(self, image: Image) -> str:
        return settings.SITE_URL + image.url

    def get_renditions_ready(self, image: Image) -> bool:
        return image.renditions_at is not None

    def get_renditions(self, image: Image) -> list[dict[str, Any]]:
        base = settings.SITE_URL + settings.MEDIA_URL
        return [
            {
                "media_type": MEDIA_TYPES[extension],
                "width": width,
                "url": base + image.rendition_name(width, extension),
            }
            for extension, widths in image.renditions.items()
            for width in widths
        ]


class UseSerializer(serializers.Serializer):
    """One thing that uses an image."""

    title = serializers.CharField()
    place = serializers.CharField(help_text="In words: in the text, as the cover.")
    url = serializers.SerializerMethodField(help_text="Where to change it, in the admin.")

    def get_url(self, use: usage.Use) -> str:
        return settings.SITE_URL + use.url


class UsesSerializer(serializers.Serializer):
    """Where an image is used."""

    shown = UseSerializer(many=True)
    hidden = serializers.IntegerField(help_text="Places that you may not open.")


class ImageInput(serializers.Serializer):
    """The words of an image."""

    alt = serializers.CharField(
        max_length=500,
        required=False,
        allow_blank=True,
        help_text="What it shows, for those who do not see it.",
    )
    decorative = serializers.BooleanField(
        required=False, help_text="It says nothing that the text does not."
    )
    caption = serializers.CharField(max_length=500, required=False, allow_blank=True)
    credit = serializers.CharField(max_length=200, required=False, allow_blank=True)
    focal_x = serializers.FloatField(
        min_value=0, max_value=1, validators=[finite], required=False, help_text="0 is left."
    )
    focal_y = serializers.FloatField(
        min_value=0, max_value=1, validators=[finite], required=False, help_text="0 is up."
    )


class ReplaceInput(serializers.Serializer):
    """A picture, as multipart/form-data."""

    file = serializers.FileField(
        max_length=500, help_text="JPEG, PNG, GIF, WebP, AVIF or SVG, at most 20 MB."
    )

    def validate_file(self, file):
        if file.size > MAX_FILE_BYTES:
            raise serializers.ValidationError([str(REFUSALS[images.TooBig])])
        return file


class UploadInput(ReplaceInput, ImageInput):
    """A picture and its words, as multipart/form-data."""


class MediaViewSet(WritingMixin, GenericViewSet):
    """Images. Writers look through all of them; their files are public by address."""

    queryset = Image.objects.none()
    serializer_class = ImageSerializer
    lookup_value_regex = r"\d{1,18}"
    http_method_names: ClassVar[list[str]] = ["get", "head", "options", "post", "patch", "delete"]
    write_scope = MEDIA
    throttle_scope: ClassVar[dict[str, str]] = {"create": "upload", "replace": "upload"}
    order = Order("-created_at", "created_at")

    def get_parsers(self):
        # Asked before the action is known.
        takes_file = not self.detail or "replace" in self.action_map.values()
        return [MultiPartParser()] if takes_file else [JSONParser()]

    def initial(self, request: Request, *args, **kwargs) -> None:
        super().initial(request, *args, **kwargs)
        if request.method in SAFE_METHODS:
            require_known(request.query_params, LIST_PARAMETERS if self.action == "list" else set())
        if self.action and self.action != "metadata" and not policy.may_see(request.user):
            self.permission_denied(request)

    def get_queryset(self) -> QuerySet:
        return Image.objects.select_related("uploaded_by")

    def list(self, request: Request) -> Response:
        """All images, newest first. `search` looks in names and words."""
        found = self.get_queryset()
        if text := request.query_params.get("search"):
            text = checked_query("search", text, MAX_SEARCH_LENGTH)
            words = ("name", "alt", "caption", "credit")
            found = found.filter(
                Q(*((f"{word}__icontains", text) for word in words), _connector=Q.OR)
            )
        if flag(request, "without_alt"):
            found = found.filter(alt="", decorative=False)
        if flag(request, "unused"):
            found = found.unused()
        if flag(request, "mine"):
            found = found.filter(uploaded_by=request.user)
        found = in_collection(found, request)
        page = self.paginate_queryset(self.order.apply(found))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One image with its renditions."""
        return self._answer(get_object_or_404(self.get_queryset(), pk=pk))

    def create(self, request: Request) -> Response:
        """Keep a picture. The same bytes again answer 200 with the image that is there."""
        require(policy.may_upload(request.user))
        given = self._checked_upload(request)
        file = given.pop("file")
        if self.is_dry_run:  # Stored files would outlive the transaction.
            cleaned = self._cleaned
            size = {"width": cleaned.width, "height": cleaned.height}
            return Response({"media_type": cleaned.media_type, **size}, status=201)
        with transaction.atomic():
            file.seek(0)
            data = file.read()
            is_new = not Image.objects.filter(digest=address_hash(data)).exists()
            image = store_image(data, file.name, by=request.user, cleaned=self._cleaned)
            if given and policy.may_describe(request.user, image):
                self._describe(image, given)
        response = self._answer(image, status.HTTP_201_CREATED if is_new else status.HTTP_200_OK)
        path = self.reverse_action("detail", args=[image.pk], request=None)
        response["Location"] = f"{settings.SITE_URL}{path}"
        return response

    def partial_update(self, request: Request, pk: str) -> Response:
        """Change the words of one."""
        tags = tags_named(request)
        with transaction.atomic():
            image = self._locked(pk)
            require(policy.may_describe(request.user, image))
            if tags is not None and _etag(image) not in tags:
                raise StaleVersion(headers={"ETag": _etag(image)})
            checked = ImageInput(data=request.data, partial=True)
            checked.is_valid(raise_exception=True)
            self._describe(image, checked.validated_data)
        return self._answer(image)

    def destroy(self, request: Request, pk: str) -> Response:
        """Delete one for ever, unless something uses it; `uses/` tells what."""
        with transaction.atomic():
            image = self._locked(pk)
            try:
                delete_image(image, by=request.user)
            except ProtectedError as error:
                text = _("This image is in use: %(uses)s.")
                uses = uses_in_words(usage.of(image, request.user))
                raise Conflict(text % {"uses": uses}, slug="in-use") from error
        return Response(status=status.HTTP_204_NO_CONTENT)

    @action(detail=True)
    def uses(self, request: Request, pk: str) -> Response:
        """Where one is used, as far as you may open it; `hidden` counts the other places."""
        image = get_object_or_404(Image, pk=pk)
        return Response(UsesSerializer(usage.of(image, request.user)).data)

    @action(detail=True, methods=["post"])
    def replace(self, request: Request, pk: str) -> Response:
        """Give one another file. Its words and its former address stay, texts follow."""
        image = get_object_or_404(Image, pk=pk)
        require(policy.may_describe(request.user, image))
        checked = ReplaceInput(data=request.data)
        checked.is_valid(raise_exception=True)
        file = checked.validated_data["file"]
        if not self.is_dry_run:  # Stored files would outlive the transaction.
            try:
                image = replace_image(image, file.read(), file.name, by=request.user)
            except ValidationError as error:
                raise ValidationError({"file": error.messages}) from error
        return self._answer(image)

    # --- parts ------------------------------------------------------------------------

    def prepare(self, request: Request) -> None:
        if self.action == "create":
            self._checked_upload(request)

    def _checked_upload(self, request: Request) -> dict[str, Any]:
        """What was sent, the picture cleaned; once, since that may take a second."""
        if not hasattr(self, "_upload"):
            checked = UploadInput(data=request.data)
            checked.is_valid(raise_exception=True)
            self._upload = checked.validated_data
            file = self._upload["file"]
            try:
                self._cleaned = images.clean(file.read(), file.name)
            except images.ImageError as error:
                raise ValidationError({"file": REFUSALS[type(error)]}) from error
        return dict(self._upload)

    def _locked(self, pk: str) -> Image:
        return get_object_or_404(Image.objects.select_for_update(), pk=pk)

    def _describe(self, image: Image, words: dict[str, Any]) -> None:
        for name, value in words.items():
            setattr(image, name, value)
        describe_image(image, by=self.request.user)

    def _answer(self, image: Image, code: int = status.HTTP_200_OK) -> Response:
        data = self.get_serializer(image).data
        return Response(data, status=code, headers={"ETag": _etag(image)})


def in_collection(found: QuerySet, request: Request) -> QuerySet:
    """Those of the collection that `request` names. Raises ParameterError."""
    key = request.query_params.get("collection")
    if key is None:
        return found
    if not KEY.fullmatch(key):
        raise ParameterError({"collection": _("Give the key of a collection.")})
    return found.filter(collections=key)


def uses_in_words(uses: usage.Uses) -> str:
    """The first of them, for people."""
    words = [f"{use.title} ({use.place})" for use in uses.shown[:5]]
    more = len(uses.shown) - len(words) + uses.hidden
    return ", ".join([*words, f"+ {more}"] if more else words)


def _etag(image: Image) -> str:
    """Changes with its words and its file, and when its renditions are made."""
    words = [getattr(image, word) for word in WORDS]
    return etag_of("image", image.pk, words, image.digest, image.renditions_at)
