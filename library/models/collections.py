"""Heaps that people sort the library into."""

from django.db import models
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from library.models.images import Image
from library.models.videos import Video


class CollectionQuerySet(models.QuerySet):
    def with_counts(self) -> "CollectionQuerySet":
        """Each with `images_in_it` and `videos_in_it`: how many."""
        return self.annotate(
            images_in_it=_count_of(Collection.images.through),
            videos_in_it=_count_of(Collection.videos.through),
        )


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

    objects = CollectionQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("collection")
        verbose_name_plural = _("collections")

    def __str__(self) -> str:
        return self.name


def _count_of(through: type[models.Model]) -> Coalesce:
    """How many rows of `through` each collection has; two joins would multiply each other."""
    rows = through.objects.filter(collection=OuterRef("pk")).order_by().values("collection")
    return Coalesce(Subquery(rows.annotate(count=Count("pk")).values("count")), 0)
