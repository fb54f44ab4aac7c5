"""What people say of themselves, and how an account ends."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from lib.avatars import SIDES
from lib.cleaning import checked_text

MAX_LINKS = 10
LINK_NAME_MAX_LENGTH = 60  # characters
LINK_ADDRESS_MAX_LENGTH = 200  # characters
AVATAR_FOLDER = "avatars"  # in the storage, and below MEDIA_URL
_check_address = URLValidator(schemes=["http", "https"])


def avatar_path(digest: str, side: int) -> str:
    """The root-relative address of one square of a picture."""
    return f"{settings.MEDIA_URL}{AVATAR_FOLDER}/{digest}/{side}.webp"


def checked_links(links: object) -> list[dict[str, str]]:
    """`links`, each a dict of "name" (may be empty) and "url", cleaned.

    Raises ValidationError with the reason: too many, too long, not http(s).
    """
    if not isinstance(links, list):
        raise ValidationError(_("Give a list of links."))
    if len(links) > MAX_LINKS:
        message = ngettext("At most %d link.", "At most %d links.", MAX_LINKS)
        raise ValidationError(message % MAX_LINKS)
    return [_checked_link(link) for link in links]


def _checked_link(link: object) -> dict[str, str]:
    if not isinstance(link, dict) or not all(
        isinstance(link.get(key, ""), str) for key in ("name", "url")
    ):
        raise ValidationError(_("A link has a name and an address."))
    name = " ".join(checked_text(link.get("name", "")).split())
    url = checked_text(link.get("url", "")).strip()
    if len(name) > LINK_NAME_MAX_LENGTH:
        raise ValidationError(_("The name of a link may have 60 characters."))
    if len(url) > LINK_ADDRESS_MAX_LENGTH:
        raise ValidationError(_("The address of a link may have 200 characters."))
    try:
        _check_address(url)
    except ValidationError as error:
        message = gettext("“%(address)s” is not a web address.") % {"address": url[:80]}
        raise ValidationError(message) from error
    return {"name": name, "url": url}


class Profile(models.Model):
    """The part of an account that readers may see, and its end."""

    # The hash of the uploaded picture; its squares are files.
    avatar = models.CharField(_("picture"), max_length=64, blank=True, editable=False)
    links = models.JSONField(_("links"), default=list, blank=True, validators=[checked_links])
    # From this moment on the account is gone, whether or not a worker has emptied it.
    delete_at = models.DateTimeField(_("deleted from"), null=True, blank=True, editable=False)
    delete_heir = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("who gets the texts"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    erased_at = models.DateTimeField(_("erased"), null=True, blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def is_gone(self) -> bool:
        """Whether this account has come to its end: by the clock, not by a job."""
        return bool(self.erased_at or (self.delete_at and self.delete_at <= timezone.now()))

    @property
    def leaves_at(self):
        """When this account will be deleted unless the person thinks better of it, else None."""
        return None if self.is_gone else self.delete_at

    @property
    def avatar_urls(self) -> dict[int, str]:
        """Addresses of the person's picture by its side in pixels; empty without one."""
        if not self.avatar:
            return {}
        return {side: avatar_path(self.avatar, side) for side in SIDES}

    @property
    def avatar_small(self) -> str:
        """For a place of 48 CSS pixels; "" without a picture."""
        return self.avatar_urls.get(SIDES[0], "")

    @property
    def avatar_url(self) -> str:
        """For a place of 96 CSS pixels; "" without a picture."""
        return self.avatar_urls.get(SIDES[1], "")
