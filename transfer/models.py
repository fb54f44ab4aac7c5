"""What came from where."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

MAX_PATH = 500  # characters


class ImportedItem(models.Model):
    """A post or page that an import made of a file.

    It is written in the transaction of its post, so an interrupted import goes on where it
    stopped and a second one finds nothing to do.
    """

    source = models.CharField(_("source"), max_length=200)
    path = models.CharField(_("file"), max_length=MAX_PATH)
    # SHA-256 of everything of the source that the result depends on.
    fingerprint = models.CharField(_("fingerprint"), max_length=64)
    importer_version = models.PositiveIntegerField(_("importer version"))
    # The version of the post or page as the import left it: a higher one was edited here.
    content_version = models.PositiveIntegerField(_("version imported"))
    # Both null: it was deleted here, and is not brought back.
    post = models.OneToOneField(
        "blog.Post", null=True, blank=True, on_delete=models.SET_NULL, related_name="imported_from"
    )
    page = models.OneToOneField(
        "blog.Page", null=True, blank=True, on_delete=models.SET_NULL, related_name="imported_from"
    )
    imported_at = models.DateTimeField(_("imported"), default=timezone.now)

    class Meta:
        ordering = ["source", "path"]
        verbose_name = _("imported file")
        verbose_name_plural = _("imported files")
        constraints = [
            models.UniqueConstraint(fields=["source", "path"], name="imported_once"),
            models.CheckConstraint(
                condition=models.Q(post__isnull=True) | models.Q(page__isnull=True),
                name="imported_to_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source}: {self.path}"

    @property
    def content(self) -> models.Model | None:
        """The post or page it became; None when that was deleted."""
        return self.post or self.page
