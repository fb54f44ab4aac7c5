"""Images over the API: what all of the library has, uploads, another file."""

import math
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.policy import require
from events.writing import flag
from lib import images, images_apart
from lib.api.conditional import etag_of
from lib.api.parsers import JSONParser, MultiPartParser
from library import policy
from library.media_api import (
    LIST_PARAMETERS,
    LibraryViewSet,
    PlaceSerializer,
    SortedInput,
    sorted_into,
)
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
    collections = PlaceSerializer(many=True, help_text="That it is sorted into.")
    renditions = serializers.SerializerMethodField(
        help_text="Until they are made, their addresses lead to the image itself."
    )
    renditions_ready = serializers.SerializerMethodField()

    class Meta:
        model = Image
        fields = [
            *("id", "name", "url", "media_type", "width", "height", "size", *WORDS),
            *("uploaded_by", "created_at", "collections", "renditions_ready", "renditions"),
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


class ImageWords(serializers.Serializer):
    """What people say of an image."""

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


class ImageInput(ImageWords, SortedInput):
    """The words of an image, and the collections it is in."""


class ReplaceInput(serializers.Serializer):
    """A picture, as multipart/form-data."""

    file = serializers.FileField(
        max_length=500, help_text="JPEG, PNG, GIF, WebP, AVIF or SVG, at most 20 MB."
    )

    def validate_file(self, file):
        if file.size > MAX_FILE_BYTES:
            raise serializers.ValidationError([str(REFUSALS[images.TooBig])])
        return file


class UploadInput(ReplaceInput, ImageWords):
    """A picture and its words, as multipart/form-data."""


class MediaViewSet(LibraryViewSet):
    """Images. Writers look through all of them; their files are public by address."""

    queryset = Image.objects.none()
    serializer_class = ImageSerializer
    throttle_scope: ClassVar[dict[str, str]] = {"create": "upload", "replace": "upload"}
    list_parameters: ClassVar[set[str]] = {*LIST_PARAMETERS, "without_alt"}
    model = Image
    searched = ("name", "alt", "caption", "credit")
    words_serializer = ImageInput

    def get_parsers(self):
        # Asked before the action is known.
        takes_file = not self.detail or "replace" in self.action_map.values()
        return [MultiPartParser()] if takes_file else [JSONParser()]

    def get_queryset(self) -> QuerySet:
        return Image.objects.select_related("uploaded_by").prefetch_related("collections")

    def filtered(self, found: QuerySet, request: Request) -> QuerySet:
        return found.filter(alt="", decorative=False) if flag(request, "without_alt") else found

    def describe(self, thing: Image) -> None:
        describe_image(thing, by=self.request.user)

    def remove(self, thing: Image) -> None:
        delete_image(thing, by=self.request.user)

    def etag_of(self, thing: Image) -> str:
        # Changes with its words, places and file, and when its renditions are made.
        words = [*(getattr(thing, word) for word in WORDS), sorted_into(thing)]
        return etag_of("image", thing.pk, words, thing.digest, thing.renditions_at)

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
                self.put_words(image, given)
        return self.answer_upload(image, is_new=is_new)

    @action(detail=True, methods=["post"])
    def replace(self, request: Request, pk: str) -> Response:
        """Give one another file. Its words and its former address stay, texts follow."""
        image = get_object_or_404(Image, pk=pk)
        require(policy.may_describe(request.user, image))
        self.require_current(image)
        checked = ReplaceInput(data=request.data)
        checked.is_valid(raise_exception=True)
        file = checked.validated_data["file"]
        if not self.is_dry_run:  # Stored files would outlive the transaction.
            try:
                image = replace_image(image, file.read(), file.name, by=request.user)
            except ValidationError as error:
                raise ValidationError({"file": error.messages}) from error
        return self.answer(image)

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
                self._cleaned = images_apart.clean(file.read(), file.name)
            except images.ImageError as error:
                raise ValidationError({"file": REFUSALS[type(error)]}) from error
        return dict(self._upload)
