"""Videos over the API: what all of the library has, uploads, how far they are, captions."""

from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.policy import require
from lib.api.conditional import etag_of
from lib.api.parsers import JSONParser, MultiPartParser
from library import policy
from library.media_api import LibraryViewSet, PlaceSerializer, SortedInput, sorted_into
from library.models import CaptionTrack, Video
from library.replacing_videos import replace_video
from library.videos import (
    WORDS,
    address_hash,
    delete_video,
    describe_video,
    examine_video,
    set_captions,
    store_video,
)

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


class ReplacementSerializer(serializers.ModelSerializer):
    """A file that takes the place of the present one when it is converted."""

    state = serializers.ChoiceField(choices=Video.State.choices, help_text="Where it is.")

    class Meta:
        model = Video
        fields = ["name", "state", "progress", "error"]
        read_only_fields = fields


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
    collections = PlaceSerializer(many=True, help_text="That it is sorted into.")
    captions = CaptionSerializer(source="tracks", many=True)
    replacement = ReplacementSerializer(
        source="replacement.upload",
        default=None,
        allow_null=True,
        help_text="What takes its place when it is converted; mostly null.",
    )

    class Meta:
        model = Video
        fields = [
            *("id", "name", "url", "width", "height", "seconds", "has_sound", "size", *WORDS),
            *("uploaded_by", "created_at", "state", "progress", "error", "poster", "sources"),
            *("collections", "captions", "replacement"),
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


class VideoWords(serializers.Serializer):
    """What people say of a video."""

    alt = serializers.CharField(
        max_length=500, required=False, allow_blank=True, help_text="What it shows."
    )
    caption = serializers.CharField(max_length=500, required=False, allow_blank=True)
    credit = serializers.CharField(max_length=200, required=False, allow_blank=True)


class VideoInput(VideoWords, SortedInput):
    """The words of a video, and the collections it is in."""


class VideoReplaceInput(serializers.Serializer):
    """A video, as multipart/form-data."""

    file = serializers.FileField(max_length=500, help_text="MP4, MOV, WebM or MKV.")


class VideoUpload(VideoReplaceInput, VideoWords):
    """A video and its words, as multipart/form-data."""


class CaptionUpload(serializers.Serializer):
    """Captions in one language, as multipart/form-data."""

    file = serializers.FileField(max_length=500, help_text="WebVTT, at most 500 KB.")
    language = serializers.RegexField(
        r"^[a-z]{2,3}(-[a-z0-9]{2,8})*$", max_length=20, help_text="A tag such as zh-hans."
    )
    label = serializers.CharField(max_length=60, required=False, allow_blank=True)


class VideoViewSet(LibraryViewSet):
    """Videos. Writers look through all of them; a worker converts what is uploaded."""

    queryset = Video.objects.none()
    serializer_class = VideoSerializer
    throttle_scope: ClassVar[dict[str, str]] = {"create": "upload", "replace": "upload"}
    model = Video
    searched = ("name", *WORDS)
    words_serializer = VideoInput

    def get_parsers(self):
        # Asked before the action is known.
        if not self.detail or "replace" in self.action_map.values():
            return [VideoParser()]
        takes_file = "captions" in self.action_map.values()
        return [MultiPartParser()] if takes_file else [JSONParser()]

    def get_queryset(self) -> QuerySet:
        # What waits to take another's place is shown with that one.
        known = Video.objects.filter(replaces=None).prefetch_related("tracks", "collections")
        return known.select_related("uploaded_by", "replacement__upload")

    def describe(self, thing: Video) -> None:
        describe_video(thing, by=self.request.user)

    def remove(self, thing: Video) -> None:
        delete_video(thing, by=self.request.user)

    def etag_of(self, thing: Video) -> str:
        # Changes with its words, places and captions, and with how far it is.
        words = [*(getattr(thing, word) for word in WORDS), sorted_into(thing)]
        tracks = [(track.language, track.label, track.digest) for track in thing.tracks.all()]
        states = [(thing.digest, thing.state, thing.progress, thing.error)]
        if hasattr(thing, "replacement"):
            upload = thing.replacement.upload
            states.append((upload.digest, upload.state, upload.progress, upload.error))
        return etag_of("video", thing.pk, words, tracks, states)

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
            is_new = not Video.objects.filter(digest=address_hash(file)).exists()
            video = _named("file", store_video, file, file.name, by=request.user)
            if given and policy.may_describe(request.user, video):
                self.put_words(video, given)
        return self.answer_upload(video, is_new=is_new)

    @action(detail=True, methods=["post"])
    def replace(self, request: Request, pk: str) -> Response:
        """Give one another file, which takes its place when it is converted. Its words, captions
        and former address stay, texts follow."""
        video = get_object_or_404(self.get_queryset(), pk=pk)
        require(policy.may_describe(request.user, video))
        self.require_current(video)
        checked = VideoReplaceInput(data=request.data)
        checked.is_valid(raise_exception=True)
        file = checked.validated_data["file"]
        if self.is_dry_run:  # Stored files would outlive the transaction.
            _named("file", examine_video, file)
        else:
            _named("file", replace_video, video, file, file.name, by=request.user)
        return self.answer(get_object_or_404(self.get_queryset(), pk=pk))

    @action(detail=True, methods=["post"])
    def captions(self, request: Request, pk: str) -> Response:
        """Give one captions in a language, instead of those it has in it."""
        with transaction.atomic():
            video = self.locked(pk)
            require(policy.may_describe(request.user, video))
            self.require_current(video)
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
        return self.answer(video)


def _named(field: str, function, *args, **options) -> Any:
    """What `function` gives; a refusal is told of `field`."""
    try:
        return function(*args, **options)
    except ValidationError as error:
        raise ValidationError({field: error.messages}) from error
