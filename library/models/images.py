"""Images."""

from datetime import timedelta

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lib.images import rendition_widths
from lib.markdown import Picture
from library.models.uses import Place, Use

FRACTION = [MinValueValidator(0), MaxValueValidator(1)]
FOLDER = "images"  # in the storage, and below MEDIA_URL
MEDIA_TYPES = {
    "avif": "image/avif",
    "webp": "image/webp",
    "jpg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "svg": "image/svg+xml",
}
# A smaller file travels in one burst: copies of it would save nothing.
MIN_BYTES_FOR_RENDITIONS = 8_000
MAX_TRIES = 3
# Longer than the hard limit of a task: who holds a claim for longer was killed. It is also how
# long a failed attempt waits for the next.
CLAIM_LEASE = timedelta(minutes=15)


class ImageQuerySet(models.QuerySet):
    def waiting(self) -> "ImageQuerySet":
        """Images whose renditions somebody may make now: not made, not in work, not given up."""
        expired = Q(renditions_claimed_at=None) | Q(
            renditions_claimed_at__lt=timezone.now() - CLAIM_LEASE
        )
        return self.filter(expired, renditions_at=None, renditions_tries__lt=MAX_TRIES)

    def unused(self) -> "ImageQuerySet":
        """Images that nothing shows: no text, no cover."""
        return self.exclude(Exists(ImageUse.objects.filter(image_id=OuterRef("pk"))))

    def claim(self, image_id: int) -> bool:
        """Take the work on one image's renditions. One winner; counts the attempt first, so that
        a picture that kills its worker is given up, too."""
        claimed = self.waiting().filter(pk=image_id)
        return bool(
            claimed.update(
                renditions_claimed_at=timezone.now(), renditions_tries=F("renditions_tries") + 1
            )
        )


class Image(models.Model):
    """An uploaded image: cleaned, stored once by content hash, with renditions made later."""

    class Fallback(models.TextChoices):
        """The renditions for browsers that know neither AVIF nor WebP."""

        NONE = "", _("no renditions")
        JPEG = "jpg", "JPEG"
        PNG = "png", "PNG"

    digest = models.CharField(_("content hash"), max_length=64, unique=True, editable=False)
    file = models.FileField(_("file"), max_length=255, editable=False)
    name = models.CharField(_("file name"), max_length=200)
    media_type = models.CharField(_("type"), max_length=40, editable=False)
    width = models.PositiveIntegerField(_("width"), editable=False, help_text=_("Pixels."))
    height = models.PositiveIntegerField(_("height"), editable=False, help_text=_("Pixels."))
    size = models.PositiveBigIntegerField(_("size"), editable=False, help_text=_("Bytes."))
    # What stands there until it is loaded: levels of red, green and blue from 0 to 3.
    tint = models.CharField(max_length=3, blank=True, editable=False)
    fallback = models.CharField(
        _("renditions"), max_length=3, choices=Fallback, blank=True, editable=False
    )
    alt = models.CharField(
        _("alternative text"),
        max_length=500,
        blank=True,
        help_text=_("What the picture shows, for those who do not see it."),
    )
    decorative = models.BooleanField(
        _("decorative"),
        default=False,
        help_text=_("It says nothing that the text does not: screen readers pass over it."),
    )
    caption = models.CharField(_("caption"), max_length=500, blank=True)
    credit = models.CharField(_("credit"), max_length=200, blank=True)
    focal_x = models.FloatField(
        _("focal point, across"),
        default=0.5,
        validators=FRACTION,
        help_text=_("What must stay in view: 0 is the left edge, 1 the right."),
    )
    focal_y = models.FloatField(
        _("focal point, down"),
        default=0.5,
        validators=FRACTION,
        help_text=_("0 is the upper edge, 1 the lower."),
    )
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("uploaded by"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="images",
    )
    created_at = models.DateTimeField(_("uploaded"), default=timezone.now, editable=False)
    renditions_at = models.DateTimeField(_("renditions made"), null=True, editable=False)
    renditions_claimed_at = models.DateTimeField(null=True, editable=False)
    renditions_tries = models.PositiveSmallIntegerField(default=0, editable=False)
    renditions_error = models.CharField(
        _("renditions failed"), max_length=300, blank=True, editable=False
    )

    objects = ImageQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("image")
        verbose_name_plural = _("images")
        indexes = [
            models.Index(
                fields=["id"], name="image_without_renditions", condition=Q(renditions_at=None)
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def url(self) -> str:
        """The root-relative address: for ever the same, since it holds the content hash."""
        return settings.MEDIA_URL + self.file.name

    @property
    def text_alternative(self) -> str:
        """What to say instead of the picture; "" when it is decorative or nobody wrote it yet."""
        return "" if self.decorative else self.alt

    @property
    def renditions(self) -> dict[str, tuple[int, ...]]:
        """Widths in pixels by file name extension, best format first. Known before they are made.

        Empty for what is served as it is: drawings, animations, small files.
        """
        if not self.fallback:
            return {}
        widths = rendition_widths(self.width)
        return {"avif": widths, "webp": widths, self.fallback: widths}

    def rendition_name(self, width: int, extension: str) -> str:
        """Where the storage keeps one rendition; its address is that below MEDIA_URL."""
        return f"{FOLDER}/{self.digest}/{width}.{extension}"

    @property
    def picture(self) -> Picture:
        """What a page needs to show it, without a query."""
        sources = tuple(
            (
                MEDIA_TYPES[extension],
                ", ".join(
                    f"{settings.MEDIA_URL}{self.rendition_name(width, extension)} {width}w"
                    for width in widths
                ),
            )
            for extension, widths in self.renditions.items()
        )
        return Picture(self.url, self.width, self.height, self.text_alternative, sources, self.tint)

    @property
    def focus_classes(self) -> str:
        """The CSS classes by which a cropped picture keeps what must stay in view, in tenths."""
        x, y = (round(value * 10) * 10 for value in (self.focal_x, self.focal_y))
        return " ".join(
            f"focus-{axis}-{value}" for axis, value in (("x", x), ("y", y)) if value != 50
        )


class ImageUse(Use):
    """That a thing of a higher app uses an image."""

    Place = Place

    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="uses")

    class Meta:
        verbose_name = _("use of an image")
        verbose_name_plural = _("uses of images")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "object_id", "place", "image"], name="image_use_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}: {self.image_id}"
