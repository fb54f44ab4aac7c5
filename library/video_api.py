"""Videos over the API: upload, look how far they are, describe, caption, delete."""

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
from lib.api.conditional import etag_of
from lib.api.pagination import Order
from lib.api.parameters import checked_query, require_known
from lib.api.parsers import JSONParser, MultiPartParser
from lib.api.preconditions import tags_named
from lib.api.problems import Conflict, StaleVersion
from lib.api.scopes import MEDIA
from library import policy, usage
from library.api import MAX_SEARCH_LENGTH, UsesSerializer, in_collection, uses_in_words
from library.models import CaptionTrack, Video
from library.videos import (
    WORDS,
    content_hash,
    delete_video,
    describe_video,
    examine_video,
    set_captions,
    store_video,
)

LIST_PARAMETERS = {"page", "page_size", "cursor", "search", "unused", "mine", "collection"}
FORM_BYTES = 1_000_000  # what goes with the file


class VideoParser(MultiPartParser):
    """Uploads as big as a video may be."""

    @property
    def max_bytes(self) -> int:
        return settings.VIDEO_MAX_MB * 1_000_000 + FORM_BYTES


class SourceSerializer(serializers.Serializer):
    """One file of a video."""

    media_type = serializers.CharField()
    url = serializers.URLField()


class CaptionSerializer(serializers.ModelSerializer):
    """What is said in a video, in one language."""

    url = serializers.SerializerMethodField()

    class Meta:
        model = CaptionTrack
        fields = ["language", "label", "url"]
        read_only_fields = fields

    def get_url(self, track: CaptionTrack) -> str:
        return settings.SITE_URL + track.url


class VideoSerializer(serializers.ModelSerializer):
    """A video of the library."""

    url = serializers.SerializerMethodField(help_text="By which texts name it.")
    uploaded_by = serializers.CharField(
        source="uploaded_by.username", default=None, allow_null=True, help_text="A username."
    )
    state = serializers.ChoiceField(choices=Video.State.choices, help_text="Where it is.")
    progress = serializers.IntegerField(help_text="Percent.")
    poster = serializers.SerializerMethodField(help_text="Null until it is converted.")
    sources = serializers.SerializerMethodField(help_text="Empty until it is converted.")
    captions = CaptionSerializer(source="tracks", many=True)

    class Meta:
        model = Video
        fields = [
            *("id", "name", "url", "width", "height", "seconds", "has_sound", "size", *WORDS),
            *("uploaded_by", "created_at", "state", "progress", "error", "poster", "sources"),
            "captions",
        ]
        read_only_fields = fields

    def get_url(self, video: Video) -> str:
        return settings.SITE_URL + video.url

    def get_poster(self, video: Video) -> str | None:
        return settings.SITE_URL + video.poster_url if video.made_at else None

    def get_sources(self, video: Video) -> list[dict[str, Any]]:
        return [
            {"media_type": media_type, "url": settings.SITE_URL + address}
            for media_type, address in (video.sources if video.made_at else ())
        ]


class VideoInput(serializers.Serializer):
    """The words of a video."""

    alt = serializers.CharField(
        max_length=500, required=False, allow_blank=True, help_text="What it shows."
    )
    caption = serializers.CharField(max_length=500, required=False, allow_blank=True)
    credit = serializers.CharField(max_length=200, required=False, allow_blank=True)


class VideoUpload(VideoInput):
    """A video and its words, as multipart/form-data."""

    file = serializers.FileField(max_length=500, help_text="MP4, MOV, WebM or MKV.")


class CaptionUpload(serializers.Serializer):
    """Captions in one language, as multipart/form-data."""

    file = serializers.FileField(max_length=500, help_text="WebVTT, at most 500 KB.")
    language = serializers.RegexField(
        r"^[a-z]{2,3}(-[a-z0-9]{2,8})*$", max_length=20, help_text="A tag such as zh-hans."
    )
    label = serializers.CharField(max_length=60, required=False, allow_blank=True)


