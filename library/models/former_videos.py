"""Videos whose file is replaced: what takes their place, and what they showed before."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from library.models.former import FOLDER
from library.models.videos import Video


class VideoReplacement(models.Model):
    """An upload that takes the place of a video as soon as it is converted.

    Until then it is a video like others that no list shows.
    """

    video = models.OneToOneField(Video, on_delete=models.CASCADE, related_name="replacement")
    upload = models.OneToOneField(Video, on_delete=models.CASCADE, related_name="replaces")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        verbose_name = _("new file of a video")
        verbose_name_plural = _("new files of videos")

    def __str__(self) -> str:
        return f"{self.upload_id}: {self.video_id}"


class FormerVideo(models.Model):
    """What a video showed before, by the content hash in its former address.

    The row stays as long as the video, since texts may name that address for ever. The files
    stay for a while, to be put back.
    """

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="former")
    digest = models.CharField(max_length=64, unique=True)
    facts = models.JSONField(default=dict)  # the columns that were the file's
    is_kept = models.BooleanField(default=True)
    replaced_at = models.DateTimeField(_("replaced"), default=timezone.now)
    replaced_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("replaced by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    class Meta:
        ordering = ["-replaced_at", "-id"]
        verbose_name = _("former file of a video")
        verbose_name_plural = _("former files of videos")

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.facts.get("name", "")

    def file_name(self, extension: str) -> str:
        """Where the storage keeps one of its files; no server hands it out."""
        return f"{FOLDER}/{self.digest}/{self.facts['stem']}.{extension}"
