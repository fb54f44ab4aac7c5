"""That a thing of a higher app uses something of the library; see library.usage."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Place(models.TextChoices):
    """Where in that thing."""

    TEXT = "text", _("in the text")
    COVER = "cover", _("as the cover")
    WORKING = "working", _("in changes that are not published")


class Use(models.Model):
    """The thing `object_id` of `kind` uses something in `place`."""

    kind = models.CharField(max_length=30)
    object_id = models.PositiveBigIntegerField()
    place = models.CharField(max_length=10, choices=Place)

    class Meta:
        abstract = True
