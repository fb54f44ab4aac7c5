"""Heaps that people sort the library into."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from library.models.images import Image
from library.models.videos import Video


class Collection(models.Model):
    """Images and videos that somebody wants to find together. Readers do not see it."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)
    images = models.ManyToManyField(
        Image, verbose_name=_("images"), related_name="collections", blank=True
    )
    videos = models.ManyToManyField(
        Video, verbose_name=_("videos"), related_name="collections", blank=True
    )

    class Meta:
        ordering = ["name"]
        verbose_name = _("collection")
        verbose_name_plural = _("collections")

    def __str__(self) -> str:
        return self.name
