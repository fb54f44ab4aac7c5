"""Videos, and the captions that go with them."""

from datetime import timedelta

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lib.markdown import Film, Track
from lib.video import RECIPES
from library.models.uses import Use

FOLDER = "videos"  # in the storage, and below MEDIA_URL
# What was uploaded, with its place and time of recording: no server hands it out.
ORIGINALS = "originals"
MEDIA_TYPES = {
    **{recipe.extension: recipe.media_type for recipe in RECIPES},
    "jpg": "image/jpeg",
    "vtt": "text/vtt",
}
MAX_TRIES = 3
# The work says that it goes on every few seconds: who has been silent for longer was killed. It
# is also how long a failed attempt waits for the next.
CLAIM_LEASE = timedelta(minutes=5)


class VideoQuerySet(models.QuerySet):
    def waiting(self) -> "VideoQuerySet":
        """Videos that somebody may convert now: not made, not in work, not given up."""
        expired = Q(claimed_at=None) | Q(claimed_at__lt=timezone.now() - CLAIM_LEASE)
        return self.filter(expired, made_at=None, tries__lt=MAX_TRIES)

    def unused(self) -> "VideoQuerySet":
        """Videos that no text shows."""
        return self.exclude(Exists(VideoUse.objects.filter(video_id=OuterRef("pk"))))

    def claim(self, video_id: int) -> bool:
        """Take the work on one video. One winner; counts the attempt first, so that a film that
        kills its worker is given up, too."""
        claimed = self.waiting().filter(pk=video_id)
        return bool(claimed.update(claimed_at=timezone.now(), tries=F("tries") + 1, progress=0))


class Video(models.Model):
    """An uploaded video: readers get what a worker makes of it, never the upload itself."""

    class State(models.TextChoices):
        """Not stored: it follows from the other columns."""

        WAITING = "waiting", _("waiting to be converted")
        WORKING = "working", _("being converted")
        READY = "ready", pgettext_lazy("state of a video", "ready")
        FAILED = "failed", _("not converted")

    digest = models.CharField(_("content hash"), max_length=64, unique=True, editable=False)
    stem = models.CharField(max_length=80, editable=False)
    original = models.CharField(max_length=100, blank=True, editable=False)
    name = models.CharField(_("file name"), max_length=200)
    container = models.CharField(max_length=20, editable=False)
    width = models.PositiveIntegerField(_("width"), editable=False, help_text=_("Pixels."))
    height = models.PositiveIntegerField(_("height"), editable=False, help_text=_("Pixels."))
    seconds = models.FloatField(_("length"), null=True, editable=False, help_text=_("Seconds."))
    has_sound = models.BooleanField(_("sound"), default=False, editable=False)
    size = models.PositiveBigIntegerField(
        _("size"), editable=False, help_text=_("Bytes of the upload.")
    )
    # Bytes of each file that was made, by its extension.
    files = models.JSONField(default=dict, editable=False)
    alt = models.CharField(
        _("what it shows"),
        max_length=500,
        blank=True,
        help_text=_("Its name for those who do not see it."),
    )
    caption = models.CharField(_("caption"), max_length=500, blank=True)
    credit = models.CharField(_("credit"), max_length=200, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("uploaded by"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="videos",
    )
    created_at = models.DateTimeField(_("uploaded"), default=timezone.now, editable=False)
    made_at = models.DateTimeField(_("converted"), null=True, editable=False)
    claimed_at = models.DateTimeField(null=True, editable=False)
    tries = models.PositiveSmallIntegerField(default=0, editable=False)
    progress = models.PositiveSmallIntegerField(
        _("progress"), default=0, editable=False, help_text=_("Percent.")
    )
    error = models.CharField(_("reason"), max_length=300, blank=True, editable=False)

    objects = VideoQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("video")
        verbose_name_plural = _("videos")
        indexes = [
            models.Index(fields=["id"], name="video_not_made", condition=Q(made_at=None)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def state(self) -> str:
        """Where it is on its way, a State."""
        if self.made_at:
            return self.State.READY
        if self.tries >= MAX_TRIES and (self.error or not self._is_claimed):
            return self.State.FAILED
        return self.State.WORKING if self._is_claimed and not self.error else self.State.WAITING

    @property
    def _is_claimed(self) -> bool:
        return bool(self.claimed_at and self.claimed_at > timezone.now() - CLAIM_LEASE)

    def file_name(self, extension: str) -> str:
        """Where the storage keeps one of its files; its address is that below MEDIA_URL."""
        return f"{FOLDER}/{self.digest}/{self.stem}.{extension}"

    @property
    def url(self) -> str:
        """The root-relative address by which texts name it."""
        return settings.MEDIA_URL + self.file_name("mp4")

    @property
    def poster_url(self) -> str:
        return settings.MEDIA_URL + self.file_name("jpg")

    @property
    def sources(self) -> list[tuple[str, str]]:
        """MIME type and root-relative address of each file, the smaller first.

        Until it is converted these are all that there will be.
        """
        made = {key: size for key, size in self.files.items() if key != "jpg"}
        names = sorted(made, key=made.get) or [recipe.extension for recipe in RECIPES]
        return [(MEDIA_TYPES[name], settings.MEDIA_URL + self.file_name(name)) for name in names]

    @property
    def film(self) -> Film:
        """What a page needs to show it. One query for its captions unless they are prefetched."""
        tracks = tuple(
            Track(track.url, track.language, track.label or track.language)
            for track in self.tracks.all()
        )
        return Film(
            self.url,
            self.width,
            self.height,
            self.alt,
            tuple(self.sources),
            self.poster_url,
            tracks,
        )


class CaptionTrack(models.Model):
    """What is said in a video, as WebVTT in one language."""

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="tracks")
    language = models.CharField(
        _("language"),
        max_length=20,
        validators=[RegexValidator(r"^[a-z]{2,3}(-[a-z0-9]{2,8})*\Z")],
        help_text=_("A language tag: en, zh-hans."),
    )
    label = models.CharField(
        _("name of the language"), max_length=60, blank=True, help_text=_("As the player lists it.")
    )
    # Of its content, which is part of the address: a corrected one is seen at once.
    digest = models.CharField(max_length=16, editable=False)

    class Meta:
        ordering = ["language"]
        verbose_name = _("captions")
        verbose_name_plural = _("captions")
        constraints = [models.UniqueConstraint(fields=["video", "language"], name="captions_once")]

    def __str__(self) -> str:
        return self.label or self.language

    @property
    def file_name(self) -> str:
        """Where the storage keeps it."""
        return f"{FOLDER}/{self.video.digest}/{self.language}-{self.digest}.vtt"

    @property
    def url(self) -> str:
        return settings.MEDIA_URL + self.file_name


class VideoUse(Use):
    """That a thing of a higher app shows a video."""

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="uses")

    class Meta:
        verbose_name = _("use of a video")
        verbose_name_plural = _("uses of videos")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "object_id", "place", "video"], name="video_use_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}: {self.video_id}"
