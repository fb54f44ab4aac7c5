"""Addresses that things with a page had before. They answer one 301 for ever."""

import unicodedata
from urllib.parse import unquote, urlsplit

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

MAX_PATH_LENGTH = 500  # characters


def path_key(path: str) -> str:
    """The form in which two paths are compared: decoded, NFC, casefolded, without / at the ends.

    Old generators disagree about case (Hugo lowers it) and about the final slash; nobody
    publishes two pages that differ in these alone.
    """
    path = unquote(urlsplit(path).path) if "://" in path else unquote(path.split("?")[0])
    return unicodedata.normalize("NFC", path).casefold().strip("/")


class OldAddressQuerySet(models.QuerySet):
    def at(self, path: str) -> "OldAddressQuerySet":
        """The old addresses (none or one) that a request for `path` means."""
        return self.filter(key=path_key(path))

    def remember(self, path: str, target: models.Model, *, take_over: bool = False) -> bool:
        """From now on `path` leads to `target`. False when it does already.

        Raises ValidationError when `path` is no usable path, or leads to something else, unless
        `take_over`: who lived at an address last has it.
        """
        key = path_key(path)
        if not key or len(key) > MAX_PATH_LENGTH:
            raise ValidationError(
                _("This is not an address that can be redirected: %s") % path[:80]
            )
        content_type = ContentType.objects.get_for_model(target)
        values = {"content_type": content_type, "object_id": target.pk}
        if take_over:
            return self.update_or_create(key=key, defaults=values)[1]
        address, created = self.get_or_create(key=key, defaults=values)
        if (address.content_type_id, address.object_id) != (content_type.pk, target.pk):
            raise ValidationError(
                _("The address /%(path)s already leads to something else.") % {"path": key}
            )
        return created

    def forget(self, path: str, target: models.Model) -> None:
        """`target` lives at `path` again, so the path must not redirect."""
        self.filter(
            key=path_key(path),
            content_type=ContentType.objects.get_for_model(target),
            object_id=target.pk,
        ).delete()


class OldAddress(models.Model):
    """A former path of a post, page, category, tag, series or person."""

    key = models.CharField(_("path"), max_length=MAX_PATH_LENGTH, unique=True)
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE)
    object_id = models.PositiveBigIntegerField()
    target = GenericForeignKey("content_type", "object_id")
    created_at = models.DateTimeField(_("since"), default=timezone.now, editable=False)

    objects = OldAddressQuerySet.as_manager()

    class Meta:
        ordering = ["key"]
        verbose_name = _("old address")
        verbose_name_plural = _("old addresses")
        indexes = [models.Index(fields=["content_type", "object_id"], name="old_address_by_target")]

    def __str__(self) -> str:
        return f"/{self.key}"
