"""What came from where, and what was put by."""

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


class BackupRunQuerySet(models.QuerySet):
    def latest_of(self, kind: "BackupRun.Kind", *, good: bool = False) -> "BackupRun | None":
        """The newest run of this kind that ended; with `good`, that ended well."""
        ended = self.filter(kind=kind, ended_at__isnull=False)
        if good:
            ended = ended.filter(error="")
        return ended.order_by("-ended_at").first()


class BackupRun(models.Model):
    """A backup that was made on this machine, or a restore that was tried out."""

    class Kind(models.TextChoices):
        BACKUP = "backup", _("Backup")
        DRILL = "drill", _("Restore drill")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    started_at = models.DateTimeField(_("begun"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended"), null=True)
    path = models.CharField(_("file"), max_length=500, blank=True)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    size = models.PositiveBigIntegerField(_("size"), default=0, help_text=_("Bytes."))
    rows = models.PositiveBigIntegerField(_("rows"), default=0)
    files = models.PositiveBigIntegerField(_("files"), default=0)
    error = models.CharField(_("failed"), max_length=500, blank=True)

    objects = BackupRunQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("backup")
        verbose_name_plural = _("backups")
        indexes = [models.Index(fields=["kind", "-ended_at"], name="backup_run_latest")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def is_good(self) -> bool:
        return self.ended_at is not None and not self.error

    def end(self, error: object = "", **found) -> None:
        """Keep how it went."""
        for name, value in found.items():
            setattr(self, name, value)
        self.error = " ".join(str(error).split())[:500]
        self.ended_at = timezone.now()
        self.save()