class VideoViewSet(WritingMixin, GenericViewSet):
    """Videos. Writers look through all of them; a worker converts what is uploaded."""

    queryset = Video.objects.none()
    serializer_class = VideoSerializer
    lookup_value_regex = r"\d{1,18}"
    http_method_names: ClassVar[list[str]] = ["get", "head", "options", "post", "patch", "delete"]
    write_scope = MEDIA
    throttle_scope: ClassVar[dict[str, str]] = {"create": "upload"}
    order = Order("-created_at", "created_at")

    def get_parsers(self):
        # Asked before the action is known.
        if not self.detail:
            return [VideoParser()]
        takes_file = "captions" in self.action_map.values()
        return [MultiPartParser()] if takes_file else [JSONParser()]

    def initial(self, request: Request, *args, **kwargs) -> None:
        super().initial(request, *args, **kwargs)
        if request.method in SAFE_METHODS:
            require_known(request.query_params, LIST_PARAMETERS if self.action == "list" else set())
        if self.action and self.action != "metadata" and not policy.may_see(request.user):
            self.permission_denied(request)

    def get_queryset(self) -> QuerySet:
        return Video.objects.select_related("uploaded_by").prefetch_related("tracks")

    def list(self, request: Request) -> Response:
        """All videos, newest first. `search` looks in names and words."""
        found = self.get_queryset()
        if text := request.query_params.get("search"):
            text = checked_query("search", text, MAX_SEARCH_LENGTH)
            words = ("name", *WORDS)
            found = found.filter(
                Q(*((f"{word}__icontains", text) for word in words), _connector=Q.OR)
            )
        if flag(request, "unused"):
            found = found.unused()
        if flag(request, "mine"):
            found = found.filter(uploaded_by=request.user)
        found = in_collection(found, request)
        page = self.paginate_queryset(self.order.apply(found))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One video, and how far it is."""
        return self._answer(get_object_or_404(self.get_queryset(), pk=pk))

    def create(self, request: Request) -> Response:
        """Keep a video, to be converted. The same bytes again answer 200 with what is there."""
        require(policy.may_upload(request.user))
        checked = VideoUpload(data=request.data)
        checked.is_valid(raise_exception=True)
        given = dict(checked.validated_data)
        file = given.pop("file")
        if self.is_dry_run:  # Stored files would outlive the transaction.
            facts = _named("file", examine_video, file)
            return Response({"width": facts.width, "height": facts.height}, status=201)
        with transaction.atomic():
            is_new = not Video.objects.filter(digest=content_hash(file)).exists()
            video = _named("file", store_video, file, file.name, by=request.user)
            if given and policy.may_describe(request.user, video):
                self._describe(video, given)
        response = self._answer(video, status.HTTP_201_CREATED if is_new else status.HTTP_200_OK)
        path = self.reverse_action("detail", args=[video.pk], request=None)
        response["Location"] = f"{settings.SITE_URL}{path}"
        return response

    def partial_update(self, request: Request, pk: str) -> Response:
        """Change the words of one."""
        tags = tags_named(request)
        with transaction.atomic():
            video = self._locked(pk)
            require(policy.may_describe(request.user, video))
            if tags is not None and _etag(video) not in tags:
                raise StaleVersion(headers={"ETag": _etag(video)})
            checked = VideoInput(data=request.data, partial=True)
            checked.is_valid(raise_exception=True)
            self._describe(video, checked.validated_data)
        return self._answer(video)

    def destroy(self, request: Request, pk: str) -> Response:
        """Delete one for ever, unless something shows it; `uses/` tells what."""
        with transaction.atomic():
            video = self._locked(pk)
            try:
                delete_video(video, by=request.user)
            except ProtectedError as error:
                text = _("This video is in use: %(uses)s.")
                uses = uses_in_words(usage.of(video, request.user))
                raise Conflict(text % {"uses": uses}, slug="in-use") from error
        return Response(status=status.HTTP_204_NO_CONTENT)

    @action(detail=True)
    def uses(self, request: Request, pk: str) -> Response:
        """Where one is shown, as far as you may open it; `hidden` counts the other places."""
        video = get_object_or_404(Video, pk=pk)
        return Response(UsesSerializer(usage.of(video, request.user)).data)

    @action(detail=True, methods=["post"])
    def captions(self, request: Request, pk: str) -> Response:
        """Give one captions in a language, instead of those it has in it."""
        with transaction.atomic():
            video = self._locked(pk)
            require(policy.may_describe(request.user, video))
            checked = CaptionUpload(data=request.data)
            checked.is_valid(raise_exception=True)
            given = checked.validated_data
            if not self.is_dry_run:  # A stored file would outlive the transaction.
                _named(
                    "file",
                    set_captions,
                    *(video, given["language"], given["file"].read()),
                    by=request.user,
                    label=given.get("label", ""),
                )
        return self._answer(video)

    # --- parts ------------------------------------------------------------------------

    def _locked(self, pk: str) -> Video:
        return get_object_or_404(Video.objects.select_for_update(), pk=pk)

    def _describe(self, video: Video, words: dict[str, Any]) -> None:
        for name, value in words.items():
            setattr(video, name, value)
        describe_video(video, by=self.request.user)

    def _answer(self, video: Video, code: int = status.HTTP_200_OK) -> Response:
        data = self.get_serializer(video).data
        return Response(data, status=code, headers={"ETag": _etag(video)})


def _named(field: str, function, *args, **options) -> Any:
    """What `function` gives; a refusal is told of `field`."""
    try:
        return function(*args, **options)
    except ValidationError as error:
        raise ValidationError({field: error.messages}) from error


def _etag(video: Video) -> str:
    """Changes with its words and captions, and with how far it is."""
    words = [getattr(video, word) for word in WORDS]
    tracks = [(track.language, track.label, track.digest) for track in video.tracks.all()]
    return etag_of("video", video.pk, words, tracks, video.state, video.progress, video.error)
