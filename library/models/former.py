"""Files that were replaced: their addresses lead to what stands there now."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from library.models.images import Image

FOLDER = "former"  # in the storage; no server hands it out


class FormerFile(models.Model):
    """What an image showed before, by the content hash in its former address.

    The row stays as long as the image, since texts may name that address for ever. The file
    stays for a while, to be put back.
    """

    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="former")
    digest = models.CharField(max_length=64, unique=True)
    file = models.CharField(max_length=255, blank=True)
    name = models.CharField(_("file name"), max_length=200)
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
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
        verbose_name = _("former file")
        verbose_name_plural = _("former files")

    def __str__(self) -> str:
        return self.name
